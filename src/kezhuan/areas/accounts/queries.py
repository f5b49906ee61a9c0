"""What is asked of accounts."""

from django.db.models import Q, QuerySet

from kezhuan.areas.accounts.checks import normal_name
from kezhuan.areas.accounts.models import Factor, FactorKind, Session
from kezhuan.areas.accounts.sealing import digest
from kezhuan.kernel.models import User
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.text import now


def account_of(name: str) -> User | None:
    """The open account of a mail address or mobile number, however it was typed."""
    normal = normal_name(name)
    found = Q(email=normal) if "@" in normal else Q(mobile=normal)
    return open_accounts().filter(found).first() if normal else None


def open_accounts() -> QuerySet[User]:
    """Accounts that may sign in, with their people."""
    rows = User.objects.filter(is_active=True).exclude(person__record__phase=Phase.DONE)
    return rows.select_related("person__record")


def factors_of(user: User, kind: str) -> QuerySet[Factor]:
    """An account's factors of a kind, oldest first."""
    return Factor.objects.filter(user=user, kind=kind).order_by("pk")


def second_factors_of(user: User) -> frozenset[str]:
    """The kinds of thing this account is asked for after its password; none for an account that has none."""
    held = frozenset(Factor.objects.filter(user=user).values_list("kind", flat=True))
    return held if held & {FactorKind.TOTP, FactorKind.PASSKEY} else frozenset()


def sessions_of(user: User) -> QuerySet[Session]:
    """Where the account is signed in now, the most recently seen first."""
    return Session.objects.filter(user=user, expire_date__gt=now()).order_by("-seen_at", "-since")


def session_mark(session: Session) -> str:
    """By what a page names a session: its key would open it."""
    return digest("session", session.session_key)[:24]


def recovery_left(user: User) -> int:
    """How many recovery codes are unused."""
    return factors_of(user, FactorKind.RECOVERY).filter(used_at=None).count()
