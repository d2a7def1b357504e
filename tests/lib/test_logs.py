"""What the guichet writes in its log about an address that failed."""

import io
import logging

import pytest
from django.test import Client

from guichet.lib.logs import QuietPaths


@pytest.fixture
def log(monkeypatch):
    """What the handler of the settings writes."""
    handler = next(
        each for each in logging.getLogger().handlers if any(isinstance(f, QuietPaths) for f in each.filters)
    )
    written = io.StringIO()
    monkeypatch.setattr(handler, "stream", written)
    return written


@pytest.mark.django_db
def test_signed_link_that_opens_nothing_leaves_its_key_in_no_log(client, log):
    client.get("/prestataire/demande/cle-signee-que-personne-ne-doit-lire/")

    assert "Gone: /prestataire/demande/<str:token>/" in log.getvalue()
    assert "signee" not in log.getvalue()


def test_address_without_a_page_is_told_without_its_long_words(client, log):
    client.get("/dossier/jeanne.martin.1987@exemple.fr/n-existe-pas/")

    assert "Not Found: /dossier/…/n-existe-pas/" in log.getvalue()


@pytest.mark.django_db
def test_form_of_another_site_leaves_no_key_in_the_log(log):
    Client(enforce_csrf_checks=True).post("/prestataire/demande/cle-signee-que-personne-ne-doit-lire/accepter/")

    assert "/prestataire/demande/<str:token>/accepter/" in log.getvalue()
    assert "signee" not in log.getvalue()
