"""Signatures in three ways: stamped on paper and scanned, sealed by a provider, confirmed on this site.

Each stands on one version of the record; a paper of another version is refused.
"""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kezhuan.engines.scans import Unreadable, read_scan
from kezhuan.exchange.models import Printed, SealRequest, SealState, Signature, Way
from kezhuan.exchange.papers import seals
from kezhuan.exchange.papers.fields import in_words
from kezhuan.exchange.papers.printing import (
    Page,
    code_from_typed,
    content_of,
    drawn,
    is_current,
    page_said,
    version_of,
)
from kezhuan.kernel import jobs, journal, registry
from kezhuan.kernel.access import Actor, get_visible
from kezhuan.kernel.contents import SCANS
from kezhuan.kernel.documents import Upload, check_upload, keep_document, keep_proof, may_attach
from kezhuan.kernel.errors import Conflict, NotAllowed, Problem, Refused
from kezhuan.kernel.history import deputised
from kezhuan.kernel.jobs import Again, Running
from kezhuan.kernel.models import Person, Record
from kezhuan.kernel.text import now, today

READ, TYPED = "read", "typed"
SEAL_JOB = "papers.seal"
WAIT = 60.0
"""Seconds between two questions to a provider."""


may_sign = may_attach
"""Signs for a record: whoever may add files to it."""


def _refuse(code: str, message: str, field: str = "file") -> Refused:
    return Refused(Problem(code, message, field))


def signatures_of(actor: Actor, record: Record) -> list[Signature]:
    """The signatures of a record, newest first, before whoever reads it in full: without the names of people that they
    must not know yet."""
    named = ("printed", "document", "party__record", "signed_by__record", "signed_for__record")
    rows = list(Signature.objects.filter(record=record.pk).select_related(*named).order_by("-pk"))
    hidden = registry.hidden_parties(actor, [record])[record.pk] | registry.unnamed_people(actor, [record])[record.pk]
    for one in rows:
        if one.party_id in hidden:
            one.signed_by = one.signed_for = None
    return rows


def add_stamped_scan(*, actor: Actor, row: Any, upload: Upload, typed: str = "") -> Signature:
    """Take the scan of a stamped paper: the code on it is read back and must be that of the record's present version.

    Where no code can be read, `typed` is taken for it, and the history says so. Raises `NotAllowed` or `Refused`.
    """
    _require_may_sign(actor, row)
    check_upload(upload, SCANS)
    code, way = _code_of(upload.content, typed)
    with journal.writing():
        row = _locked(row)
        printed = require_present(row, actor, code)
        return _sign(actor, row, printed, upload, Way.STAMPED, code_by=way)


def _require_may_sign(actor: Actor, row: Any) -> Person:
    if actor.person is None or not may_sign(actor, row):
        raise NotAllowed(_("Only the owner's members sign, and not a withdrawn record."))
    return actor.person


def _locked(row: Any) -> Any:
    record = Record.objects.select_for_update(of=("self",), no_key=True).get(pk=row.pk)
    return registry.row_of(record)


def _code_of(content: bytes, typed: str) -> tuple[str, str]:
    """The version code of a scan, and whether it was read or typed."""
    code, given = code_on(content), code_from_typed(typed)
    if not code:
        if not given:
            message = _("No version code can be read. Scan at 200 dpi or more, or type the code that stands beside it.")
            raise _refuse("scan-unread", message)
        return given, TYPED
    if given and given != code:
        message = _("The code that was typed is not the one on the scan, %(code)s. Leave it empty.")
        raise _refuse("scan-typed", message % {"code": code}, "code")
    return code, READ


def code_on(content: bytes) -> str:
    """The version code that is read on a scan, empty where it bears none.

    Raises `Refused` when the scan cannot be opened, holds several papers, or not all pages of its paper once.
    """
    try:
        scan = read_scan(content)
    except Unreadable:
        raise _refuse("scan-unreadable", _("The scan cannot be opened. Scan it again, at most 100 pages.")) from None
    pages = [page for text in scan.found if (page := page_said(text)) is not None]
    if not pages:
        return ""
    _require_one_paper(pages, len(scan.pages))
    return pages[0].code


