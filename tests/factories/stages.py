"""People who might press a button, and a record of every kind at every stage."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from kezhuan.areas.brokers.models import Broker
from kezhuan.areas.calls.models import Call
from kezhuan.areas.calls.proposal_actions import Proposed, propose
from kezhuan.areas.contracts.models import Contract
from kezhuan.areas.matches.actions import introduce
from kezhuan.areas.projects.actions import sign_book, write_book
from kezhuan.areas.reviews.actions import declare_ties
from kezhuan.areas.reviews.choosing_actions import assign_experts
from kezhuan.areas.reviews.lifecycle import EXPERT, PANEL, REVIEW
from kezhuan.areas.reviews.models import Expert
from kezhuan.areas.rights.models import RightsGrant
from kezhuan.kernel import followers, registry
from kezhuan.kernel.access import SYSTEM, VISITOR, Actor, actor_for
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Identifier, Organisation, Record
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.text import now, today
from tests.factories import (
    agreements,
    brokers,
    calls,
    city,
    evaluations,
    exemptions,
    grants,
    ledgers,
    offers,
    prices,
    projects,
    receipts,
    reviews,
    tasks,
)


@dataclass
class Cast:
    """Everybody who might press a button. The need's firm and the unit lie in Tianhe."""

    firm: Organisation
    unit: Organisation
    actors: dict[str, Actor] = field(default_factory=dict)
    rows: dict[tuple[str, str], int] = field(default_factory=dict)

    @classmethod
    def called(cls):
        cast = cls(city.organisation(), city.organisation(kind="university"))
        bureau = city.organisation(kind="government", region="440100")
        cast.actors = {
            "visitor": VISITOR,
            "system": SYSTEM,
            "owner": city.member(cast.firm, Role.ADMINISTRATOR),
            "colleague": city.member(cast.firm),
            "reader": city.member(cast.firm, Role.READER),
            "other side": city.member(cast.unit),
            "other side's reader": city.member(cast.unit, Role.READER),
            "other side's legal": city.member(cast.unit, Role.LEGAL),
            "rival": city.member(city.organisation()),
            "city officer": city.member(bureau, Role.OFFICER),
            "director": city.member(bureau),
            "district officer": city.officer("440106"),
            "officer of elsewhere": city.officer("440117"),
            "broker": city.member(city.organisation(kind="agency")),
            "former colleague": city.member(cast.firm, since=date(2020, 1, 1)),
        }
        former = cast.actors["former colleague"]
        former.person.memberships.update(until=date(2020, 12, 31))
        cast.actors["former colleague"] = actor_for(former.person)
        return cast


TO_INTRODUCTION = {
    "introduced": [],
    "agreed": ["agree"],
    "met": ["agree", "meet"],
    "intent": ["agree", "meet", "intend"],
    "contract": ["agree", "meet", "contract"],
    "dropped": ["agree", "drop"],
    "lapsed": [],
    "void": ["agree", "meet", "void"],
}


AS_IF = (
    {
        ("project", stage): "running"
        for stage in ("accepting", "rectifying", "accepted", "failed", "evaluated", "settled")
    }
    | {("race", stage): "running" for stage in ("over", "void")}
    | {("pair", stage): "given" for stage in ("returned", "done", "over", "lapsed")}
    | {("offer", stage): "draft" for stage in ("open", "closed", "discarded")}
    | {("project", stage): "running" for stage in ("suspended", "terminated", "void")}
    | {("panel", stage): "scoring" for stage in ("concluded", "withdrawn")}
    | {("task", "done"): "started"}
)
AS_IF |= {("price", stage): "draft" for stage in ("decided", "fixed", "concluded", "unsold", "withdrawn")}
AS_IF |= {
    ("exemption", stage): "draft"
    for stage in ("collecting", "reviewing", "proposed", "found", "told", "withdrawn", "discarded")
}
AS_IF |= {("ledger", stage): "kept" for stage in ("closed", "abandoned")}
AS_IF |= {
    ("grant", stage): "checking"
    for stage in (
        "decided", "agreeing", "active", "titled", "converted", "warned", "expired", "reclaimed", "terminated",
        "refused", "withdrawn", "discarded",
    )
}  # fmt: skip
"""Stages that a long way of panels, payments and gates leads to: rows are put there from an earlier one. Who may is
asked, not what leads there."""


