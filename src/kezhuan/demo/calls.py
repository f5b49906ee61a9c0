"""Calls of the invented city: one that a panel judged and that was decided, with a reason for everybody, one that a
panel judges, and one that is open for applications."""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from kezhuan.areas.calls.actions import Heard, edit_call, prepare_call, put_on_list, record_readings
from kezhuan.areas.calls.application_actions import ApplicationFacts, begin_application
from kezhuan.areas.calls.application_lifecycle import APPLICATION
from kezhuan.areas.calls.choices import AnswerKind, CallKind, ColumnKind, Outcome
from kezhuan.areas.calls.eligibility_actions import Check, judge_criteria
from kezhuan.areas.calls.facts import CallFacts, Condition
from kezhuan.areas.calls.lifecycle import CALL
from kezhuan.areas.calls.models import Application, Call, CallItem
from kezhuan.areas.calls.proposal_actions import Proposed, propose
from kezhuan.areas.calls.questions import Question
from kezhuan.areas.calls.wording import pattern_of
from kezhuan.areas.needs.models import Need
from kezhuan.demo.procedures import first_of, officer
from kezhuan.demo.reviews import CRITERIA, begin_judging, judge, pool_of
from kezhuan.kernel.access import Actor, actor_for
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Organisation, Record, User
from kezhuan.kernel.text import now, today

Step = Callable[[str, int, int], None]
CALLS = 3
SOON = timedelta(seconds=4)
"""The decided call closes by the real clock while the city is built: no moment is made up. A machine that needs long to
prepare a call needs long to enter applications, too: there it closes later."""
SLOW = 8
"""So many times as long as it took to prepare a call it is open at least: that is some three times what entering takes."""
BUDGET = 500_000_000
OFFERS = (
    ("以自研装备和工艺达到全部指标，六个月完成样件验证。", "示例·苏攻关"),
    ("以合作单位的中试线分两步达到指标。", "示例·叶攻关"),
    ("以现有产品改型达到主要指标。", "示例·沈攻关"),
)
"""What three teams offer: in a few sentences, and who leads. The first is the best."""


def run_calls(step: Step, password: str) -> None:
    """Make the calls as officers do, with applications of the city's research units and panels of its experts, one of
    whom signs in with this password."""
    actor = officer()
    pool_of(actor, password)
    needs = [one for one in _listable() if one.record.owner is not None]
    done = _published(actor, "2026年度揭榜挂帅首批项目（示例）", needs[:1], days=0)
    entered = _entered(done)
    racing = _published(actor, "2026年度揭榜挂帅赛马项目（示例）", needs[5:6], days=0, winners=3)
    teams = _entered(racing)
    leading = _published(actor, "2026年度产业链创新联合体项目（示例）", needs[6:7], days=0, kind=CallKind.CHAIN)
    leader = [_applied(_chain_leader(leading), _first(leading), *OFFERS[1])]
    _decide(actor, done, entered)
    _decide_for_all(actor, racing, teams, "路线不同，进入赛马（示例）")
    _decide(actor, leading, leader, 50_000_000)
    step("calls", 1, CALLS)
    judged = _published(actor, "2026年度揭榜挂帅专项（示例）", needs[4:5], days=0)
    _closed(actor, judged, _entered(judged))
    begin_judging(actor, judged)
    step("calls", 2, CALLS)
    _published(actor, "2026年度揭榜挂帅第二批项目（示例）", needs[1:4], days=25)
    step("calls", CALLS, CALLS)


def _listable() -> list[Need]:
    """Needs of the city that can stand on a list; those of the demo's firm first, so that it finds its own there."""
    firm = User.objects.get(email="firm@demo.kezhuan").person
    own = actor_for(firm).organisation if firm is not None else None
    rows = Need.objects.filter(record__stage="published", confidentiality="public", indicators__isnull=False)
    found = list(rows.select_related("record__owner").distinct().order_by("pk")[:12])
    fit = [one for one in found if all(row.unit and row.test_method for row in one.indicators.all())]
    return sorted(fit, key=lambda one: one.record.owner != own)


