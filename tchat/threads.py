"""Database work asked from the loop: small pools of threads, each call with a fresh or healthy connection.

Never the process's one thread-sensitive thread: a slow query there would stop every conversation of the process. What
may wait for a row that somebody holds, and what keeps an agent present, each have threads of their own: neither takes
those with which everybody here looks. Signs of the moment ask no database: a Redis that hangs keeps only them waiting.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from django.db import DatabaseError, InterfaceError, close_old_connections, connection

UNREACHABLE = (DatabaseError, InterfaceError)
LOOKS = ThreadPoolExecutor(4, thread_name_prefix="tchat-look")
MARKS = ThreadPoolExecutor(2, thread_name_prefix="tchat-mark")
LEASES = ThreadPoolExecutor(1, thread_name_prefix="tchat-lease")
SIGNS = ThreadPoolExecutor(1, thread_name_prefix="tchat-sign")


async def in_thread(work: Callable, *args, pool: ThreadPoolExecutor = LOOKS):
    return await asyncio.get_running_loop().run_in_executor(pool, _fresh, work, *args)


def _fresh(work: Callable, *args):
    close_old_connections()
    try:
        return work(*args)
    except UNREACHABLE:
        connection.close()
        raise
    finally:
        close_old_connections()