def as_if(row, stage):
    """The row at a stage that nothing led it to."""
    phase = registry.kind_of(row.record).lifecycle.stages[stage].phase
    Record.objects.filter(pk=row.pk).update(stage=stage, phase=phase)
    return registry.row_of(Record.objects.get(pk=row.pk))


def made(kind, stage, cast):
    """A row of a kind at a stage, made by those of the cast who may."""
    if (kind, stage) in AS_IF:
        return as_if(made(kind, AS_IF[kind, stage], cast), stage)
    owner, bureau = cast.actors["owner"], cast.actors["city officer"]
    if kind == "organisation":
        Record.objects.filter(pk=cast.firm.pk).update(
            stage=stage, phase=registry.kind_of(kind).lifecycle.stages[stage].phase
        )
        return Organisation.objects.select_related("record").get(pk=cast.firm.pk)
    if kind == "person":
        person = cast.actors["rival"].person
        for name in {"closed": ["close"], "anonymised": ["anonymise"]}.get(stage, []):
            person.memberships.update(until=date(2020, 12, 31))
            person = advance(registry.kind_of(kind).lifecycle, person, name, actor=bureau, note="理由")
        return person
    if kind == "achievement":
        return city.achievement(cast.firm, stage=stage, by=owner)
    if kind == "need":
        return city.need(cast.firm, stage=stage, by=owner)
    if kind == "team":
        return city.team(cast.firm, stage=stage, by=owner)
    if kind == "inspection":
        row = city.inspection(city.achievement(cast.firm, stage="listed", by=owner), bureau)
        for name in {"admitted": ["admit"], "ended": ["end"]}.get(stage, []):
            row = advance(registry.kind_of(kind).lifecycle, row, name, actor=bureau, note="理由")
        return row
    if kind == "approval":
        listed = city.achievement(cast.firm, stage="listed", by=owner)
        return city.approval(listed, bureau, cast.actors["director"], stage=stage)
    if kind == "agreement":
        return agreements.agreement(
            cast.firm, cast.unit, by=owner, answered_by=cast.actors["other side's legal"], stage=stage
        )
    if kind == "licence":
        return agreements.licence(cast.firm, by=owner, stage=stage)
    if kind == "dossier":
        return city.dossier(cast.firm, by=owner, stage=stage)
    if kind == "distribution":
        return receipts.receipt(cast.firm, owner, stage=stage, reference=f"收{stage}")
    if kind == "exemption":
        return exemptions.case(cast.firm, owner)
    if kind == "price":
        return prices.price(cast.firm, owner, stage=stage)
    if kind == "ledger":
        return ledgers.entry(cast.firm, owner, stage=stage)
    if kind == "grant":
        return grants.grant(cast.firm, owner, [cast.actors["colleague"]], stage=stage)
    if kind == "evaluation":
        row = evaluations.evaluation(cast.firm, owner, stage=stage, officer=bureau)
        if stage == "delivered":  # as if the registry's answer were read: else nobody registers it
            row.reg_no = "4402026Y0000"
            row.save(update_fields=["reg_no"])
        return row
    if kind == "contract":
        row = city.contract(cast.firm, by=owner, stage=stage)
        if stage in {"passed", "changed"}:  # as if the registry's answer were read: else nobody registers it
            Contract.objects.filter(pk=row.pk).update(
                numbered=True, reg_no="1" * 16, registered_on=today(), registered_turnover_fen=2,
                registered_technology_fen=1,
            )  # fmt: skip
            row.refresh_from_db(fields=["numbered"])
        return row
    if kind == "call":
        return calls.call(stage=stage)
    if kind == "application":
        return calls.application(calls.call(stage="published"), cast.firm, stage=stage, by=owner)
    if kind == "project":
        (chosen,) = projects.awarded(cast.firm)
        return projects.project(chosen, stage=stage)
    if kind == "offer":
        return offers.offer(cast.firm, stage=stage)
    if kind == "task":
        return tasks.task(cast.firm, owner, stage=stage)
    if kind == "race":
        rows = [projects.project(one) for one in projects.awarded(cast.firm, cast.unit, fen=50_000_000)]
        return projects.race(rows, by=bureau)
    if kind == "filing":
        inner = city.dossier(cast.firm, by=owner)
        row = city.filing(inner, owner)
        if stage == "superseded":
            Record.objects.filter(pk=inner.pk).update(title="改正后的定价材料")
            city.filing(registry.row_of(Record.objects.get(pk=inner.pk)), owner)
            row = registry.row_of(Record.objects.get(pk=row.pk))
        return row
    if kind in {"expert", "panel", "review"}:
        return judged(kind, stage, cast)
    if kind in {"notice", "objection"}:
        listed = city.achievement(cast.firm, stage="listed", by=owner)
        notice = city.notice(listed, bureau, stage=stage if kind == "notice" else "running")
        return notice if kind == "notice" else city.objection(notice, bureau, stage=stage)
    need = city.need(cast.firm, stage="published", by=owner)
    if kind == "pair":
        return queued(stage, cast, need)
    row = introduce(actor=bureau, need=need, supply=city.achievement(cast.unit, stage="listed").record)
    if stage == "lapsed":
        Record.objects.filter(pk=row.pk).update(stage=stage, phase="withdrawn")
        row = registry.row_of(row.record)
    for name in TO_INTRODUCTION[stage]:
        reason = "other" if name == "drop" else ""
        by = SYSTEM if name == "void" else owner
        row = advance(registry.kind_of(kind).lifecycle, row, name, actor=by, note="记录", reason=reason)
        if name == "agree":
            row = advance(registry.kind_of(kind).lifecycle, row, name, actor=cast.actors["other side"])
    return row


