"""One-time codes: sent to a mail address or mobile number, kept as a hash in the session that asked, good once."""

import secrets
import time
from collections.abc import MutableMapping
from typing import Any

from django.utils.crypto import constant_time_compare

from kezhuan.areas.accounts import letters
from kezhuan.areas.accounts.actions import CODE_TRIES, require_rate, wrong_code
from kezhuan.areas.accounts.sealing import digest
from kezhuan.kernel.errors import Refused
from kezhuan.kernel.limits import Rate, network_of
from kezhuan.kernel.models.records import new_uid

KEY = "one_time_code"
GOOD_FOR = 600  # seconds
SENDS = Rate(3, 15 * 60)
"""Codes to one address or number."""
ADDRESS_SENDS = Rate(30, 60 * 60)
"""Codes asked for from one network address."""

Session = MutableMapping[str, Any]


def send(session: Session, *, purpose: str, to: str, address: str, known: bool = True, **carried: Any) -> None:
    """Send a code and remember its hash, with what is carried along until it comes back.

    `known` is false when nobody may get in by this address: then nothing is sent, and the page goes on as if. Raises
    `Refused` after too many.
    """
    require_rate(f"send:{digest('send', to)}", SENDS)
    require_rate(f"sends:{network_of(address)}", ADDRESS_SENDS)
    code = f"{secrets.randbelow(10**6):06d}"
    uid = str(new_uid())
    session[KEY] = {
        "uid": uid,
        "purpose": purpose,
        "to": to,
        "digest": digest("code", f"{uid}:{code}") if known else "",
        "until": time.time() + GOOD_FOR,
        "carried": carried,
    }
    if known:
        letters.send_code(to=to, code=code, key=f"code:{uid}")


def waiting(session: Session, purpose: str) -> dict[str, Any] | None:
    """The code that this page waits for; nothing when none was asked for, or it is too old."""
    held: dict[str, Any] | None = session.get(KEY)
    if held is None or held["purpose"] != purpose or held["until"] < time.time():
        return None
    return held


def take(session: Session, purpose: str, typed: str) -> dict[str, Any]:
    """What was carried along, with `to`, when this is the code; it is used up. Raises `Refused` otherwise."""
    held = waiting(session, purpose)
    if held is None:
        raise Refused(wrong_code())
    require_rate(f"code:{held['uid']}", CODE_TRIES, "code")
    given = digest("code", f"{held['uid']}:{''.join(typed.split())}")
    if not held["digest"] or not constant_time_compare(given, held["digest"]):
        raise Refused(wrong_code())
    del session[KEY]
    return {**held["carried"], "to": held["to"]}
