"""Pages as a person reads them: the words of `main`, without the markup."""

import re
from html import unescape

from django.test import Client

from tests.tchat import people
from victims.services import access

TAGS = re.compile(r"<[^>]+>")
HIDDEN = re.compile(r"<(template|noscript)\b.*?</\1>", re.DOTALL)


def words(response) -> str:
    page = response.content.decode()
    found = re.search(r"<main\b.*?</main>", page, re.DOTALL)
    body = HIDDEN.sub(" ", found[0] if found else page)
    return " ".join(unescape(TAGS.sub(" ", body)).replace("\u00a0", " ").split())


def victim(owner) -> Client:
    client = Client()
    client.cookies[access.COOKIE] = people.cookie_of(owner)
    return client


def signed_in(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def hidden(response, name: str) -> str:
    """The value of a hidden field, as a form without script would send it."""
    return re.search(rf'name="{name}" value="([^"]*)"', response.content.decode())[1]
