"""Steps closed on paper or by a meeting, signers added, recusals, and a case gone on with, through the API."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import File, Form, Router
from ninja.files import UploadedFile

from kezhuan.api.identity import actor_of, reads, writes
from kezhuan.api.records import moved, party
from kezhuan.api.schemas import Listed, Moved
from kezhuan.areas.approvals.actions import take_over
from kezhuan.areas.approvals.permissions import hand_signers, looks_after, may_add_signer
from kezhuan.areas.approvals.queries import TOLD, posts_to_add, signers_to_come
from kezhuan.areas.approvals.schemas import DecisionFields, PaperFields, PostShown, RecusalBody, SignerBody
from kezhuan.areas.approvals.step_actions import add_signer, close_on_paper, may_record, record_decision, recuse
from kezhuan.kernel.access import can_view, get_visible
from kezhuan.kernel.documents import Upload
from kezhuan.kernel.errors import Missing, NotAllowed, Problem, Refused
from kezhuan.kernel.models import Approval, ApprovalStep, Person
from kezhuan.kernel.text import today

router = Router(tags=["approvals"])


def approval_of(request: HttpRequest, code: str) -> Approval:
    """The approval of a code, for readers of its full part; raises `Missing`."""
    row = get_visible(actor_of(request), Approval, code, related=TOLD)
    if not can_view(actor_of(request), row.record, "full"):
        raise Missing(code)
    return row


def step_of(request: HttpRequest, code: str, number: int) -> ApprovalStep:
    """A step of an approval by its number; raises `Missing`."""
    row = approval_of(request, code)
    # A number beyond what a database holds is no step.
    steps = ApprovalStep.objects.filter(approval=row).select_related("post")
    step = steps.filter(pk=number).first() if abs(number) < 2**63 else None
    if step is None:
        raise Missing(str(number))
    step.approval = row
    return step


def _person(people: list[Person], code: str, field: str) -> Person:
    """Who of these people has this code."""
    found = next((one for one in people if one.record.code == code), None)
    if found is None:
        raise Refused(Problem("person-unknown", _("Give the code of somebody who may be named here."), field))
    return found


@router.post(
    "/{code}/steps/{number}/paper",
    response=Moved,
    auth=writes("approval"),
    operation_id="approvals-paper",
    summary="Close a step by the signed sheet",
)
def on_paper(
    request: HttpRequest, code: str, number: int, file: File[UploadedFile], given: Form[PaperFields]
) -> dict[str, Any]:
    """Who signed on paper, on which day, and the scan of the sheet; for the office that asked. A version code on it is
    read back: one of another record, or of an earlier version, is refused."""
    step = step_of(request, code, number)
    if not looks_after.test(actor_of(request), step.approval):
        raise NotAllowed(_("Only the office that asked closes a step by a signed sheet."))
    pairs = hand_signers(step.approval, step.post, step.approval.record.opened_on, today())
    represented = [two for _one, two in pairs if two is not None]
    done = close_on_paper(
        actor=actor_of(request),
        step=step,
        signer=_person([one for one, _two in pairs], given.signer, "signer"),
        signed_for=_person(represented, given.signed_for, "signed_for") if given.signed_for else None,
        signed_on=given.signed_on,
        sheet=Upload(file.name or "", file.read(), given.declared_open),
        opinion=given.opinion,
        document_no=given.document_no,
    )
    return moved(request, done.record)


@router.post(
    "/{code}/steps/{number}/decision",
    response=Moved,
    auth=writes("approval"),
    operation_id="approvals-decision",
    summary="Record what a meeting decided",
)
def decision(
    request: HttpRequest, code: str, number: int, file: File[UploadedFile], given: Form[DecisionFields]
) -> dict[str, Any]:
    """Which meeting, when, who attended and was recused, and its minutes; for the office that asked, and who holds the
    post."""
    step = step_of(request, code, number)
    if not may_record(actor_of(request), step):
        raise NotAllowed(_("Only the office that asked, and who holds the post, record what a meeting decided."))
    minutes = Upload(file.name or "", file.read(), given.declared_open)
    told = given.model_dump(exclude={"declared_open"})
    return moved(request, record_decision(actor=actor_of(request), step=step, minutes=minutes, **told).record)


@router.get(
    "/{code}/signers",
    response=Listed[PostShown],
    auth=reads("approval"),
    operation_id="approvals-signers",
    summary="Posts that may be added",
)
def signers(request: HttpRequest, code: str) -> dict[str, Any]:
    """The posts that the asking person may add to the approval; none for whoever adds nobody."""
    row = approval_of(request, code)
    posts = posts_to_add(row) if may_add_signer.test(actor_of(request), row) else ()
    return {"items": [{"number": one.pk, "name": one.name, "office": party(one.organisation)} for one in posts]}


@router.post(
    "/{code}/signers",
    response=Moved,
    auth=writes("approval"),
    operation_id="approvals-add-signer",
    summary="Add a signer",
)
def signer(request: HttpRequest, code: str, body: SignerBody) -> dict[str, Any]:
    """Let another post sign too (加签), beside the steps that wait or directly after them."""
    row = approval_of(request, code)
    if not may_add_signer.test(actor_of(request), row):
        raise NotAllowed(_("Only the office that asked, and whose turn it is, add a signer."))
    post = posts_to_add(row).filter(pk=body.post).first()
    if post is None:
        raise Refused(Problem("post-unknown", _("Give the number of a post that may be added."), "post"))
    after = body.place == "after"
    return moved(
        request, add_signer(actor=actor_of(request), approval=row, post=post, after=after, reason=body.reason).record
    )


@router.post(
    "/{code}/recusals",
    response=Moved,
    auth=writes("approval"),
    operation_id="approvals-recuse",
    summary="Note a recusal",
)
def recusal(request: HttpRequest, code: str, body: RecusalBody) -> dict[str, Any]:
    """Note that somebody who is to sign signs nothing: everybody of themselves, the office that asked of others."""
    row, actor = approval_of(request, code), actor_of(request)
    people = signers_to_come(row)
    if not looks_after.test(actor, row):
        people = [one for one in people if actor.person is not None and one.pk == actor.person.pk]
    if not people:
        raise NotAllowed(_("Only the office that asked notes that somebody else is recused."))
    person = _person(people, body.person, "person")
    return moved(request, recuse(actor=actor, approval=row, person=person, reason=body.reason).record)


@router.post(
    "/{code}/take-over",
    response=Moved,
    auth=writes("approval"),
    operation_id="approvals-take-over",
    summary="Go on in the place of whoever asked",
)
def go_on(request: HttpRequest, code: str) -> dict[str, Any]:
    """Whoever looks after the approval and may take its step goes on with it."""
    return moved(request, take_over(actor=actor_of(request), approval=approval_of(request, code)).record)
