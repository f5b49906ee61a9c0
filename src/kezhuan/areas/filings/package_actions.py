"""Filings between two instances: a unit packs what it has filed at its own, the bureau takes the package in and hands
out a receipt, and the unit reads that back. The only writers of packages and receipts."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from kezhuan.areas.filings.actions import FILED_FILE
from kezhuan.areas.filings.lifecycle import FILING
from kezhuan.areas.filings.models import Receipt
from kezhuan.areas.filings.packages import (
    LARGEST,
    MOST_FILINGS,
    FiledAbout,
    Package,
    PackageList,
    PackedContent,
    PackedFiling,
    ReceiptFile,
    ReceiptTotal,
    TakenFiling,
    Unit,
    read_package,
    read_receipt_file,
    written,
)
from kezhuan.areas.filings.permissions import hands_over
from kezhuan.areas.filings.queries import Total, totals_of
from kezhuan.areas.people.queries import organisation_of_code
from kezhuan.exchange.papers.printing import code_of
from kezhuan.kernel import journal, registry
from kezhuan.kernel.access import GROUPS, SYSTEM, Actor
from kezhuan.kernel.documents import Upload, documents_of, keep_document, read_document
from kezhuan.kernel.errors import NotAllowed, Problem, Refused
from kezhuan.kernel.filings import FILED, each_once
from kezhuan.kernel.lifecycle import advance, open_record
from kezhuan.kernel.marks import refuse_marked_texts
from kezhuan.kernel.models import FiledFigure, Filing, Organisation
from kezhuan.kernel.text import now, today

# -- at the unit -------------------------------------------------------------------------------------------------------


def own_filings(actor: Actor) -> QuerySet[Filing]:
    """What the actor's unit has filed here itself, oldest first."""
    rows = Filing.objects.filter(record__owner=actor.organisation, instance="")
    return rows.select_related("record", "about").order_by("pk")


def pack_filings(*, actor: Actor, region: str, programme: str, again: bool = False) -> tuple[bytes, int]:
    """A package of what the actor's unit has filed to a bureau and its receipts do not confirm yet (`again`: of all),
    and how many filings it holds: as many as fit into 50 MB, the oldest first; the next package takes the rest.

    Raises `NotAllowed`, or `Refused` where there is nothing to pack.
    """
    unit = _unit_of(actor)
    rows = own_filings(actor).filter(region=region, programme=programme)
    rows = rows if again else rows.filter(confirmed_on=None)
    files: dict[str, bytes] = {}
    packed: list[PackedFiling] = []
    size = 0
    for row in rows[:MOST_FILINGS]:
        fresh = {one.sha256: read_document(one) for one in documents_of(row.record, GROUPS) if one.sha256 not in files}
        one = _packed(row)
        size += sum(map(len, fresh.values())) + len(one.model_dump_json())
        if size > LARGEST - 1_000_000 and packed:
            break
        files |= fresh
        packed.append(one)
    if not packed:
        message = _("Everything that was filed there is confirmed by a receipt.")
        raise Refused(Problem("package-empty", message, "bureau"))
    listed = PackageList(instance=settings.SITE_URL, unit=unit, region=region, programme=programme, filings=packed)
    content = written(listed, files)
    with journal.writing():
        data = {"sha256": hashlib.sha256(content).hexdigest(), "count": len(packed)}
        journal.note("filings.packed", actor=actor, data=data)
    return content, len(packed)


def _unit_of(actor: Actor) -> Unit:
    if actor.organisation is None or not hands_over(actor):
        raise NotAllowed(_("Only administrators of the unit hand its filings over."))
    code = actor.credit_codes.get(actor.organisation.pk)
    if code is None:
        message = _("Enter your unit's credit code (统一社会信用代码) first: by it the bureau knows the unit.")
        raise Refused(Problem("package-unit", message, "bureau"))
    return Unit(code=code, name=actor.organisation.record.title[:200])


def _packed(row: Filing) -> PackedFiling:
    assert row.about is not None
    about = FiledAbout(kind=row.about_kind, uid=row.about.uid, code=row.about.code, version=row.about_version)
    return PackedFiling(
        uid=row.record.uid,
        code=row.record.code,
        on=row.record.opened_on,
        number=row.number,
        about=about,
        note=row.note,
        hash=row.content_hash,
        content=PackedContent.model_validate(row.content),
        form=row.form or None,
    )


@dataclass(frozen=True)
class Confirmed:
    """What a receipt brought: how many filings it confirms now and had confirmed before, the codes of those that it
    names and that are not as they are here, and the unit's totals here and there."""

    fresh: int
    before: int
    strangers: tuple[str, ...]
    here: tuple[Total, ...]
    there: dict[tuple[str, str, int], int]

    @property
    def agrees(self) -> bool:
        """Whether both sides count the same."""
        return not self.strangers and {_key(one): one.fen for one in self.here} == self.there


