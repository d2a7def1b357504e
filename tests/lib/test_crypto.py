import base64
import os

import pytest

from guichet.lib import crypto


def test_sealed_text_opens_with_its_key_and_place():
    key = crypto.new_key()

    blob = crypto.seal(key, "Bonjour, été 🌻", bound="message:1")

    assert crypto.unseal(key, blob, bound="message:1").decode() == "Bonjour, été 🌻"
    assert b"Bonjour" not in blob


def test_sealed_text_moved_to_another_row_does_not_open():
    key = crypto.new_key()
    blob = crypto.seal(key, "secret", bound="message:1")

    with pytest.raises(crypto.CannotOpen):
        crypto.unseal(key, blob, bound="message:2")


@pytest.mark.parametrize("blob", [b"", b"short", b"\x93" * 64])
def test_damaged_value_is_told_and_never_returned(blob):
    with pytest.raises(crypto.CannotOpen):
        crypto.unseal(crypto.new_key(), blob, bound="x")


def test_wrapped_key_opens_for_its_owner_only():
    key = crypto.new_key()
    kek, wrapped = crypto.wrap(key, owner="a")

    assert crypto.unwrap(kek, wrapped, owner="a") == key
    with pytest.raises(crypto.CannotOpen):
        crypto.unwrap(kek, wrapped, owner="b")


def test_destroyed_key_never_opens():
    with pytest.raises(crypto.CannotOpen):
        crypto.unwrap("laptop", None, owner="a")


def test_old_kek_still_opens_after_a_new_one_is_put_first(settings):
    key = crypto.new_key()
    kek, wrapped = crypto.wrap(key, owner="a")
    fresh = "new:" + base64.b64encode(os.urandom(32)).decode()

    settings.GUICHET_KEKS = [fresh, *settings.GUICHET_KEKS]

    assert crypto.current_kek() == "new"
    assert crypto.unwrap(kek, wrapped, owner="a") == key


def test_cookie_comes_back_as_it_went():
    value = crypto.seal_cookie("parcours", {"answers": {"q": ["a1"]}})

    assert crypto.open_cookie("parcours", value, max_age=60) == {"answers": {"q": ["a1"]}}
    assert "answers" not in value


@pytest.mark.parametrize("tampered", ["", "x", "é", "a" * 5000, "AAAA", "%%%"])
def test_tampered_cookie_is_no_cookie(tampered):
    assert crypto.open_cookie("parcours", tampered, max_age=60) is None


def test_cookie_of_another_purpose_or_too_old_is_no_cookie():
    value = crypto.seal_cookie("parcours", {"a": 1})

    assert crypto.open_cookie("cles", value, max_age=60) is None
    assert crypto.open_cookie("parcours", value, max_age=-1) is None


def test_fingerprint_depends_on_the_secret_and_the_purpose(settings):
    mine = crypto.fingerprint("iban", "FR76")

    settings.SECRET_KEY = "another secret"

    assert mine != crypto.fingerprint("iban", "FR76")
    assert crypto.fingerprint("iban", "FR76") != crypto.fingerprint("phone", "FR76")
