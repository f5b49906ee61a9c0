"""Receipts and their distribution in the API."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router

from kezhuan.api.identity import actor_of, reads, writes
from kezhuan.api.records import AUDIENCES, asked_of, moved_now, named, reference
from kezhuan.api.resources import Resource, add_resource
from kezhuan.api.schemas import Moved
from kezhuan.areas.achievements.models import Achievement
from kezhuan.areas.agreements.models import AgreementPayment
from kezhuan.areas.rights.distribution_actions import (
    Cost,
    ReceiptFacts,
    Share,
    edit_receipt,
    enter_receipt,
    pay_share,
)
from kezhuan.areas.rights.distribution_lifecycle import KIND
from kezhuan.areas.rights.models import Distribution, Way
from kezhuan.areas.rights.permissions import keeps_income
from kezhuan.areas.rights.queries import (
    agreement_behind,
    contracts_of,
    parts_for,
    payment_name,
    payment_named,
    shares_for,
)
from kezhuan.areas.rights.relief import papers_of, rewarded_in, term_of
from kezhuan.areas.rights.schemas_income import (
    DistributionBody,
    DistributionChange,
    DistributionQuery,
    DistributionShown,
    MyShareShown,
    ReceiptPaidBody,
    ReliefShown,
)
from kezhuan.kernel.access import Actor, can_view
from kezhuan.kernel.errors import Missing, NotAllowed, Problem, Refused
from kezhuan.kernel.models import Person
from kezhuan.kernel.text import language

router, mine = Router(tags=["distributions"]), Router(tags=["distributions"])
SHOWN = (
    "way", "reference", "received_on", "received_fen", "agreed_bp", "carried_fen", "left_fen", "net_fen", "pool_fen",
    "unit_fen", "due_on", "company", "post_money_fen", "total_shares", "held_shares", "pool_shares", "unit_shares",
    "started_on", "year_no", "years", "minutes", "decided_on",
)  # fmt: skip
MINE = ("role", "fen", "shares", "paid_on", "voucher")
REWARDED = ("number", "name", "role", "fen", "paid_on", "voucher")
MEMBER = ("number", "name", "role", "weight", "head", "fen", "shares", "paid_on", "voucher")


def distribution_fields(actor: Actor, row: Distribution, groups: frozenset[str]) -> dict[str, Any]:
    """What a receipt shows beside the fields of every record."""
    if "inner" not in groups:
        return {}
    tongue = 0 if language() == "zh" else 1
    return {name: getattr(row, name) for name in SHOWN} | {
        "achievement": reference(actor, row.achievement),
        "payment": _payment_shown(actor, row),
        "contract": reference(actor, row.contract) if row.contract is not None else None,
        "costs": [{"kind": kind, "fen": fen, "voucher": voucher} for kind, fen, voucher in row.costs],
        "figures": [
            {
                "code": one["code"],
                "fen": one.get("fen"),
                "shares": one.get("shares"),
                "label": one["label"][tongue],
                "how": one["how"][tongue],
                "source": one["rule"][3] if one["rule"] else one["clause"],
            }
            for one in row.result.get("figures", ())
        ],
        "members": [{name: getattr(one, name) for name in MEMBER} for one in row.members.all()],
    }


def _payment_shown(actor: Actor, row: Distribution) -> str:
    """What it came in as, for those who read the agreement."""
    behind = agreement_behind(row)
    return payment_name(row.payment) if row.payment and behind is not None and can_view(actor, behind) else ""


def _facts(actor: Actor, body: DistributionBody) -> ReceiptFacts:
    about = named(actor, Achievement, [body.achievement], "achievement", "full")[body.achievement]
    contract = contracts_of(actor).filter(code=body.contract).first() if body.contract else None
    if body.contract and contract is None:
        raise Refused(Problem("income-contract", _("Choose a technology contract of the unit."), "contract"))
    codes = [one.person for one in body.members if one.person]
    people = named(actor, Person, codes, "members") if codes else {}
    return ReceiptFacts(
        title=body.title,
        achievement=about.record,
        reference=body.reference,
        received_on=body.received_on,
        received_fen=body.received_fen,
        summary=body.summary,
        contract=contract,
        payment=_paid(actor, body.payment),
        costs=tuple(Cost(one.kind, one.fen, one.voucher) for one in body.costs),
        agreed_bp=body.agreed_bp,
        members=tuple(
            Share(one.name, one.role, one.weight, people.get(one.person or ""), one.head) for one in body.members
        ),
        way=body.way,
        company=body.company,
        post_money_fen=body.post_money_fen,
        total_shares=body.total_shares,
        started_on=body.started_on,
        year_no=body.year_no,
        years=body.years,
        minutes=body.minutes,
        decided_on=body.decided_on,
    )


def _paid(actor: Actor, name: str) -> AgreementPayment | None:
    paid = payment_named(actor, name) if name else None
    if name and paid is None:
        message = _("Choose what came in under an agreement of the unit.")
        raise Refused(Problem("income-payment", message, "payment"))
    return paid


def _create(actor: Actor, body: DistributionBody) -> Distribution:
    """Enter money that an achievement of the unit brought in."""
    if actor.organisation is None or not keeps_income(actor):
        raise NotAllowed
    return enter_receipt(actor=actor, owner=actor.organisation, facts=_facts(actor, body))


def _change(actor: Actor, row: Distribution, body: DistributionChange, version: int) -> Distribution:
    """Replace what was entered of a draft."""
    return edit_receipt(actor=actor, row=row, facts=_facts(actor, body), expected_version=version)


@router.post(
    "/{code}/payments/{number}",
    response=Moved,
    auth=writes(KIND),
    operation_id="distributions-pay",
    summary="Enter that somebody was paid",
)
def pay(request: HttpRequest, code: str, number: int, body: ReceiptPaidBody) -> dict[str, Any]:
    """Each share of a settled distribution once."""
    actor, row = asked_of(request, Distribution, code)
    pay_share(actor=actor, row=row, number=number, on=body.on, voucher=body.voucher)
    return moved_now(request, row)


@router.get(
    "/{code}/relief",
    response=ReliefShown,
    auth=reads(KIND),
    operation_id="distributions-relief",
    summary="Cash rewards, and the papers for the relief of their tax",
)
def relief(request: HttpRequest, code: str) -> dict[str, Any]:
    """Of money received, for whoever reads who gets what of it."""
    actor, row = asked_of(request, Distribution, code)
    if row.way != Way.RECEIPT or not can_view(actor, row.record, "inner"):
        raise Missing(code)
    term = term_of(row)
    return {
        "distribution": code,
        "received_on": row.received_on,
        "term_months": term.value if term is not None else None,
        "source": term.source if term is not None else "",
        "people": [
            {name: getattr(one.member, name) for name in REWARDED} | {"until": one.until}
            for one in rewarded_in(row, term)
        ],
        "papers": [
            {"paper": one.label, "number": one.number, "state": one.state, "files": [file.name for file in one.files]}
            for one in papers_of(actor, row)
        ],
    }


@mine.get(
    "",
    response=MyShareShown,
    auth=reads(KIND),
    operation_id="my-share-shown",
    summary="What the asking person has a part in and gets",
)
def my_share(request: HttpRequest) -> dict[str, Any]:
    """Parts in grants, and shares of what was distributed: of the asking person alone, whoever they act for."""
    actor = actor_of(request)
    if actor.person is None:
        raise NotAllowed
    shares = list(shares_for(actor))
    paid = [one for one in shares if one.paid_on is not None]
    return {
        "paid_fen": sum(one.fen or 0 for one in paid),
        "coming_fen": sum(one.fen or 0 for one in shares if one.paid_on is None),
        "paid_shares": sum(one.shares or 0 for one in paid),
        "coming_shares": sum(one.shares or 0 for one in shares if one.paid_on is None),
        "parts": [
            {
                "grant": one.grant.record.code,
                "stage": one.grant.record.stage,
                "kind": one.grant.kind,
                "share_bp": one.grant.share_bp,
                "part_bp": one.part_bp,
                "signed": bool(one.grant.wording) and one.signed == one.grant.wording,
            }
            for one in parts_for(actor)
        ],
        "shares": [
            {name: getattr(one, name) for name in MINE}
            | {
                "distribution": one.distribution.record.code,
                "received_on": one.distribution.received_on,
                "due_on": one.distribution.due_on,
            }
            for one in shares
        ],
    }


add_resource(
    Resource(
        slug=KIND,
        plural="distributions",
        query=DistributionQuery,
        shown=DistributionShown,
        fields=distribution_fields,
        related=tuple(
            f"{name}__{audience}" for name in ("achievement", "contract") for audience in ("owner__record", *AUDIENCES)
        ),
        prefetch=("members",),
        taken=DistributionBody,
        create=_create,
        changed=DistributionChange,
        edit=_change,
    )
)
