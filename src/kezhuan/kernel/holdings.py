"""What the tables hold of a person: told to them in one file, and taken away when they are made anonymous.

Every table with a person in it is named here or by its area (a test walks over all of them). What an office must keep,
who moved what and when, names a person by number alone, so it stays; the number leads to nobody any more.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Model, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from kezhuan.kernel import journal, outbox
from kezhuan.kernel.access import Actor
from kezhuan.kernel.errors import Text
from kezhuan.kernel.models import (
    Clock,
    Disclosure,
    Document,
    Entry,
    Job,
    Membership,
    Message,
    Objection,
    Person,
    Preference,
    Record,
    Stop,
    Token,
    User,
    Watch,
    Webhook,
)
from kezhuan.kernel.text import now

NAME, NAME_EN = "已匿名", "Anonymised"
"""What somebody is called of whom nothing is kept."""


@dataclass(frozen=True)
class Holding:
    """What one column of a table says of a person.

    `path` leads from a row to the person, `tell` are the columns that a copy for them shows, and `forget` takes away of
    the rows what says who they are; without it the rows name a person by number alone.
    """

    label: Text
    model: type[Model]
    path: str
    tell: tuple[str, ...]
    forget: Callable[[QuerySet[Any], Person, Actor], object] | None = None

    def rows_of(self, person: Person) -> QuerySet[Any]:
        """The rows that say something of the person."""
        return self.model._default_manager.filter(**{self.path: person})


_holdings: list[Holding] = []


def hold(*holdings: Holding) -> None:
    """Name what tables hold of people; called once by each area when Django has loaded the models."""
    _holdings.extend(holdings)


_words: list[Callable[[Person], Q]] = []


def name_words(found: Callable[[Person], Q]) -> None:
    """Name more entries whose words tell of a person, and are erased with them; called once by each area."""
    _words.append(found)


def all_holdings() -> tuple[Holding, ...]:
    """Everything that was named."""
    return tuple(_holdings)


def told_of(person: Person) -> Iterator[tuple[str, str, list[dict[str, Any]]]]:
    """All that is held of a person: the key of a table, what it is in words, and its rows, the oldest first."""
    for holding in _holdings:
        rows = list(holding.rows_of(person).order_by("pk").values(*holding.tell))
        if rows:
            yield f"{holding.model._meta.label}.{holding.path}", str(holding.label), rows


def forget(person: Person, actor: Actor) -> None:
    """Take away all that says who a person is; a step of the move that makes them anonymous.

    Rows stay, so that every count is as before; words about the person in the journal are erased, and its chain proves
    itself all the same. Files that people uploaded are not looked into.
    """
    for holding in _holdings:
        if holding.forget is not None:
            holding.forget(holding.rows_of(person), person, actor)
    Record.objects.filter(pk=person.pk).update(title=NAME, title_en=NAME_EN, summary="")
    person.post = person.email = person.phone = ""
    person.save(update_fields=["post", "email", "phone"])
    person.record.refresh_from_db()


def _leave_contact(rows: QuerySet[Record], person: Person, actor: Actor) -> None:
    for record in rows.select_for_update(of=("self",), no_key=True):
        Record.objects.filter(pk=record.pk).update(contact=None, version=F("version") + 1, changed_at=now())
        note_left(record, person, actor)


def note_left(record: Record, person: Person, actor: Actor) -> None:
    """Note on a record that it does not name the person any more; the index reads it anew."""
    journal.note(f"{record.kind}.forget", record=record, actor=actor, data={"person": str(person.record.uid)})


def _erase_texts(_rows: QuerySet[Entry], person: Person, actor: Actor) -> None:
    """Erase names, addresses and numbers of the person that stand beside entries: on their own record, in the comings
    and goings of their organisations, and in what they did with their account."""
    units = Record.objects.filter(organisation__memberships__person=person)
    own = ("account.", "token.", "webhook.")
    theirs = Q(record=person.pk) | Q(record__in=units, data__member=str(person.record.uid))
    theirs |= Q(kind__startswith="person.deputy", data__deputy=str(person.record.uid))
    theirs |= Q(record__in=units, kind="organisation.handover", data__successor=str(person.record.uid))
    theirs |= Q(kind="approval.recuse", data__person=str(person.record.uid))
    for more in _words:
        theirs |= more(person)
    for kind in own:
        theirs |= Q(actor=person, kind__startswith=kind)
    for user in User.objects.filter(person=person):
        theirs |= Q(kind="account.sign-in-failed", data__user=user.pk)
    journal.erase_texts(theirs, record=person.record, actor=actor)


def _close_account(rows: QuerySet[User], person: Person, _actor: Actor) -> None:
    for user in rows:
        user.email, user.mobile, user.is_active = f"{person.record.uid}@anonymous.invalid", None, False
        user.set_unusable_password()
        user.save(update_fields=["email", "mobile", "is_active", "password"])


def delete(rows: QuerySet[Any], _person: Person, _actor: Actor) -> None:
    """A way to forget: the rows say nothing but of the person."""
    rows.delete()


hold(
    Holding(_("person"), Person, "pk", ("record__code", "record__title", "post", "email", "phone")),
    Holding(_("records that name the person as contact"), Record, "contact", ("code", "title"), _leave_contact),
    Holding(
        _("memberships"),
        Membership,
        "person",
        ("organisation__record__title", "role", "programme", "jurisdiction", "department", "since", "until"),
    ),
    Holding(_("what the person did"), Entry, "actor", ("seq", "at", "kind", "record__code"), _erase_texts),
    Holding(
        _("messages"),
        Message,
        "person",
        ("made_at", "channel", "to", "subject", "text", "state"),
        lambda _rows, person, _actor: outbox.erase_words(person),
    ),
    # After texts and messages, which are found by the account.
    Holding(_("account"), User, "person", ("email", "mobile", "is_active", "last_login"), _close_account),
    Holding(_("preferences"), Preference, "person", ("language", "channel", "card"), delete),
    Holding(_("topics that were stopped"), Stop, "person", ("topic", "at"), delete),
    Holding(_("saved searches and followed records"), Watch, "person", ("record__code", "path", "made_at"), delete),
    Holding(
        _("webhooks"),
        Webhook,
        "person",
        ("url", "form", "kinds", "made_at", "ended_at"),
        lambda rows, _person, _actor: rows.update(url="", robot_secret="", ended_at=now()),
    ),
    Holding(
        _("tokens of programs"),
        Token,
        "person",
        ("name", "reads", "writes", "made_at", "expires_on", "used_at", "ended_at"),
        lambda rows, _person, _actor: rows.update(name=NAME),
    ),
    Holding(
        _("objections"),
        Objection,
        "person",
        ("record__code", "name", "unit", "contact", "received_on"),
        lambda rows, _person, _actor: rows.update(name=NAME, unit="", contact=""),
    ),
    Holding(_("objections written down for others"), Objection, "entered_by", ("record__code", "received_on")),
    Holding(_("documents uploaded"), Document, "uploaded_by", ("record__code", "name", "size", "uploaded_at")),
    Holding(_("confidential things shown in these days"), Disclosure, "person", ("on", "what"), delete),
    Holding(_("jobs asked for"), Job, "person", ("name", "made_at", "state")),
    Holding(
        _("terms that wait for the person"),
        Clock,
        "person",
        ("record__code", "name", "started_on", "due_on", "ended_on"),
    ),
)
