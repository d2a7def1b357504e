import pytest


@pytest.fixture(autouse=True)
def _light_hashes(settings):
    """Argon2 is made to be slow; these tests open many dossiers and prove nothing about it."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
