"""What is done with dossiers: kept and changed by the members in charge of their sort. The only writers here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from kezhuan.areas.dossiers.lifecycle import DOSSIER
from kezhuan.areas.dossiers.models import Dossier, DossierSort, roles_of
from kezhuan.areas.dossiers.permissions import keeps
from kezhuan.kernel import journal
from kezhuan.kernel.access import Actor
from kezhuan.kernel.allowing import must_allow
from kezhuan.kernel.checks import require_fits, set_columns
from kezhuan.kernel.errors import Problem, Refused
from kezhuan.kernel.lifecycle import open_record, touch
from kezhuan.kernel.models import Organisation, Record
from kezhuan.kernel.opening import require_keeps
from kezhuan.kernel.text import clean, cleaned, today


@dataclass(frozen=True)
class DossierFacts:
    """What a unit says of a dossier; money in 分. `extra` are further columns of a file."""

    title: str
    sort: str
    on: date | None
    summary: str = ""
    number: str = ""
    amount_fen: int | None = None
    about: Record | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)


def check_facts(facts: DossierFacts, owner: Organisation) -> list[Problem]:
    """Everything that is wrong with a dossier of a unit."""
    found = []
    title = clean(facts.title)
    if not title:
        found.append(Problem("title-missing", _("Enter a title."), "title"))
    elif len(title) > 200:
        found.append(Problem("title-long", _("The title has at most 200 characters."), "title"))
    if facts.sort not in DossierSort.values:
        found.append(Problem("dossier-sort", _("Choose what the dossier is about."), "sort"))
    if facts.on is None:
        found.append(Problem("day-missing", _("Enter the day of the paper."), "on"))
    elif facts.on > today():
        found.append(Problem("day-later", _("This day lies in the future."), "on"))
    if facts.amount_fen is not None and facts.amount_fen < 0:
        found.append(Problem("price-negative", _("The price is not negative."), "amount"))
    if facts.about is not None and (facts.about.kind != "achievement" or facts.about.owner_id != owner.pk):
        found.append(Problem("dossier-about", _("Choose an achievement of your own unit."), "about"))
    return found


def keep_dossier(*, actor: Actor, owner: Organisation, facts: DossierFacts) -> Dossier:
    """Begin a dossier of the unit that the actor acts for; raises `NotAllowed` or `Refused`."""
    problems, on = check_facts(facts, owner), facts.on
    if problems or on is None:
        raise Refused(problems)
    require_keeps(actor, owner, roles_of(facts.sort))
    made: Dossier = open_record(
        DOSSIER,
        lambda record: Dossier(
            record=record,
            sort=facts.sort,
            number=clean(facts.number),
            on=on,
            amount_fen=facts.amount_fen,
            about=facts.about,
            extra=cleaned(dict(facts.extra)),
        ),
        actor=actor,
        title=facts.title,
        summary=facts.summary,
        owner=owner,
        contact=actor.person,
    )
    return made


def edit_dossier(*, actor: Actor, dossier: Dossier, facts: DossierFacts, expected_version: int) -> Dossier:
    """Change a dossier that is kept, its sort only to one that the actor keeps too; raises `NotAllowed`, `Refused`, or
    `Conflict` when somebody changed it meanwhile. What was filed of it stays as it was filed."""
    record, owner = dossier.record, dossier.record.owner
    said = _("Only the members in charge of it change this dossier while it is kept.")
    must_allow(keeps, actor, dossier, said, stages={"kept"})
    assert owner is not None  # it is kept for one
    if problems := check_facts(facts, owner):
        raise Refused(problems)
    require_keeps(actor, owner, roles_of(facts.sort))
    with journal.writing():
        texts = {"title": clean(facts.title), "summary": clean(facts.summary)}
        values = {
            "sort": facts.sort,
            "number": clean(facts.number),
            "on": facts.on,
            "amount_fen": facts.amount_fen,
            "about": facts.about,
        }
        changed = [*set_columns(record, texts), *set_columns(dossier, values)]
        require_fits(record, dossier)
        record.save(update_fields=list(texts))
        dossier.save()
        touch(DOSSIER, dossier, actor=actor, fields=changed, expected_version=expected_version)
    return dossier
