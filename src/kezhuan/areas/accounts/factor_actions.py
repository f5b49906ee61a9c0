"""What people do with what they sign in with: authenticator app, passkeys, recovery codes, mobile number, sessions."""

import secrets
from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from kezhuan.areas.accounts import letters, passkeys, totp
from kezhuan.areas.accounts.models import Factor, FactorKind, Session
from kezhuan.areas.accounts.queries import factors_of, second_factors_of, session_mark, sessions_of
from kezhuan.areas.accounts.sealing import digest, seal
from kezhuan.kernel import journal
from kezhuan.kernel.access import Actor
from kezhuan.kernel.errors import Conflict, Missing, NotAllowed, Problem, Refused
from kezhuan.kernel.marks import refuse_marked
from kezhuan.kernel.models import User
from kezhuan.kernel.text import clean, now

RECOVERY_CODES = 10
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Of a recovery code: none that is taken for another."""


def own_account(actor: Actor) -> User:
    """The account of who acts; raises `NotAllowed` for a visitor."""
    user = User.objects.filter(person=actor.person).select_related("person__record").first() if actor.person else None
    if user is None:
        raise NotAllowed(_("Everybody changes their own account only."))
    return user


def _note(name: str, user: User, actor: Actor, **data: Any) -> None:
    journal.note(f"account.{name}", record=user.person.record, actor=actor, data={"user": user.pk, **data})
    letters.tell_change(user, name)


def add_app(*, actor: Actor, secret: str, typed: str) -> list[str]:
    """Add an authenticator app that shows the secret's present code; returns the recovery codes when they are new.

    Raises `Refused` for a wrong code, `Conflict` when there is an app already.
    """
    user = own_account(actor)
    step = totp.matching_step(secret, typed)
    if step is None:
        sentence = _("This is not the code that the app shows now. Check the phone's clock and type the next one.")
        raise Refused(Problem("code-wrong", sentence, "code"))
    with journal.writing():
        first = not second_factors_of(user)
        factor = Factor(user=user, kind=FactorKind.TOTP, secret=seal(secret), counter=step, made_at=now())
        try:
            with transaction.atomic():
                factor.save(force_insert=True)
        except IntegrityError:
            raise Conflict(_("There is an authenticator app already. Remove it first.")) from None
        _note("factor-added", user, actor, factor=FactorKind.TOTP.value)
        return _make_recovery(user) if first else []


def add_passkey(
    *, actor: Actor, place: passkeys.Place, state: passkeys.State, answer: Mapping[str, Any], name: str
) -> list[str]:
    """Add a passkey that the browser made; returns the recovery codes when they are new. Raises `Refused`."""
    user = own_account(actor)
    made = passkeys.take_new(place, state, answer)
    factor = Factor(
        user=user,
        kind=FactorKind.PASSKEY,
        name=clean(name)[:60],
        secret=made.secret,
        handle=made.handle,
        counter=made.counter,
        made_at=now(),
    )
    refuse_marked(factor)
    with journal.writing():
        first = not second_factors_of(user)
        try:
            with transaction.atomic():
                factor.save(force_insert=True)
        except IntegrityError:
            raise Conflict(_("This passkey is known already.")) from None
        _note("factor-added", user, actor, factor=FactorKind.PASSKEY.value)
        return _make_recovery(user) if first else []


def remove_factor(*, actor: Actor, number: int) -> None:
    """Remove an app or a passkey; with the last one the recovery codes go too. Raises `Missing`."""
    user = own_account(actor)
    with journal.writing():
        held = Factor.objects.filter(user=user, pk=number).exclude(kind=FactorKind.RECOVERY).first()
        if held is None:
            raise Missing
        held.delete()
        if not second_factors_of(user):
            factors_of(user, FactorKind.RECOVERY).delete()
        _note("factor-removed", user, actor, factor=held.kind)


def remove_all_factors(*, user: User, actor: Actor) -> None:
    """Take all factors from an account whose holder has lost them; for whoever runs the machine."""
    with journal.writing():
        if Factor.objects.filter(user=user).delete()[0]:
            _note("factor-removed", user, actor, factor="all")


def renew_recovery(*, actor: Actor) -> list[str]:
    """New recovery codes in place of the old ones; raises `NotAllowed` for who has nothing to recover."""
    user = own_account(actor)
    if not second_factors_of(user):
        raise NotAllowed(_("Recovery codes belong to an authenticator app or a passkey. Add one first."))
    with journal.writing():
        codes = _make_recovery(user)
        _note("recovery-renewed", user, actor)
    return codes


def _make_recovery(user: User) -> list[str]:
    codes = ["".join(secrets.choice(_LETTERS) for _place in range(10)) for _code in range(RECOVERY_CODES)]
    factors_of(user, FactorKind.RECOVERY).delete()
    Factor.objects.bulk_create(
        Factor(user=user, kind=FactorKind.RECOVERY, secret=digest("recovery", f"{user.pk}:{code}"), made_at=now())
        for code in codes
    )
    return [f"{code[:5]}-{code[5:]}" for code in codes]


def set_mobile(*, actor: Actor, mobile: str) -> User:
    """Give one's account a mobile number that was proven by a code, or with an empty one take it away.

    Raises `Conflict` when another account has it.
    """
    user = own_account(actor)
    with journal.writing():
        user.mobile = mobile or None
        try:
            with transaction.atomic():
                user.save(update_fields=["mobile"])
        except IntegrityError:
            raise Conflict(_("Another account has this number.")) from None
        _note("mobile", user, actor)
    return user


def set_email(*, actor: Actor, email: str) -> User:
    """Give one's account another mail address, proven by a code; the old one is told. Raises `Conflict` when taken."""
    user = own_account(actor)
    former = user.email
    with journal.writing():
        letters.tell_change(user, "email")
        user.email = email
        try:
            with transaction.atomic():
                user.save(update_fields=["email"])
        except IntegrityError:
            raise Conflict(_("Another account has this mail address.")) from None
        # Whoever was reached by the old address is reached by the new one.
        if user.person.email == former:
            user.person.email = email
            user.person.save(update_fields=["email"])
        journal.note("account.email", record=user.person.record, actor=actor, data={"user": user.pk})
    return user


def end_session(*, actor: Actor, mark: str) -> None:
    """End one of one's own sessions; one that has ended already stays ended."""
    user = own_account(actor)
    keys = [one.session_key for one in sessions_of(user) if session_mark(one) == mark]
    with journal.writing():
        if Session.objects.filter(session_key__in=keys).delete()[0]:
            journal.note("account.session-ended", record=user.person.record, actor=actor, data={"user": user.pk})


def end_session_of(ticket: str) -> None:
    """End the session that was opened by a CAS ticket of this hash: its bearer has signed out there."""
    with journal.writing():
        for user in User.objects.filter(sessions__ticket=ticket).select_related("person__record"):
            Session.objects.filter(user=user, ticket=ticket).delete()
            by, data = Actor(person=user.person), {"user": user.pk}
            journal.note("account.session-ended", record=user.person.record, actor=by, data=data)


def end_other_sessions(*, user: User, keep: str | None, actor: Actor) -> int:
    """End every session of an account but the one that is kept; returns how many."""
    with journal.writing():
        ended = Session.objects.filter(user=user).exclude(session_key=keep or "").delete()[0]
        if ended:
            data = {"user": user.pk, "count": ended}
            journal.note("account.session-ended", record=user.person.record, actor=actor, data=data)
    return ended
