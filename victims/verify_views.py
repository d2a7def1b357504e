"""« Ce papier est-il authentique ? »: by the code of the receipt, or by the digest of a file that is never kept."""

import hashlib

from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from guichet.lib import ratelimit
from guichet.lib.text import clean_text
from victims.services import pdf_seals, receipts, seals

TRIES, PERIOD = 30, 600
LIMIT = 20 * 1024 * 1024


class Digesting(FileUploadHandler):
    """Hashes what passes and keeps none of it, neither in memory nor on disk."""

    def __init__(self):
        super().__init__()
        self.sum, self.size = hashlib.sha256(), 0

    def receive_data_chunk(self, raw_data, start):
        self.size += len(raw_data)
        if self.size > LIMIT:
            raise StopUpload(connection_reset=True)
        self.sum.update(raw_data)

    def file_complete(self, file_size):
        return None


# Nothing is changed by this form, and its file must not be read before our handler is in place.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def paper(request: HttpRequest) -> HttpResponse:
    wait = ratelimit.wait_before("verify-paper", ratelimit.client_address(request), allowed=TRIES, seconds=PERIOD)
    if wait:
        return _page(request, 429, wait=wait // 60 + 1)
    if request.method == "POST":
        return _uploaded(request)
    asked = request.GET
    if "numero" in asked:
        number, digest = _typed(asked["numero"], 20).upper(), _typed(asked.get("empreinte", ""), 64).lower()
        return _page(request, asked=True, genuine=receipts.receipt_known(number=number, digest=digest))
    if "sha256" in asked:
        return _page(request, asked=True, genuine=receipts.paper_known(_typed(asked["sha256"], 64).lower()))
    return _page(request)


def _typed(text: str, longest: int) -> str:
    """As it may be looked for: PostgreSQL takes no NUL."""
    return clean_text(text[:longest]).strip()


def _uploaded(request: HttpRequest) -> HttpResponse:
    digesting = Digesting()
    request.upload_handlers = [digesting]
    request.FILES  # noqa: B018 - reading it runs the handler
    if not digesting.size or digesting.size > LIMIT:
        return _page(request, 422, missing=True)
    return _page(request, asked=True, genuine=receipts.paper_known(digesting.sum.hexdigest()))


def _page(request: HttpRequest, status: int = 200, **page) -> HttpResponse:
    response = render(request, "dossier/verify.html", page, status=status)
    response.headers["Cache-Control"] = "no-store"
    return response


@require_safe
def key(request: HttpRequest) -> HttpResponse:
    """The public keys of the seal, the current one first: 64 hexadecimal characters a line."""
    return HttpResponse("".join(f"{each.hex()}\n" for each in seals.public_keys()), content_type="text/plain")


@require_safe
def certificate(request: HttpRequest) -> HttpResponse:
    """The certificate of the seal inside the PDFs, then its chain: PEM."""
    return HttpResponse(pdf_seals.certificates(), content_type="application/x-pem-file")
