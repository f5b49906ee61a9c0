"""What people do with their own account: change how they are reached, and their password."""

from django.utils.translation import gettext as _

from kezhuan.areas.people.actions import email_problems, password_problems
from kezhuan.areas.people.lifecycle import PERSON
from kezhuan.kernel import journal
from kezhuan.kernel.access import Actor
from kezhuan.kernel.checks import require_fits
from kezhuan.kernel.errors import NotAllowed, Problem, Refused
from kezhuan.kernel.lifecycle import touch
from kezhuan.kernel.models import Person, User
from kezhuan.kernel.text import clean


def edit_person(*, actor: Actor, person: Person, post: str, email: str, phone: str, expected_version: int) -> Person:
    """Change one's own post, mail address for contact and telephone; the address one signs in with stays.

    Raises `NotAllowed`, `Refused`, or `Conflict` when it was changed meanwhile.
    """
    if actor.person is None or actor.person.pk != person.pk:
        raise NotAllowed(_("Everybody changes their own account only."))
    typed = {"post": clean(post), "email": clean(email), "phone": clean(phone)}
    problems = email_problems(typed["email"]) if typed["email"] else []
    if problems:
        raise Refused(problems)
    with journal.writing():
        changed = [column for column, value in typed.items() if getattr(person, column) != value]
        for column, value in typed.items():
            setattr(person, column, value)
        require_fits(person)
        person.save(update_fields=list(typed))
        touch(PERSON, person, actor=actor, fields=changed, expected_version=expected_version)
    return person


def change_password(*, actor: Actor, old: str, new: str) -> User:
    """Give one's own account a new password, for the old one; all other sessions end.

    Raises `NotAllowed` for who has no account, or `Refused` for a wrong old password and a weak new one.
    """
    user = User.objects.filter(person=actor.person).first() if actor.person is not None else None
    if user is None:
        raise NotAllowed(_("Everybody changes their own account only."))
    if not user.check_password(old):
        raise Refused(Problem("password-wrong", _("This is not your present password."), "old"))
    return _give_password(user, new, actor)


def set_password(*, email: str, password: str) -> User:
    """Give the account of a mail address a new password, by whoever runs the machine.

    Raises `Refused` for an unknown address or a weak password.
    """
    user = User.objects.filter(email=email.strip().lower()).first()
    if user is None:
        raise Refused(Problem("email-unknown", _("No account has this mail address."), "email"))
    return _give_password(user, password, Actor())


def _give_password(user: User, password: str, actor: Actor) -> User:
    problems = password_problems(password, user)
    if problems:
        raise Refused(problems)
    with journal.writing():
        user.set_password(password)
        user.save(update_fields=["password"])
        journal.note(
            "person.password",
            record=user.person.record,
            actor=actor,
            data={"user": user.pk},
        )
    return user
