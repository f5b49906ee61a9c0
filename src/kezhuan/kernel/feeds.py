"""The address of a person's calendar: nobody can guess it, and its owner makes it anew or closes it."""

from django.conf import settings
from django.core import signing

from kezhuan.kernel import journal
from kezhuan.kernel.access import Actor
from kezhuan.kernel.models import Person, Preference

_SALT = "kezhuan.feed"
_PATH = "/feeds/{}.ics"


def address(person: Person) -> str:
    """The address; empty while it is closed."""
    held = Preference.objects.filter(person=person, feed_open=True).first()
    return settings.SITE_URL + _PATH.format(_token(person, held.feed_number)) if held else ""


def _token(person: Person, number: int) -> str:
    return signing.Signer(salt=_SALT).sign_object([person.pk, number])


def open_feed(person: Person) -> str:
    """Give the calendar a new address; the one it had is good for nothing any more."""
    with journal.writing():
        Preference.objects.get_or_create(person=person)
        held = Preference.objects.select_for_update(no_key=True).get(person=person)
        Preference.objects.filter(person=person).update(feed_number=held.feed_number + 1, feed_open=True)
        journal.note("feed.opened", record=person.record, actor=Actor(person=person))
    return address(person)


def close_feed(person: Person) -> None:
    """Close it; closing it twice is closing it once."""
    with journal.writing():
        if Preference.objects.filter(person=person, feed_open=True).update(feed_open=False):
            journal.note("feed.closed", record=person.record, actor=Actor(person=person))


def read_address(token: str) -> Person | None:
    """Whose calendar a token opens; None for one that was never made here, or is not good any more."""
    try:
        number, count = signing.Signer(salt=_SALT).unsign_object(token)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    open_now = Preference.objects.filter(person=number, feed_open=True, feed_number=count)
    held = open_now.select_related("person__record").first()
    return held.person if held else None