def _key(one: Total) -> tuple[str, str, int]:
    return one.kind, one.name, one.year


def confirm_filings(*, actor: Actor, content: bytes) -> Confirmed:
    """Read a bureau's receipt back: the filings that it names are confirmed, and both sides' totals are compared. A
    second reading changes nothing. Raises `NotAllowed` or `Refused`."""
    unit, receipt = _unit_of(actor), read_receipt_file(content)
    if receipt.unit.code != unit.code:
        message = _("This receipt was made out to %(name)s, not to your unit.") % {"name": receipt.unit.name}
        raise Refused(Problem("receipt-other", message, "file"))
    with journal.writing():
        journal.one_at_a_time("filings-confirmed")
        rows = own_filings(actor).filter(region=receipt.region, programme=receipt.programme)
        known = {one.record.uid: one for one in rows.filter(record__uid__in=[one.uid for one in receipt.filings])}
        fresh, before, strangers = [], 0, []
        for one in receipt.filings:
            row = known.get(one.uid)
            if row is None or row.content_hash != one.hash:
                strangers.append(one.code)
            elif row.confirmed_on is not None:
                before += 1
            else:
                fresh.append((row, one.code))
        for row, code in fresh:
            row.confirmed_as, row.confirmed_on = code, receipt.taken_on
            row.save(update_fields=["confirmed_as", "confirmed_on"])
            data = {"code": code, "sha256": receipt.package}
            journal.note("filing.confirmed", record=row.record, actor=actor, data=data)
    stands = rows.filter(record__stage=FILED).exclude(confirmed_on=None)
    there = {(one.kind, one.name, one.year): one.fen for one in receipt.totals}
    return Confirmed(len(fresh), before, tuple(strangers), tuple(totals_of(stands)), there)


# -- at the bureau -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Taken:
    """What became of a package: the filings that came in and those that were here, and the receipt."""

    fresh: tuple[Filing, ...]
    held: tuple[Filing, ...]
    receipt: Receipt


def take_package(*, actor: Actor, upload: Upload) -> Taken:
    """Take in a unit's package: each filing that is not here yet becomes one, as it was frozen, with its files; a newer
    one of the same record stands in the place of the older. The same package again changes nothing.

    Raises `NotAllowed` for a package that is for others, or `Refused`: nothing of it is kept then.
    """
    if not upload.declared_open:
        message = _("Declare that the file holds no state secret, then send it again.")
        raise Refused(Problem("declaration-missing", message, "declared_open"))
    package = read_package(upload.content)
    listed = package.listed
    if actor.person is None or not actor.is_in_charge(listed.region, listed.programme):
        raise NotAllowed(_("This package is for officers in charge of another programme or district."))
    unit = organisation_of_code(listed.unit.code)
    if unit is None:
        message = _("No organisation here has the credit code %(code)s (%(name)s): register the unit first.")
        problem = message % {"code": listed.unit.code, "name": listed.unit.name}
        raise Refused(Problem("package-unit", problem, "file"))
    refuse_marked_texts(listed.model_dump(mode="json"), "file")
    _require_known(listed)
    with journal.writing():
        journal.one_at_a_time("filings-taken")
        uids = [one.uid for one in listed.filings]
        if Filing.objects.filter(record__uid__in=uids).exists():
            message = _("This package was made at this very instance: its filings are here and count already.")
            raise Refused(Problem("package-own", message, "file"))
        rows = Filing.objects.filter(origin__in=uids).select_related("record")
        here = {one.origin: one for one in rows}
        for one in listed.filings:
            if (known := here.get(one.uid)) and (known.content_hash, known.record.owner_id) != (one.hash, unit.pk):
                message = _("Filing %(code)s is here already, with another content or of another unit: ask its unit.")
                raise Refused(Problem("package-other", message % {"code": one.code}, "file"))
        held = [here[one.uid] for one in listed.filings if one.uid in here]
        fresh = [_taken(actor, unit, package, one) for one in listed.filings if one.uid not in here]
        receipt = _receipt(actor, unit, package, [*held, *fresh])
    return Taken(tuple(fresh), tuple(held), receipt)


