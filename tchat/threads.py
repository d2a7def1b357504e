"""Database work asked from the loop: a small pool of threads, each call with a fresh or healthy connection.

Never the process's one thread-sensitive thread: a slow query there would stop every conversation of the process.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from django.db import DatabaseError, InterfaceError, close_old_connections, connection

UNREACHABLE = (DatabaseError, InterfaceError)
_pool = ThreadPoolExecutor(4, thread_name_prefix="tchat-read")


async def in_thread(work: Callable, *args):
    return await asyncio.get_running_loop().run_in_executor(_pool, _fresh, work, *args)


def _fresh(work: Callable, *args):
    close_old_connections()
    try:
        return work(*args)
    except UNREACHABLE:
        connection.close()
        raise
    finally:
        close_old_connections()
