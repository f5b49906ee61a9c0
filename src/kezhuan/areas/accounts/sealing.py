"""Seal what the program must read again but a stolen database must not tell: with the site's signing key."""

import base64

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.utils.crypto import salted_hmac


def _key() -> Fernet:
    derived = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"kezhuan sealing")
    return Fernet(base64.urlsafe_b64encode(derived.derive(settings.SECRET_KEY.encode())))


def seal(text: str) -> str:
    """The text, readable with the site's key alone."""
    return _key().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str | None:
    """The text again; nothing when it was sealed with another key."""
    try:
        return _key().decrypt(sealed.encode()).decode()
    except InvalidToken:
        return None


def digest(purpose: str, text: str) -> str:
    """What is kept of a short secret that is only ever compared."""
    return salted_hmac(f"kezhuan.accounts.{purpose}", text, algorithm="sha256").hexdigest()
