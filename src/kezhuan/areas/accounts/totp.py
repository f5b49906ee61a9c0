"""Codes of an authenticator app: RFC 6238 with SHA-1, six digits and 30 seconds, which every app knows."""

import base64
import hmac
import secrets
import struct
import time
from urllib.parse import quote, urlencode

STEP = 30  # seconds
DIGITS = 6
DRIFT = 1
"""A code of so many steps before or after counts too: clocks differ and people type slowly."""


def new_secret() -> str:
    """160 random bits in base32, as apps take it."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def code_at(secret: str, step: int) -> str:
    """The code of a time step."""
    mac = hmac.digest(base64.b32decode(secret), struct.pack(">Q", step), "sha1")
    start = mac[-1] & 0x0F
    number = struct.unpack(">I", mac[start : start + 4])[0] & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}d}"


def matching_step(secret: str, typed: str, moment: float | None = None) -> int | None:
    """The time step whose code was typed, near the moment; nothing when there is none."""
    code = "".join(typed.split())
    present = int((time.time() if moment is None else moment) // STEP)
    steps = [present + away for away in range(-DRIFT, DRIFT + 1)]
    found = [step for step in steps if hmac.compare_digest(code_at(secret, step).encode(), code.encode())]
    return found[0] if found else None


def address(secret: str, account: str, site: str) -> str:
    """The otpauth address that an app reads from a QR code."""
    label = quote(f"{site}:{account}", safe="")
    return f"otpauth://totp/{label}?{urlencode({'secret': secret, 'issuer': site})}"