def queued(stage, cast, need):
    """A pair in the queue of the cast's broker, of a need and a result that answers it."""
    result, actor = city.achievement(cast.unit, stage="listed"), cast.actors["broker"]
    followers.run_pending()
    row = Broker.objects.filter(person=actor.person).first()
    if row is None:
        row = brokers.broker(actor.organisation, person=actor, by=cast.actors["city officer"], capacity=200)[1]
    pair = brokers.given(need, result.record, row, by=cast.actors["city officer"])
    if stage == "returned":
        return advance(registry.kind_of("pair").lifecycle, pair, "return", actor=actor, reason="time")
    if stage in {"given", "lapsed"}:
        return pair if stage == "given" else as_if(pair, stage)
    pair = advance(registry.kind_of("pair").lifecycle, pair, "take", actor=actor)
    return pair if stage == "taken" else as_if(pair, stage)


def judged(kind, stage, cast):
    """An expert who is the director, or a panel of one application that is judged by the rival."""
    bureau, rival = cast.actors["city officer"], cast.actors["rival"]
    if kind == "expert":
        row = reviews.join(
            cast.actors["director"], by=bureau, stage="asked" if stage in {"asked", "refused", "guest"} else "active"
        )
        if stage == "guest":
            row = advance(EXPERT, row, "as-guest", actor=SYSTEM)
        for name in {"refused": ["refuse"], "left": ["leave"]}.get(stage, []):
            row = advance(EXPERT, row, name, actor=cast.actors["director"])
        return row
    if not Expert.objects.filter(person=rival.person.pk).exists():
        reviews.join(rival, by=bureau)
    panel = reviews.panel(bureau, reviews.closed_call(bureau, cast.unit), per_item=1)
    if (kind, stage) in {("review", "invited"), ("review", "declined"), ("review", "released")}:
        assign_experts(actor=bureau, panel=panel)
    else:
        reviews.asked(bureau, panel)
    if stage == "scoring":
        panel = advance(PANEL, panel, "begin", actor=bureau)
    if stage in {"scored", "concluded", "handed-in"}:
        panel = reviews.scored(bureau, panel)
    if stage == "concluded":
        panel = reviews.concluded(bureau, panel)
    if (kind, stage) == ("panel", "withdrawn"):
        panel = advance(PANEL, panel, "withdraw", actor=bureau, note="理由")
    if kind == "panel":
        return panel
    row = panel.reviews.select_related("record").get()
    for name, by in {"declined": [("turn-down", rival)], "released": [("release", bureau)]}.get(stage, []):
        row = advance(REVIEW, row, name, actor=by, note="理由", reason="time" if by is rival else "")
    return row


