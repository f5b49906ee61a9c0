"""Seal what nobody is to read before it is opened: a key for each sealed thing, kept for whoever opens it under the
public half of a pair whose private half is not kept at all, but handed out as an opening code in two halves.

X25519 with a pair made for each wrapping, HKDF-SHA256, AES-256-GCM. Each half of a code is 128 random bits: who has one
alone knows nothing of the other.
"""

import base64
import binascii
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY = 32
"""Bytes of a key, and of either half of a pair."""
_HALF = 16
_NONCE = 12
_GROUP = 5


class Unreadable(Exception):
    """Something cannot be opened with this key, or was changed since it was sealed."""


def new_key() -> bytes:
    """A key for one sealed thing."""
    return secrets.token_bytes(KEY)


def seal(key: bytes, content: bytes) -> bytes:
    """The content, readable and unchanged only for whoever holds the key (32 bytes)."""
    nonce = secrets.token_bytes(_NONCE)
    return nonce + AESGCM(key).encrypt(nonce, content, None)


def unseal(key: bytes, sealed: bytes) -> bytes:
    """The content again; raises `Unreadable`."""
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], None)
    except (InvalidTag, ValueError):
        raise Unreadable from None


def derived(secret: bytes, purpose: str) -> bytes:
    """A key made of a secret for one purpose."""
    return HKDF(algorithm=hashes.SHA256(), length=KEY, salt=None, info=purpose.encode()).derive(secret)


def new_code() -> tuple[str, str]:
    """A new opening code: its two halves, as people read and type them."""
    return _spelled(secrets.token_bytes(_HALF)), _spelled(secrets.token_bytes(_HALF))


def public_half(code: tuple[str, str]) -> str:
    """What is kept of an opening code: enough to seal, not to open. Raises `Unreadable` for what is no code."""
    return _text(_private(code).public_key().public_bytes_raw())


def wrap(public: str, key: bytes) -> bytes:
    """A key, for whoever holds the code of this public half."""
    once = X25519PrivateKey.generate()
    shared = once.exchange(X25519PublicKey.from_public_bytes(base64.b64decode(public)))
    own = once.public_key().public_bytes_raw()
    return own + seal(derived(shared, f"wrap {_text(own)} {public}"), key)


def unwrap(code: tuple[str, str], wrapped: bytes) -> bytes:
    """The key again; raises `Unreadable` for another code."""
    own = wrapped[:KEY]
    shared = _private(code).exchange(X25519PublicKey.from_public_bytes(own))
    return unseal(derived(shared, f"wrap {_text(own)} {public_half(code)}"), wrapped[KEY:])


def _private(code: tuple[str, str]) -> X25519PrivateKey:
    secret = b"".join(_read(half) for half in code)
    return X25519PrivateKey.from_private_bytes(derived(secret, "opening code"))


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _spelled(half: bytes) -> str:
    letters = base64.b32encode(half).decode().rstrip("=")
    return "-".join(letters[at : at + _GROUP] for at in range(0, len(letters), _GROUP))


def _read(half: str) -> bytes:
    """Half a code as it was typed: small letters, blanks and hyphens do not matter, nor 0 for O and 1 for I."""
    letters = "".join(half.split()).replace("-", "").upper().replace("0", "O").replace("1", "I")
    try:
        read = base64.b32decode(letters + "=" * (-len(letters) % 8))
    except (binascii.Error, ValueError):
        raise Unreadable from None
    if len(read) != _HALF:
        raise Unreadable
    return read
