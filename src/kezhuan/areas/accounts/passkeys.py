"""Passkeys: what the browser is asked for and how its answer is checked (WebAuthn; the library does the arithmetic)."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from fido2.server import Fido2Server
from fido2.utils import websafe_encode
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from kezhuan.areas.accounts.models import Factor, FactorKind
from kezhuan.kernel.errors import Problem, Refused
from kezhuan.kernel.models import User

State = dict[str, Any]
"""What must be remembered between asking the browser and its answer."""


@dataclass(frozen=True)
class Place:
    """The site as browsers know it: its origin (`https://kezhuan.example.cn`) and its name."""

    origin: str
    name: str

    @property
    def host(self) -> str:
        """The host without its port: what a passkey is bound to."""
        return self.origin.partition("://")[2].partition(":")[0]


@dataclass(frozen=True)
class Credential:
    """A passkey as it is kept: its id, the public credential in base64, its own count of uses."""

    handle: str
    secret: str
    counter: int


def _server(place: Place) -> Fido2Server:
    rp = PublicKeyCredentialRpEntity(id=place.host, name=place.name)
    return Fido2Server(rp, verify_origin=lambda origin: origin == place.origin)


def _refused() -> Refused:
    sentence = _("This passkey was not accepted. Try again, or take another way to sign in.")
    return Refused(Problem("passkey-refused", sentence))


def _credential(factor: Factor) -> AttestedCredentialData:
    return AttestedCredentialData(base64.b64decode(factor.secret))


def ask_for_new(place: Place, user: User, held: Sequence[Factor]) -> tuple[dict[str, Any], State]:
    """What a browser is asked to make a passkey from, and what to remember until it answers."""
    asked, state = _server(place).register_begin(
        PublicKeyCredentialUserEntity(
            id=user.person.record.uid.bytes, name=user.email, display_name=user.person.record.title
        ),
        credentials=[_credential(one) for one in held],
        resident_key_requirement=ResidentKeyRequirement.REQUIRED,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return dict(asked["publicKey"]), state


def take_new(place: Place, state: State, answer: Mapping[str, Any]) -> Credential:
    """The passkey that a browser made; raises `Refused` when the answer does not fit what was asked."""
    try:
        made = _server(place).register_complete(state, answer)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise _refused() from None
    held = made.credential_data
    if held is None:
        raise _refused()
    return Credential(websafe_encode(held.credential_id), base64.b64encode(held).decode(), made.counter)


def ask(place: Place, held: Sequence[Factor] | None = None) -> tuple[dict[str, Any], State]:
    """What a browser is asked to prove: one of these passkeys, or any that it knows for this site."""
    credentials = None if held is None else [_credential(one) for one in held]
    asked, state = _server(place).authenticate_begin(credentials, UserVerificationRequirement.REQUIRED)
    return dict(asked["publicKey"]), state


def check(place: Place, state: State, answer: Mapping[str, Any], user: User | None = None) -> tuple[Factor, int]:
    """The passkey that answered, of this user when one is named, and its new count; raises `Refused` otherwise."""
    try:
        given = AuthenticationResponse.from_dict(answer)
        rows = Factor.objects.filter(kind=FactorKind.PASSKEY, handle=websafe_encode(given.raw_id))
        factor = rows.select_related("user__person__record").first()
        if factor is None or (user is not None and factor.user_id != user.pk):
            raise _refused()
        bearer = given.response.user_handle
        if bearer is not None and bearer != factor.user.person.record.uid.bytes:
            raise _refused()
        _server(place).authenticate_complete(state, [_credential(factor)], answer)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise _refused() from None
    return factor, given.response.authenticator_data.counter
