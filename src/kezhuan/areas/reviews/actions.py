"""What is done to experts: entered into the pool by officers, their ties declared by themselves."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from kezhuan.areas.reviews.lifecycle import EXPERT
from kezhuan.areas.reviews.models import DeclaredTie, Expert, ExpertSort, TieKind
from kezhuan.areas.reviews.permissions import is_themselves, keeps_pool
from kezhuan.kernel import journal, outbox
from kezhuan.kernel.access import Actor, is_officer
from kezhuan.kernel.checks import require_fits, set_columns
from kezhuan.kernel.errors import NotAllowed, Problem, Refused
from kezhuan.kernel.lifecycle import held, open_record, touch
from kezhuan.kernel.models import Organisation, User
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.text import clean, today
from kezhuan.kernel.vocabulary import Field

JOIN = "expert.join"
"""Name of the letter that asks somebody to join the pool."""
MOST_TIES = 100
MOST_CAPACITY = 1000


@dataclass(frozen=True)
class ExpertFacts:
    """What an officer says of an expert; the employer by the code of its record."""

    sort: str
    fields: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    capacity: int = 50
    employer: str = ""


def check_facts(facts: ExpertFacts) -> list[Problem]:
    """What is wrong with what is said of an expert."""
    found = []
    if facts.sort not in ExpertSort.values:
        found.append(Problem("expert-sort", _("Say what the expert is asked as."), "sort"))
    if not facts.fields or set(facts.fields) - set(Field.values):
        found.append(Problem("expert-fields", _("Choose the technical fields that they know."), "fields"))
    if not 1 <= facts.capacity <= MOST_CAPACITY:
        message = _("Give a number of items a year from 1 to %(most)s.")
        found.append(Problem("expert-capacity", message % {"most": MOST_CAPACITY}, "capacity"))
    return found


def unit_named(code: str) -> Organisation | None:
    """The organisation whose record has this code; None where there is none."""
    rows = Organisation.objects.filter(record__code=clean(code).upper()).exclude(record__phase=Phase.VOID)
    return rows.select_related("record").first()


def _require_facts(facts: ExpertFacts) -> Organisation | None:
    problems, employer = check_facts(facts), unit_named(facts.employer)
    if clean(facts.employer) and employer is None:
        message = _("No organisation has the code “%(code)s”.")
        problems.append(Problem("organisation-unknown", message % {"code": clean(facts.employer)[:30]}, "employer"))
    if problems:
        raise Refused(problems)
    return employer


def enter_expert(*, actor: Actor, email: str, facts: ExpertFacts) -> Expert:
    """Ask the holder of an account, by its mail address, to join the pool of the office that the actor acts for.

    Raises `NotAllowed` or `Refused`.
    """
    office = actor.organisation
    if office is None or not keeps_pool(actor):
        raise NotAllowed(_("Experts are entered by the officers in charge of the pool."))
    employer = _require_facts(facts)
    user = User.objects.filter(email=email.strip().lower(), is_active=True).select_related("person__record").first()
    if user is None:
        raise Refused(Problem("email-unknown", _("No account has this mail address."), "email"))
    if Expert.objects.filter(person=user.person_id).exists():
        raise Refused(_twice())
    person = user.person
    said = {"sort": facts.sort, "fields": list(facts.fields), "capacity": facts.capacity}
    said |= {"topics": [clean(one) for one in facts.topics], "region": office.region}
    with journal.writing():
        try:
            with transaction.atomic():
                made: Expert = open_record(
                    EXPERT,
                    lambda record: Expert(record=record, person=person, employer=employer, **said),
                    actor=actor,
                    title=person.record.title,
                    title_en=person.record.title_en,
                )
        except IntegrityError:  # somebody else asked them in this moment
            raise Refused(_twice()) from None
        outbox.tell(person, JOIN, key=f"expert:{made.pk}:1", content={"expert": made.pk})
    return made


def _twice() -> Problem:
    return Problem("expert-twice", _("They are in the pool already, or were asked before."), "email")


def edit_expert(*, actor: Actor, expert: Expert, facts: ExpertFacts, expected_version: int) -> Expert:
    """Change what is said of an expert; raises `NotAllowed`, `Refused`, or `Conflict` when somebody else did."""
    if not is_officer.test(actor, expert) or is_themselves.test(actor, expert):
        raise NotAllowed(_("Experts are entered by the officers in charge of the pool."))
    employer = _require_facts(facts)
    with journal.writing():
        said = {"sort": facts.sort, "fields": list(facts.fields), "capacity": facts.capacity}
        said |= {"topics": [clean(one) for one in facts.topics]}
        changed = set_columns(expert, said | {"employer_id": employer.pk if employer is not None else None})
        require_fits(expert)
        expert.save()
        touch(EXPERT, expert, actor=actor, fields=changed, expected_version=expected_version)
    return expert


@dataclass(frozen=True)
class TieFacts:
    """A tie of an expert: its kind, the code of the organisation, and the day on which it ended."""

    kind: str
    organisation: str
    until: date | None = None


def declare_ties(*, actor: Actor, expert: Expert, ties: Sequence[TieFacts]) -> Expert:
    """Declare all ties that one has to organisations, in place of those declared before; an empty list says that there
    is none. Raises `NotAllowed` or `Refused`."""
    if not is_themselves.test(actor, expert):
        raise NotAllowed(_("Only the expert declares their own ties."))
    found, rows = _read_ties(ties)
    if found:
        raise Refused(found)
    with journal.writing():
        row: Expert = held(expert)
        row.ties.all().delete()
        DeclaredTie.objects.bulk_create(
            DeclaredTie(expert=row, kind=one.kind, organisation=unit, until=one.until) for one, unit in rows
        )
        row.declared_on = today()
        row.save(update_fields=["declared_on"])
        touch(EXPERT, row, actor=actor, fields=["ties"])
    return row


def _read_ties(ties: Sequence[TieFacts]) -> tuple[list[Problem], list[tuple[TieFacts, Organisation]]]:
    found: list[Problem] = []
    rows: dict[tuple[str, int], tuple[TieFacts, Organisation]] = {}
    if len(ties) > MOST_TIES:
        found.append(Problem("ties-many", _("At most 100 ties are declared."), "ties"))
    for one in ties[:MOST_TIES]:
        unit = unit_named(one.organisation)
        if one.kind not in TieKind.values:
            found.append(Problem("tie-kind", _("Choose what the tie is."), "ties"))
        elif unit is None:
            message = _("No organisation has the code “%(code)s”.")
            found.append(Problem("organisation-unknown", message % {"code": clean(one.organisation)[:30]}, "ties"))
        else:
            rows[one.kind, unit.pk] = one, unit
    return found, list(rows.values())
