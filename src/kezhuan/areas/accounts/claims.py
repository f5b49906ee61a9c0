"""What an identity provider says of a person, and what of it counts here: the claim map, in plain Python."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kezhuan.areas.accounts.checks import normal_mobile
from kezhuan.kernel.text import clean


@dataclass(frozen=True)
class ClaimMap:
    """Which claim is what; a dot goes inside (`org.uscc`), an empty name means that there is none.

    An address or number is proven when its `…_verified` claim says so, or when the provider is known to keep proven
    ones only (`trusts`: email, mobile). The sign-in is a legal person's (法人) when the claim `legal_person` has one of
    the values of `legal_person_is`.
    """

    subject: str = "sub"
    email: str = "email"
    email_verified: str = "email_verified"
    name: str = "name"
    mobile: str = "phone_number"
    mobile_verified: str = "phone_number_verified"
    unit: str = ""
    unit_name: str = ""
    legal_person: str = ""
    legal_person_is: tuple[str, ...] = ()
    trusts: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Asserted:
    """A person as a provider asserts them; address and number only when they are proven there.

    `offered_email` is what the provider merely holds: good for filling a form.
    """

    subject: str
    name: str = ""
    email: str = ""
    mobile: str = ""
    offered_email: str = ""
    unit: str = ""
    unit_name: str = ""
    legal_person: bool = False


def _claim(claims: Mapping[str, Any], path: str) -> Any:
    value: Any = claims
    for part in path.split(".") if path else ():
        value = value.get(part) if isinstance(value, Mapping) else None
    return value if path else None


def _text(claims: Mapping[str, Any], path: str) -> str:
    value = _claim(claims, path)
    value = value[0] if isinstance(value, list) and value else value
    return clean(str(value)) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _yes(claims: Mapping[str, Any], path: str) -> bool:
    return _claim(claims, path) in (True, "true", "True", "1")


def asserted(claims: Mapping[str, Any], how: ClaimMap) -> Asserted | None:
    """The person of these claims; nothing when they do not name anybody."""
    subject = _text(claims, how.subject)
    if not subject or len(subject) > 255:
        return None
    email = _text(claims, how.email).lower()
    mobile = normal_mobile(_text(claims, how.mobile))
    email_proven = "email" in how.trusts or _yes(claims, how.email_verified)
    mobile_proven = "mobile" in how.trusts or _yes(claims, how.mobile_verified)
    legal = _text(claims, how.legal_person) if how.legal_person else ""
    return Asserted(
        subject=subject,
        name=_text(claims, how.name)[:80],
        email=email if email_proven and "@" in email else "",
        mobile=mobile if mobile_proven else "",
        offered_email=email if "@" in email else "",
        unit=_text(claims, how.unit),
        unit_name=_text(claims, how.unit_name)[:200],
        legal_person=bool(legal) and legal in how.legal_person_is,
    )