def _require_one_paper(pages: Sequence[Page], count: int) -> None:
    if len({page.code for page in pages}) > 1:
        raise _refuse("scan-mixed", _("The scan holds pages of several versions. Scan one paper at a time."))
    if count < pages[0].count:
        message = _("The paper has %(all)s pages, the scan only %(some)s. Scan all of them into one file.")
        raise _refuse("scan-pages", message % {"all": pages[0].count, "some": count})
    said = [page.number for page in pages]
    if len(set(said)) < len(said):
        raise _refuse("scan-pages", _("A page stands twice in the scan. Scan each page once."))


def require_present(row: Any, actor: Actor, code: str) -> Printed:
    """The paper of a code, which is of a record's present version; raises `Refused` for any other."""
    printed = Printed.objects.filter(code=code).first()
    if printed is None or printed.record_id != row.pk:
        message = _("The code %(code)s is of no paper that was printed of this record. Upload it where it belongs.")
        raise _refuse("scan-foreign", message % {"code": code})
    if not is_current(printed, row, actor):
        message = _(
            "This paper is of an earlier version: the record was changed since. Print it anew and have it signed."
        )
        raise _refuse("scan-version", message)
    return printed


def _sign(
    actor: Actor,
    row: Any,
    printed: Printed,
    upload: Upload,
    way: Way,
    *,
    code_by: str = "",
    provider: str = "",
    reference: str = "",
) -> Signature:
    # The same scan twice is refused; what the program itself writes may be there already.
    keep = keep_proof if way == Way.CONFIRMED else keep_document
    document = keep(actor=actor, record=row.record, upload=upload, kind=f"signed-{way}")
    signature = Signature.objects.create(
        record=row.record,
        printed=printed,
        document=document,
        way=way,
        party=actor.organisation,
        signed_by=actor.person,
        signed_for=actor.represented,
        code_by=code_by,
        provider=provider,
        reference=reference,
        signed_at=now(),
    )
    kind = f"paper.{way}" if code_by != TYPED else "paper.stamped-typed"
    data = {"code": printed.code, "document": document.pk, "way": str(way)}
    data |= {"code_by": code_by} if code_by else {"provider": provider} if provider else {}
    journal.note(kind, record=row.record, actor=actor, data=data)
    return signature


def confirm_version(*, actor: Actor, row: Any, code: str) -> Signature:
    """Confirm, signed in and for the organisation one acts for, the version of this code as it stands now.

    Raises `NotAllowed`, `Refused`, or `Conflict` when the record was changed meanwhile or was confirmed already.
    """
    _require_may_sign(actor, row)
    with journal.writing():
        row = _locked(row)
        printed, content = version_of(actor=actor, row=row)
        if printed.code != code:
            raise Conflict(_("The record was changed meanwhile. Look at it again, then confirm."))
        if printed.signatures.filter(way=Way.CONFIRMED, party=actor.organisation).exists():
            raise Conflict(_("Your organisation has confirmed this version already."))
        upload = Upload(f"{row.record.code}-{code}.pdf", drawn(printed, content, _confirmed_by(actor)), True)
        return _sign(actor, row, printed, upload, Way.CONFIRMED)


def _confirmed_by(actor: Actor) -> list[str]:
    """What stands on a confirmed paper in the place of a stamp: for which unit, by whom (a deputy for whom), when."""
    with translation.override("zh-hans"):
        unit = actor.organisation.record.title if actor.organisation is not None else ""
        lines = (("确认单位", unit), ("确认人", deputised(actor.person, actor.represented)))
        return [*(f"{label}：{text}" for label, text in lines if text), f"{in_words(today())}在本平台登录确认"]


# -- seals of a provider -----------------------------------------------------------------------------------------------


