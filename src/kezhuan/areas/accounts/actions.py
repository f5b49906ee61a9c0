"""How people prove who they are when they sign in: password, one-time code, authenticator app, passkey."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib.auth.hashers import make_password
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kezhuan.areas.accounts import passkeys, totp
from kezhuan.areas.accounts.checks import normal_name
from kezhuan.areas.accounts.models import Factor, FactorKind
from kezhuan.areas.accounts.queries import account_of, factors_of
from kezhuan.areas.accounts.sealing import digest, unseal
from kezhuan.kernel import journal, limits
from kezhuan.kernel.access import Actor
from kezhuan.kernel.errors import Problem, Refused
from kezhuan.kernel.limits import Rate
from kezhuan.kernel.models import User
from kezhuan.kernel.text import now

PASSWORD_TRIES = Rate(10, 15 * 60)
"""Wrong passwords for one account, by whichever of its names; a right one is not counted."""
ADDRESS_TRIES = Rate(100, 15 * 60)
"""Wrong passwords from one network address: an office may share one."""
CODE_TRIES = Rate(5, 10 * 60)
"""Wrong codes for one account."""


def require_rate(key: str, rate: Rate, field: str = "") -> None:
    """Use a rate once; raises `Refused` with the minutes to wait when it is used up."""
    wait = limits.spend(key, rate)
    if wait:
        minutes = int(wait // 60) + 1
        sentence = ngettext(
            "Too many attempts. Wait %(minutes)s minute, or take another way to sign in.",
            "Too many attempts. Wait %(minutes)s minutes, or take another way to sign in.",
            minutes,
        )
        raise Refused(Problem("attempts-many", sentence % {"minutes": minutes}, field))


def password_key(user: User | None, name: str = "") -> str:
    """By what wrong passwords are counted: the account, whether it was named by mail or by mobile number; a name that
    no account has is counted by itself, so that waiting does not tell who has one."""
    return f"password:{user.pk}" if user is not None else f"password:{digest('name', normal_name(name))}"


def check_password(*, name: str, password: str, address: str) -> User:
    """The account of a mail address or mobile number, when this is its password.

    Raises `Refused` for a wrong pair, saying no more than that, and after too many of them.
    """
    user = account_of(name)
    rates = (
        (password_key(user, name), PASSWORD_TRIES),
        (f"address:{limits.network_of(address)}", ADDRESS_TRIES),
    )
    # Counted before the look at the password, so that many at once cannot all look first; what was right is given back.
    for key, rate in rates:
        require_rate(key, rate)
    if user is None:
        make_password(password)  # takes as long as the comparison, so that time does not tell who has an account
    if user is None or not user.check_password(password):
        note_failed(user=user, method="password", address=address)
        sentence = _("Mail address or mobile number and password do not belong together. Check both and try again.")
        raise Refused(Problem("sign-in-wrong", sentence))
    for key, rate in rates:
        limits.give_back(key, rate)
    return user


def use_code(*, user: User, typed: str, address: str) -> str:
    """Prove by the authenticator app's code, or by one of the recovery codes; returns which of the two it was.

    Each works once, also when it is sent twice at the same moment. Raises `Refused`.
    """
    key = f"code:{user.pk}"
    require_rate(key, CODE_TRIES, "code")
    kind = FactorKind.TOTP if _use_app(user, typed) else FactorKind.RECOVERY if _use_recovery(user, typed) else None
    if kind is None:
        note_failed(user=user, method="code", address=address)
        raise Refused(wrong_code())
    limits.give_back(key, CODE_TRIES)
    return kind.value


def wrong_code() -> Problem:
    """The sentence on a code that is wrong, used or too old."""
    return Problem("code-wrong", _("This code is wrong, was used before, or is too old. Take a new one."), "code")


def _use_app(user: User, typed: str) -> bool:
    for factor in factors_of(user, FactorKind.TOTP):
        secret = unseal(factor.secret)
        step = totp.matching_step(secret, typed) if secret is not None else None
        # The step is written where it is compared: of two who send one code at once, one is too late.
        fresh = Factor.objects.filter(pk=factor.pk, counter__lt=step) if step is not None else Factor.objects.none()
        if step is not None and fresh.update(counter=step, used_at=now()):
            return True
    return False


def _use_recovery(user: User, typed: str) -> bool:
    kept = digest("recovery", f"{user.pk}:{''.join(typed.split()).replace('-', '').lower()}")
    unused = factors_of(user, FactorKind.RECOVERY).filter(secret=kept, used_at=None)
    return bool(unused.update(used_at=now()))


def use_passkey(
    *, place: passkeys.Place, state: passkeys.State, answer: Mapping[str, Any], address: str, user: User | None = None
) -> User:
    """Prove by a passkey, of this account when one is named; raises `Refused`.

    A count that did not rise tells of a copied key: it is refused.
    """
    try:
        factor, count = passkeys.check(place, state, answer, user)
    except Refused:
        note_failed(user=user, method=FactorKind.PASSKEY, address=address)
        raise
    counted = Factor.objects.filter(pk=factor.pk)
    counted = counted.filter(counter__lt=count) if count else counted.filter(counter=0)
    if not counted.update(counter=count, used_at=now()):
        note_failed(user=factor.user, method=FactorKind.PASSKEY, address="")
        raise Refused(Problem("passkey-refused", _("This passkey was not accepted: it seems to be a copy.")))
    found = account_of(factor.user.email)
    if found is None:
        raise Refused(Problem("account-closed", _("This account is closed. Ask an officer.")))
    return found


def note_sign_in(*, user: User, methods: Sequence[str], address: str) -> None:
    """Note that somebody signed in: `methods` are password, code, totp, recovery, passkey or a provider's name."""
    with journal.writing():
        journal.note(
            "account.sign-in",
            actor=Actor(person=user.person),
            data={"user": user.pk, "methods": list(methods)},
            texts={"address": address},
        )


def note_failed(*, user: User | None, method: str, address: str) -> None:
    """Note that somebody failed to prove to be this account's holder, or named none; nobody is known to have acted.

    What was typed is not kept: who has no account here is nobody's business. The address can be erased. For each
    address so many entries are made and no more, so that nobody fills the journal.
    """
    if limits.spend(f"failed:{limits.network_of(address)}", ADDRESS_TRIES):
        return
    data = {"methods": [str(method)]} | ({"user": user.pk} if user is not None else {})
    with journal.writing():
        journal.note("account.sign-in-failed", data=data, texts={"address": address} if address else None)


def note_sign_out(*, user: User) -> None:
    """Note that somebody signed out."""
    with journal.writing():
        journal.note("account.sign-out", actor=Actor(person=user.person), data={"user": user.pk})