def _require_known(listed: PackageList) -> None:
    """Kinds and figures that this version knows, each filing once: totals are made of them."""
    kinds = {kind.slug: kind.filing for kind in registry.kinds() if kind.filing is not None}
    for one in listed.filings:
        telling = kinds.get(one.about.kind)
        named = [(name, on) for name, _fen, on in one.content.figures]
        told = telling is not None and not {name for name, _on in named} - telling.figures.keys()
        if telling is None or not told or not each_once(named) or (one.form is not None and telling.form is None):
            message = _("Filing %(code)s is of a kind that this version does not know: bring both to one version.")
            raise Refused(Problem("package-kind", message % {"code": one.code}, "file"))
        if one.form is not None and telling.form is not None:
            _require_form(one, telling.form.check(one.form, one.content.model_dump(mode="json")))
    if len({one.uid for one in listed.filings}) < len(listed.filings):
        raise Refused(Problem("package-twice", _("A filing stands twice in this package; have it made anew."), "file"))
    own = registry.programmes()
    if listed.programme and listed.programme not in own:
        raise Refused(Problem("filing-programme", _("Choose the programme from the list."), "file"))


def _require_form(one: PackedFiling, problems: Sequence[Problem]) -> None:
    """The form says what the filing tells: a case is opened of the one, and judged by the other."""
    if problems:
        said = _("Filing %(code)s: %(problem)s") % {"code": one.code, "problem": problems[0].message}
        raise Refused(Problem("package-form", said, "file"))


def _taken(actor: Actor, unit: Organisation, package: Package, one: PackedFiling) -> Filing:
    listed = package.listed
    same = Filing.objects.filter(
        record__owner=unit, about_uid=one.about.uid, region=listed.region, programme=listed.programme
    ).select_related("record")
    before = same.filter(number__lt=one.number, corrected_by=None).order_by("-number").first()
    after = same.filter(number__gt=one.number, corrects=None).order_by("number").first()
    content = one.content.model_dump(mode="json")
    made: Filing = open_record(
        FILING,
        lambda record: Filing(
            record=record,
            about=None,
            about_kind=one.about.kind,
            about_uid=one.about.uid,
            about_code=one.about.code,
            about_version=one.about.version,
            instance=listed.instance,
            origin=one.uid,
            number=one.number,
            region=listed.region,
            programme=listed.programme,
            content=content,
            content_hash=one.hash,
            form=one.form or {},
            note=one.note,
            corrects=before,
            confirmed_as=record.code,
            confirmed_on=today(),
        ),
        actor=actor,
        title=one.content.subject,
        owner=unit,
        opened_on=one.on,
    )
    figures = [
        FiledFigure(filing=made, name=name, fen=fen, on=date.fromisoformat(on)) for name, fen, on in content["figures"]
    ]
    FiledFigure.objects.bulk_create(figures)
    for name, digest in one.content.files:
        keep_document(
            actor=actor, record=made.record, upload=Upload(name, package.files[digest], True), kind=FILED_FILE
        )
    journal.note("filing.taken", record=made.record, actor=actor, data={"code": one.code, "sha256": package.sha256})
    if before is not None:
        advance(FILING, before, "supersede", actor=SYSTEM)
    if after is not None:
        Filing.objects.filter(pk=after.pk).update(corrects=made)
        advance(FILING, made, "supersede", actor=SYSTEM)
    return made


def _receipt(actor: Actor, unit: Organisation, package: Package, rows: Sequence[Filing]) -> Receipt:
    """The receipt of a package: what is here of it, and what stands here of the unit."""
    listed = package.listed
    order = {one.uid: place for place, one in enumerate(listed.filings)}
    rows = sorted(rows, key=lambda one: order[one.origin] if one.origin else 0)
    stands = Filing.objects.filter(
        record__owner=unit, region=listed.region, programme=listed.programme, record__stage=FILED
    ).exclude(origin=None)
    said = ReceiptFile(
        instance=settings.SITE_URL,
        package=package.sha256,
        unit=listed.unit,
        region=listed.region,
        programme=listed.programme,
        taken_on=max((one.confirmed_on for one in rows if one.confirmed_on), default=today()),
        filings=[
            TakenFiling(uid=one.origin, code=one.confirmed_as, hash=one.content_hash) for one in rows if one.origin
        ],
        totals=_said_totals(totals_of(stands)),
    )
    made, _fresh = Receipt.objects.get_or_create(
        code=code_of(hashlib.sha256(said.model_dump_json().encode()).hexdigest()),
        defaults={
            "package": package.sha256,
            "unit": unit,
            "region": listed.region,
            "programme": listed.programme,
            "said": said.model_dump(mode="json"),
            "taken_by": actor.person,
            "taken_at": now(),
        },
    )
    return made


def _said_totals(rows: Iterable[Total]) -> list[ReceiptTotal]:
    return [ReceiptTotal(kind=one.kind, name=one.name, year=one.year, filings=one.filings, fen=one.fen) for one in rows]
