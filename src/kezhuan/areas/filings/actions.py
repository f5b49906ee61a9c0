"""What is done with filings: a unit files a version of an inner record to a bureau. The only writer of this area."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from kezhuan.areas.filings.lifecycle import FILING
from kezhuan.kernel import filings, journal, registry
from kezhuan.kernel.access import GROUPS, SYSTEM, Actor, region_of
from kezhuan.kernel.documents import documents_of
from kezhuan.kernel.errors import NotAllowed, Problem, Refused
from kezhuan.kernel.lifecycle import advance, open_record
from kezhuan.kernel.marks import refuse_marked_texts
from kezhuan.kernel.models import FiledFigure, Filing, Record
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.notices import content_hash
from kezhuan.kernel.text import clean

FILED_FILE = "filed"
"""Kind of a document that is a filing's: it proves what was filed, and nobody takes it back."""


SAME = "filing-same"
"""Code of the problem that this very content stands filed there already."""


def bureaus_for(row: Any) -> list[str]:
    """The districts to whose bureau a row may be filed: none, which is the city's, and that of its unit."""
    return list(dict.fromkeys(("", region_of(row))))


def file_record(
    *,
    actor: Actor,
    row: Any,
    region: str = "",
    programme: str = "",
    files: Sequence[int] = (),
    note: str = "",
) -> Filing:
    """File an inner record as it stands to the officers in charge of a programme in a district (empty ones: every
    programme, the city), with these of its files by id; a filing of it that stands there is corrected by it.

    Raises `NotAllowed`, or `Refused` with what is wrong, also where it is filed there already and has not changed.
    """
    refuse_marked_texts([note], "note")
    with journal.writing():
        # One after the other: two members who file at once make one filing.
        held = Record.objects.select_for_update(of=("self",), no_key=True).select_related("owner__record", "inner_to")
        record = held.get(pk=row.pk)
        row, telling = registry.row_of(record), registry.kind_of(record).filing
        row.record = record
        if actor.person is None or telling is None or not registry.may_file(actor, row):
            raise NotAllowed(_("Only members of the unit in charge of it file this record."))
        chosen = list(documents_of(record, GROUPS).filter(pk__in=set(files)).order_by("pk"))
        before = filings.standing(record, region, programme)
        content = filings.frozen(telling, row, chosen)
        if problems := _problems(row, region, programme, set(files) - {one.pk for one in chosen}, before, content):
            raise Refused(problems)
        filing = _opened(actor, row, before, content, region=region, programme=programme, note=clean(note))
        filings.keep_files(filing.record, chosen, kind=FILED_FILE, by=filing.filed_by)
        FiledFigure.objects.bulk_create(
            FiledFigure(filing=filing, name=name, fen=fen, on=date.fromisoformat(on))
            for name, fen, on in content["figures"]
        )
        if before is not None:
            advance(FILING, before, "supersede", actor=SYSTEM)
        data = {"other": str(filing.record.uid), "version": record.version, "sha256": filing.content_hash}
        journal.note("filing.made", record=record, actor=actor, data=data)
    return filing


def _opened(
    actor: Actor,
    row: Any,
    before: Filing | None,
    content: dict[str, Any],
    *,
    region: str,
    programme: str,
    note: str,
) -> Filing:
    assert actor.person is not None
    telling = registry.kind_of(row.record).filing
    made: Filing = open_record(
        FILING,
        lambda record: Filing(
            record=record,
            about=row.record,
            about_kind=row.record.kind,
            number=before.number + 1 if before is not None else 1,
            region=region,
            programme=programme,
            about_version=row.record.version,
            content=content,
            content_hash=content_hash(content),
            form=telling.form.cells(row) if telling is not None and telling.form is not None else {},
            note=note,
            filed_by=actor.person,
            filed_for=actor.represented,
            corrects=before,
        ),
        actor=actor,
        title=row.record.title,
        title_en=row.record.title_en,
        owner=row.record.owner,
    )
    return made


def _problems(
    row: Any, region: str, programme: str, unknown: set[int], before: Filing | None, content: dict[str, Any]
) -> list[Problem]:
    found = []
    if row.record.phase in {Phase.DRAFT, Phase.VOID, Phase.WITHDRAWN}:
        found.append(Problem("filing-stage", _("What is a draft, withdrawn or void is not filed.")))
    if region not in bureaus_for(row):
        found.append(Problem("filing-bureau", _("Choose the city's bureau or that of your unit's district."), "region"))
    if programme and programme not in registry.programmes():
        found.append(Problem("filing-programme", _("Choose the programme from the list."), "programme"))
    if unknown:
        found.append(Problem("filing-files", _("Choose among the files that the record holds now."), "files"))
    if before is not None and before.content_hash == content_hash(content):
        message = _("This version is filed there already, as %(code)s: nothing has changed since.")
        found.append(Problem(SAME, message % {"code": before.record.code}))
    return found
