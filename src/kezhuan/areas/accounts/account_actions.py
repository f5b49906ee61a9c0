"""What people do with their own account: change how they are reached, and their password."""

from typing import Any

from django.utils.translation import gettext as _

from kezhuan.areas.accounts import letters
from kezhuan.areas.accounts.actions import PASSWORD_TRIES, password_key, require_rate
from kezhuan.areas.accounts.factor_actions import own_account
from kezhuan.areas.people.checks import email_problems, password_problems
from kezhuan.areas.people.lifecycle import PERSON
from kezhuan.kernel import holdings, journal, limits
from kezhuan.kernel.access import SYSTEM, VISITOR, Actor, is_officer
from kezhuan.kernel.checks import require_fits
from kezhuan.kernel.errors import NotAllowed, Problem, Refused
from kezhuan.kernel.lifecycle import touch
from kezhuan.kernel.models import Person, User
from kezhuan.kernel.text import clean, now


def edit_person(
    *,
    actor: Actor,
    person: Person,
    name: str,
    name_en: str = "",
    post: str,
    email: str,
    phone: str,
    expected_version: int,
) -> Person:
    """Correct one's own name, post, mail address for contact and telephone; the address one signs in with stays.

    Raises `NotAllowed`, `Refused`, or `Conflict` when it was changed meanwhile.
    """
    if actor.person is None or actor.person.pk != person.pk:
        raise NotAllowed(_("Everybody changes their own account only."))
    record = person.record
    called = {"title": clean(name), "title_en": clean(name_en)}
    typed = {"post": clean(post), "email": clean(email), "phone": clean(phone)}
    problems = email_problems(typed["email"]) if typed["email"] else []
    if not called["title"]:
        problems.insert(0, Problem("name-missing", _("Enter your name."), "name"))
    if problems:
        raise Refused(problems)
    with journal.writing():
        changed = []
        for row, values in ((record, called), (person, typed)):
            changed += [column for column, value in values.items() if getattr(row, column) != value]
            for column, value in values.items():
                setattr(row, column, value)
        require_fits(record, person)
        record.save(update_fields=list(called))
        person.save(update_fields=list(typed))
        touch(PERSON, person, actor=actor, fields=changed, expected_version=expected_version)
    return person


def copy_of_person(*, actor: Actor, person: Person) -> dict[str, Any]:
    """All that is held of a person, as one JSON object: for themselves, or for whoever answers them (个人信息查询).

    `holdings` are the tables with rows, each with its name and what the rows say. That it was asked for is noted.
    Raises `NotAllowed` for anybody but the person and the officers in charge of people.
    """
    own = actor.person is not None and actor.person.pk == person.pk
    if not own and actor is not SYSTEM and not is_officer.test(actor, person):
        raise NotAllowed(_("What is held of a person is told to them alone."))
    with journal.writing():
        journal.note("person.copy", record=person.record, actor=actor)
    tables = [{"table": key, "name": name, "rows": rows} for key, name, rows in holdings.told_of(person)]
    return {"person": person.record.code, "made_at": now(), "holdings": tables}


def change_password(*, actor: Actor, old: str, new: str) -> User:
    """Give one's own account a new password, for the old one.

    Raises `NotAllowed` for who has no account, or `Refused` for a wrong old password and a weak new one.
    """
    user = own_account(actor)
    if user.has_usable_password():
        key = password_key(user)
        require_rate(key, PASSWORD_TRIES, "old")
        if not user.check_password(old):
            raise Refused(Problem("password-wrong", _("This is not your present password."), "old"))
        limits.give_back(key, PASSWORD_TRIES)
    return give_password(user=user, password=new, actor=actor)


def set_password(*, email: str, password: str) -> User:
    """Give the account of a mail address a new password, by whoever runs the machine.

    Raises `Refused` for an unknown address or a weak password.
    """
    user = User.objects.filter(email=email.strip().lower()).first()
    if user is None:
        raise Refused(Problem("email-unknown", _("No account has this mail address."), "email"))
    return give_password(user=user, password=password, actor=VISITOR)


def give_password(*, user: User, password: str, actor: Actor) -> User:
    """Give an account a new password; whoever calls has seen a proof. All its sessions end: Django ties them to the
    password. Raises `Refused` for a weak one.
    """
    problems = password_problems(password, user)
    if problems:
        raise Refused(problems)
    with journal.writing():
        user.set_password(password)
        user.save(update_fields=["password"])
        journal.note("person.password", record=user.person.record, actor=actor, data={"user": user.pk})
        letters.tell_change(user, "password")
    return user