def register() -> None:
    """Let the city's providers and the job that asks them be known."""
    seals.load(settings.SEAL_PROVIDERS)
    jobs.register(SEAL_JOB, seal, label=gettext_lazy("have a paper sealed"))


def ask_seal(*, actor: Actor, row: Any, provider: str) -> SealRequest:
    """Ask a provider to seal the present version; a job hands it over and fetches it back.

    Raises `NotAllowed`, `Refused` for an unknown provider, or `Conflict` when it was asked already.
    """
    person = _require_may_sign(actor, row)
    if provider not in seals.providers():
        raise _refuse("seal-unknown", _("There is no such e-seal provider here."), "provider")
    with journal.writing():
        row = _locked(row)
        printed, _content = version_of(actor=actor, row=row)
        if printed.seal_requests.filter(provider=provider).exclude(state=SealState.DECLINED).exists():
            raise Conflict(_("This version was handed to the provider already."))
        request = SealRequest.objects.create(
            printed=printed,
            provider=provider,
            asked_by=person,
            acting_for=actor.organisation,
            asked_at=now(),
        )
        journal.note(
            "paper.seal-asked", record=row.record, actor=actor, data={"code": printed.code, "request": request.pk}
        )
        jobs.enqueue(SEAL_JOB, actor=actor, request=request.pk)
    return request


def seal(running: Running, request: int) -> None:
    """The job: hand the version over once, ask until it is sealed or declined, keep what comes back."""
    asked = SealRequest.objects.select_related("printed__record").get(pk=request)
    provider, actor = seals.providers().get(asked.provider), running.actor
    if asked.state != SealState.WAITING:
        return
    if provider is None or actor is None:
        _decline(asked, _("The provider is not set up any more, or whoever asked may not sign any more."))
        return
    row = registry.row_of(get_visible(actor, Record, asked.printed.record.code))
    if not is_current(asked.printed, row, actor):
        _decline(asked, _("The record was changed before the seal came."))
        return
    try:
        if not asked.reference:
            content = drawn(asked.printed, content_of(actor, row))
            # The key makes a second handing-over, after a kill in between, the same one.
            reference = provider.begin(f"seal-{asked.pk}", f"{row.record.code}.pdf", content)
            SealRequest.objects.filter(pk=asked.pk).update(reference=reference)
            asked.reference = reference
        outcome = provider.outcome(asked.reference)
    except seals.ProviderFails as problem:
        raise Again(str(problem)) from None
    if outcome is None:
        raise Again(_("The provider has not sealed it yet."), after=WAIT)
    if isinstance(outcome, seals.Declined):
        _decline(asked, outcome.reason)
        return
    _keep_sealed(actor, row, asked, outcome, running)


def _keep_sealed(actor: Actor, row: Any, asked: SealRequest, sealed: "seals.Sealed", running: Running) -> None:
    try:
        code, _way = _code_of(sealed.content, "")
    except Refused:
        code = ""
    if code != asked.printed.code:
        _decline(asked, _("What came back is not the paper that was handed over."))
        return
    with journal.writing():
        row = _locked(row)
        if not is_current(asked.printed, row, actor):
            raise Again(_("The record is being changed."))
        if SealRequest.objects.filter(pk=asked.pk, state=SealState.WAITING).update(state=SealState.SEALED):
            upload = Upload(f"{row.record.code}-{code}.pdf", sealed.content, True)
            _sign(actor, row, asked.printed, upload, Way.SEALED, provider=asked.provider, reference=asked.reference)
        running.finish()


def _decline(asked: SealRequest, reason: str) -> None:
    with journal.writing():
        if SealRequest.objects.filter(pk=asked.pk, state=SealState.WAITING).update(
            state=SealState.DECLINED, reason=reason[:300]
        ):
            data = {"code": asked.printed.code, "request": asked.pk}
            journal.note("paper.seal-declined", record=asked.printed.record, data=data, texts={"note": reason[:300]})
