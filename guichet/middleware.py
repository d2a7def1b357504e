"""Headers that every answer of the house bears, errors included."""

from asgiref.sync import iscoroutinefunction, markcoroutinefunction

HEADERS = {
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), interest-cohort=()",
    "X-Robots-Tag": "noindex, nofollow",
}
FINDABLE = ("/prevention/", "/numeros/", "/accessibilite/")


class HeadersMiddleware:
    """Sync and async capable, so that a page under daphne pays no thread hop for it."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response):
        self.get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request):
        if iscoroutinefunction(self.get_response):
            return self._later(request)
        return self._dress(request, self.get_response(request))

    async def _later(self, request):
        return self._dress(request, await self.get_response(request))

    @staticmethod
    def _dress(request, response):
        for name, value in HEADERS.items():
            if name == "X-Robots-Tag" and _may_be_found(request.path):
                continue
            response.headers.setdefault(name, value)
        if not request.path.startswith("/static/"):
            response.headers.setdefault("Cache-Control", "no-store")
        return response


def _may_be_found(path: str) -> bool:
    """Search engines may show what teaches; never a page of somebody's journey."""
    return path == "/" or path.startswith(FINDABLE)