def _published(
    actor: Actor, title: str, needs: list[Need], *, days: int, winners: int = 1, kind: str = CallKind.CHALLENGE
) -> Call:
    pattern = pattern_of(kind)
    began = time.monotonic()
    closes = now() + timedelta(days=days or 1)
    facts = CallFacts(
        title=title,
        call_kind=kind,
        about="面向本市重点产业链，由企业出题、能者揭榜，以指标论结果。",
        opens_at=now() - timedelta(days=1),
        closes_at=closes,
        ip_terms="by_contract",
        conditions=tuple(Condition(**one) for one in pattern["conditions"]),
        questions=tuple(Question(**one) for one in pattern["questions"]),
        criteria=CRITERIA,
        budget_year=today().year,
        budget_subject="2060404 科技成果转化与扩散（示例）",
        budget_document="示例预算文件",
        budget_fen=BUDGET,
    )
    made = prepare_call(actor=actor, facts=facts)
    for need in needs:
        put_on_list(actor=actor, call=made, need=need, fiscal_fen=BUDGET // 2, months=24, winners=winners)
    heard = [Heard(f"示例·{name}", today(), True, "示例专家库") for name in ("唐教授", "许研究员", "谭高工")]
    record_readings(actor=actor, call=made, heard=heard)
    if not days:
        soon = now() + max(SOON, timedelta(seconds=SLOW * (time.monotonic() - began)))
        made = edit_call(
            actor=actor,
            call=made,
            facts=replace(facts, closes_at=soon),
            expected_version=Record.objects.get(pk=made.pk).version,
        )
    published: Call = advance(CALL, made, "publish", actor=actor)
    return published


def _first(call: Call) -> CallItem:
    return CallItem.objects.select_related("call__record").get(call=call, number=1)


def _chain_leader(call: Call) -> Organisation:
    """A firm that leads a chain: one that did not pose the direction."""
    posers = call.items.values("poster")
    firms = Organisation.objects.filter(kind="enterprise", record__stage="verified").exclude(pk__in=posers)
    return firms.filter(chain_leader=True).order_by("pk")[0]


def _entered(call: Call) -> list[Application]:
    """Three units apply."""
    item = _first(call)
    units = Organisation.objects.filter(kind__in=("university", "institute")).exclude(pk=item.poster_id)
    return [_applied(unit, item, *offer) for unit, offer in zip(units.order_by("pk"), OFFERS, strict=False)]


def _closed(actor: Actor, call: Call, rows: list[Application]) -> Call:
    """They pass the formality check after the deadline has passed by the clock."""
    assert call.deadline is not None
    while (left := (call.deadline - now()).total_seconds()) >= 0:
        time.sleep(min(left + 0.05, 1.0))
    for row in rows:
        advance(APPLICATION, _checked(actor, row), "accept", actor=actor)
    closed: Call = advance(CALL, call, "close", actor=actor)
    return closed


def _checked(actor: Actor, row: Application) -> Application:
    """Every condition is met: by what the applicant says of it where evidence is asked, else by its promise."""
    checks = [Check(Outcome.MET, "evidence" if one["evidence"] else "promise") for one in row.item.call.conditions]
    return judge_criteria(actor=actor, application=row, checks=checks)


def _decide_for_all(actor: Actor, call: Call, rows: list[Application], why: str) -> None:
    """All who applied are chosen, for this reason."""
    call = _closed(actor, call, rows)
    proposed = {one.record.code: Proposed(True, why, 50_000_000) for one in rows}
    advance(CALL, propose(actor=actor, call=call, proposed=proposed), "decide", actor=actor)


def _decide(actor: Actor, call: Call, rows: list[Application], fen: int = 150_000_000) -> None:
    """A panel judges, the department proposes what it advises, and the call is decided."""
    call = _closed(actor, call, rows)
    panel = judge(actor, call, rows[0].pk)
    proposed = {
        one.record.code: Proposed(bool(one.advised), one.opinion, fen if one.advised else None)
        for one in panel.items.select_related("record")
    }
    advance(CALL, propose(actor=actor, call=call, proposed=proposed), "decide", actor=actor)


def _answer(question: dict[str, Any], offer: str, unit: Organisation) -> str | list[list[str]]:
    """What is offered, and where units that take part are asked for in rows one of them."""
    if question["kind"] != AnswerKind.TABLE:
        return f"{offer}（示例）"
    partner = Organisation.objects.filter(kind="university", record__stage="verified").exclude(pk=unit.pk)
    said = {ColumnKind.UNIT: partner.select_related("record").order_by("-pk")[0].record.title, ColumnKind.NUMBER: "20"}
    return [[said.get(one["kind"], "工艺验证（示例）") for one in question["columns"]]]


def _applied(unit: Organisation, item: CallItem, offer: str, leader: str) -> Application:
    actor = first_of(unit)
    facts = ApplicationFacts(
        title=f"{item.title}攻关",
        offer=offer,
        leader=leader,
        asked_fen=150_000_000,
        months=18,
        commitments=tuple(f"{one['value']} {one['unit']}" for one in item.indicators),
        evidence=tuple("见附件（示例）" if one["evidence"] else "" for one in item.call.conditions),
        answers=tuple(_answer(one, offer, unit) for one in item.call.questions),
        promised=True,
    )
    row = begin_application(actor=actor, item=item, facts=facts)
    submitted: Application = advance(APPLICATION, row, "submit", actor=actor)
    return submitted
