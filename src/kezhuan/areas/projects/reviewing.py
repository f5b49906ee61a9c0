"""How panels judge for projects: whether one is accepted, by its indicators, milestones and evidence."""

from collections.abc import Mapping, Sequence

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from kezhuan.areas.calls.queries import targets_of
from kezhuan.areas.calls.wording import indicator_in_words
from kezhuan.areas.projects.models import Project
from kezhuan.areas.projects.permissions import sided
from kezhuan.areas.projects.queries import commitments_of, sides_of
from kezhuan.areas.projects.staffing import staff_of, units_of_staff
from kezhuan.areas.reviews.judging import Judging, Matter, Named, people_in
from kezhuan.kernel.models import Organisation, Record


def judged_items(project: Record) -> QuerySet[Record]:
    """The project itself, while its acceptance is asked for."""
    return Record.objects.filter(pk=project.pk, kind="project", stage="accepting")


def told_to_experts(ids: Sequence[int]) -> Mapping[int, Matter]:
    """What experts read of projects whose acceptance they judge, and whose matter it is."""
    rows = Project.objects.filter(pk__in=ids).select_related("record", "application__item")
    return {one.pk: _matter(one) for one in rows.prefetch_related("milestones", "evidence__unit__record")}


def _matter(row: Project) -> Matter:
    sides = dict(sides_of(row))
    words = {"leader": _("leader"), "poster": _("the poster"), "user": _("first user"), "member": _("member")}
    units = Organisation.objects.filter(pk__in=sides).values_list("record__title", "record__title_en")
    item = row.application.item
    staff, acting = staff_of(row), units_of_staff(row)
    named = people_in("、".join((row.application.leader, *(one.name for one in staff))))
    theirs = frozenset(acting[code].pk for code in ("", *(one.organisation for one in staff)) if code in acting)
    parties = {unit: str(words[part]) for unit, part in sides.items()}
    if named:  # known by name alone
        parties[row.pk] = _("named in the project, known by name alone")
    figures = [
        f"{indicator_in_words(asked)} → {said}"
        for asked, said in zip(targets_of(row.application), commitments_of(row), strict=False)
    ]
    told = [
        (_("Challenge"), f"{item.number} {item.title}"),
        (_("What is offered"), row.record.summary),
        (_("Answers to the indicators"), "\n".join(figures)),
        *(
            (f"{_('Milestone %(number)s') % {'number': one.number}}: {one.indicator}", one.report)
            for one in row.milestones.all()
        ),
        *((f"{one.get_kind_display()} · {one.unit.record.title}", one.words) for one in row.evidence.all()),
    ]
    return Matter(
        title=row.record.title,
        field=item.field,
        sections=tuple((str(label), said) for label, said in told if said),
        names=tuple(sorted({name for pair in units for name in pair if name} | named)),
        parties=parties,
        named=Named(named, theirs) if named else None,
    )


JUDGING = Judging(judged_items, told_to_experts, public_money=lambda _project: True, sided=sided)