def prepare(row, name):
    """What a move needs beside the stage."""
    if name == "verify":
        Identifier.objects.get_or_create(record=row.record, scheme="uscc", value="91440101MA59HUKE2B")
    if name == "anonymise":
        row.memberships.update(until=date(2020, 12, 31))
    if name == "supplement":
        Record.objects.filter(pk=row.pk).update(title="补正后的合同")
    kind = row.record.kind
    if (kind, name) == ("application", "accept"):
        calls.checked(row)
    if (kind, name) == ("distribution", "close"):
        row.members.update(paid_on=today(), voucher="付")
    if (kind, name) in {("grant", "conclude"), ("distribution", "settle")}:
        city.laid_open(row, name, city.member(row.record.owner, Role.ADMINISTRATOR))
    if (kind, name) == ("pair", "conclude"):
        Record.objects.filter(pk=row.introduction_id).update(stage="contract", phase="done")
    if (kind, name) == ("task", "start"):
        tasks.completed(row)
    if (kind, name) == ("task", "relist"):  # as if its project had been terminated
        Record.objects.filter(pk=row.project_id).update(stage="terminated")
    if (kind, name) == ("task", "finish"):  # as if a panel had advised
        Record.objects.filter(pk=row.project_id).update(stage="accepted", phase="done")
    if (kind, name) == ("price", "conclude"):
        contract = city.contract(row.record.owner)
        Contract.objects.filter(pk=contract.pk).update(turnover_fen=1, payment="once")
        bought = {"buyer": contract.buyer_name, "buyer_code": contract.buyer_code}
        type(row).objects.filter(pk=row.pk).update(contract=contract.pk, final_fen=1, **bought)
    if kind == "exemption":
        exemptions.answered(row)
    if (kind, name) == ("ledger", "close"):
        contract = city.contract(row.record.owner, kind="transfer", subkind="transfer-patent")
        Contract.objects.filter(pk=contract.pk).update(achievement=row.achievement)
        Record.objects.filter(pk=contract.pk).update(stage="registered", phase="active")
    if (kind, name) == ("grant", "expire"):
        RightsGrant.objects.filter(pk=row.pk).update(ends_on=today() - timedelta(days=1))
    if (kind, name) == ("grant", "retitle"):
        RightsGrant.objects.filter(pk=row.pk).update(title_change_no="变更1", title_changed_on=today())
    if (kind, name) == ("grant", "convert"):
        contract = city.contract(row.record.owner)
        Record.objects.filter(pk=contract.pk).update(stage="registered", phase="active")
        RightsGrant.objects.filter(pk=row.pk).update(contract=contract.pk)
    if (kind, name) == ("application", "refuse"):  # as if nobody could recommend it any more
        Call.objects.filter(pk=row.item.call_id).update(recommend_until=None)
    if kind == "call" and name in {"close", "enter-closed", "enter-decided"}:
        calls.end_time_of(row)
    if (kind, name) == ("call", "decide"):
        Call.objects.filter(pk=row.pk).update(opens_at=now() - timedelta(days=9), closes_at=now() + timedelta(days=1))
        Record.objects.filter(pk=row.pk).update(stage="published", phase="public")
        one = calls.application(row, stage="qualified")
        Record.objects.filter(pk=row.pk).update(stage="closed", phase="active")
        held = registry.row_of(Record.objects.get(pk=row.pk))
        propose(actor=city.bureau(), call=held, proposed={one.record.code: Proposed(True, "可行")})
    if (kind, name) == ("project", "file"):
        write_book(actor=city.clerk(row.leader), project=row, facts=projects.book(row))
    if (kind, name) == ("project", "sign"):
        sign_book(actor=city.clerk(row.poster), project=row)
    if (kind, name) == ("expert", "consent"):
        declare_ties(actor=actor_for(row.person), expert=row, ties=[])
    if (kind, name) == ("panel", "close"):
        reviews.score_all(row)
    if (kind, name) == ("panel", "conclude"):
        reviews.met(city.bureau(), row)
    if (kind, name) == ("review", "hand-in"):
        panel = advance(PANEL, row.panel, "begin", actor=city.bureau())
        reviews.score_all(panel)
        Record.objects.filter(pk=row.pk).update(stage="accepted", phase="reviewing")
    if (kind, name) == ("introduction", "lapse"):
        Record.objects.filter(pk=row.need_id).update(stage="void", phase="void")
