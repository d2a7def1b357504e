"""What the log may hold of an address: never the part that opens something, nor what somebody typed there."""

import logging
import re

_LONG = re.compile(r"[^/]{16,}")


class QuietPaths(logging.Filter):
    """Django names the address of a request that failed. Signed links carry their key in it: the log gets the name of
    the address (« prestataire/demande/<str:token>/ ») instead, or, where no page answers, its short words only."""

    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None)
        path = getattr(request, "path", None)
        if path and isinstance(record.args, tuple):
            shown = _shown(request, path)
            record.args = tuple(shown if argument == path else argument for argument in record.args)
        return True


def _shown(request, path: str) -> str:
    match = getattr(request, "resolver_match", None)
    return f"/{match.route}" if match else _LONG.sub("…", path)
