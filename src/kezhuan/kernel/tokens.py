"""Tokens: keys that people make for their programs, looked up by their hash and ended with what they stand on."""

import hashlib
import hmac
import secrets
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q

from kezhuan.kernel import journal
from kezhuan.kernel.access import Actor, actor_as
from kezhuan.kernel.errors import Text
from kezhuan.kernel.models import Organisation, Person, Token
from kezhuan.kernel.outages import unless_busy
from kezhuan.kernel.scopes import Scope
from kezhuan.kernel.text import now, today

PREFIX = "kz_"
"""Every secret begins with it, so that one that was left in a file is recognised."""
USE_NOTED = timedelta(minutes=5)
"""The last use is written down this often at most: reading stays reading."""

_scopes: dict[str, Text] = {}


def name_scope(name: str, label: Text) -> None:
    """Make something a token can be limited to: a kind with routes of its own, or another part of the API."""
    _scopes[name] = label


def scopes() -> dict[str, Text]:
    """What a token can be limited to, by name."""
    return dict(_scopes)


def new_seed() -> str:
    """What a secret is made from: stands in the form, so that a form sent twice makes one token."""
    return secrets.token_urlsafe(32)


def secret_of(seed: str) -> str:
    """The secret that belongs to a seed; without the site's own key nobody can compute it."""
    made = hmac.new(settings.SECRET_KEY.encode(), b"token\0" + seed.encode(), hashlib.sha256).hexdigest()
    return f"{PREFIX}{made}"


def digest_of(secret: str) -> str:
    """What is kept of a secret. It holds 256 random bits, so that nothing slower than SHA-256 is needed."""
    return hashlib.sha256(secret.encode()).hexdigest()


def find(secret: str) -> Token | None:
    """The token of a secret, whether it is still valid or not."""
    rows = Token.objects.select_related("person__record", "person__user", "organisation")
    return rows.filter(digest=digest_of(secret)).first()


def actor_of(token: Token) -> Actor | None:
    """Who a token stands for; nothing when it has ended or expired, or when membership or account have."""
    user = getattr(token.person, "user", None)
    if token.ended_at is not None or token.expires_on < today() or user is None or not user.is_active:
        return None
    actor = actor_as(token.person, token.organisation_id)
    if actor is None:
        return None
    return replace(actor, scope=Scope(frozenset(token.reads), frozenset(token.writes)))


def note_use(token: Token) -> None:
    """Write down that a token was used: the first time in the journal, then now and then, and not while the database
    is busy."""
    moment: datetime = now()
    if token.used_at is None:
        _note_first_use(token, moment)
    elif moment - token.used_at > USE_NOTED:
        unless_busy(lambda: Token.objects.filter(pk=token.pk).update(used_at=moment))


def _note_first_use(token: Token, moment: datetime) -> None:
    """Of two first requests at once one makes the entry."""
    with journal.writing():
        if Token.objects.filter(pk=token.pk, used_at=None).update(used_at=moment):
            by = Actor(person=token.person, organisation=token.organisation)
            journal.note("token.used", record=token.person.record, actor=by, data={"token": token.pk})


def end_token(token: Token, *, by: Actor, because: str) -> None:
    """End a token; one that has ended already stays as it is. `because`: asked, membership, account."""
    with journal.writing():
        if Token.objects.filter(pk=token.pk, ended_at=None).update(ended_at=now()):
            data = {"token": token.pk, "reason": because}
            journal.note("token.ended", record=token.person.record, actor=by, data=data)


def end_tokens(person: Person, organisation: Organisation | None, *, by: Actor, because: str) -> None:
    """End a person's tokens: those for one organisation, or all of them."""
    mine = Q(person=person) if organisation is None else Q(person=person, organisation=organisation)
    with journal.writing():
        for token in Token.objects.filter(mine, ended_at=None).select_related("person__record").order_by("pk"):
            end_token(token, by=by, because=because)


def end_with_account(row: Any, actor: Actor) -> None:
    """A step of the move that closes a person's record: what the person's programs could do ends with it."""
    end_tokens(row, None, by=actor, because="account")
