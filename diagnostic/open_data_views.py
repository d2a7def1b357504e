"""The published content as open data: a page that says what it is, and the file. Built once per version."""

import functools
import json

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import quote_etag
from django.views.decorators.http import condition, require_safe

from diagnostic import content
from diagnostic.content import Document
from diagnostic.editing import live, services, stored
from diagnostic.editing.items import SECTIONS, section_name
from diagnostic.models import TreeVersion

NAME = "guichet-diagnostic.json"


@functools.lru_cache(maxsize=2)
def _published(number: int, version: str) -> tuple[Document, bytes]:
    """(content, file) of one version; one query the first time."""
    document = content.read() if number == live.FILES else services.document_of(TreeVersion.objects.get(number=number))
    return document, json.dumps(stored.exported(document), ensure_ascii=False, indent=1).encode()


def _now() -> tuple[int, str]:
    served = live.VERSIONS.served()
    return served.number, served.catalogue.version


def _etag(request: HttpRequest) -> str:
    return quote_etag(_now()[1])


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    document, raw = _published(*_now())
    parts = [(section_name(name), name, len(document.data[name])) for name in SECTIONS if name in document.data]
    context = {
        "version": document.version,
        "hash": document.digest(),
        "licence": stored.LICENCE,
        "size": len(raw) // 1000,
        "parts": parts,
        "name": NAME,
    }
    return render(request, "diagnostic/open_data.html", context)


@require_safe
@condition(etag_func=_etag)
def file(request: HttpRequest) -> HttpResponse:
    _, raw = _published(*_now())
    headers = {"Content-Disposition": f'attachment; filename="{NAME}"', "Access-Control-Allow-Origin": "*"}
    return HttpResponse(raw, content_type="application/json; charset=utf-8", headers=headers)
