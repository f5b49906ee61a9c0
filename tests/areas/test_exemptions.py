"""A case of exemption runs from an event to its finding, examined by those who did not decide, on frozen evidence."""

import json
from datetime import date

import pytest
from django.utils import translation

from kezhuan.areas.approvals.actions import ask_approval
from kezhuan.areas.approvals.route_actions import StepFacts, set_route
from kezhuan.areas.approvals.step_actions import record_decision
from kezhuan.areas.evidence.actions import told_in
from kezhuan.areas.exemptions import actions
from kezhuan.areas.exemptions.lifecycle import EXEMPTION
from kezhuan.areas.exemptions.models import DiligenceDuty, ExemptionCase
from kezhuan.areas.exemptions.queries import rests_on
from kezhuan.areas.people.actions import SYSTEM
from kezhuan.kernel import journal
from kezhuan.kernel.access import can_view
from kezhuan.kernel.documents import Upload, attach_document, may_withdraw, read_document
from kezhuan.kernel.errors import Conflict, NotAllowed, Refused
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Document, Record, RuleUse
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.text import today
from tests.areas.crawling import client_of
from tests.factories import city, exemptions, grants, scans

pytestmark = pytest.mark.django_db
BY_HAND = [one for one in DiligenceDuty.values if one not in {"rules", "decision", "recusal"}]
"""Conditions that an evidence file of a grant without a notice does not show by itself."""


@pytest.fixture(autouse=True)
def own_data(settings, tmp_path):
    settings.DATA = tmp_path


def fresh(row):
    return ExemptionCase.objects.select_related("record__owner__record", "clause").get(pk=row.pk)


def codes_of(act):
    with translation.override("en"), pytest.raises(Refused) as refused:
        act()
    return [one.code for one in refused.value.problems]


def found_by(asked, chair, attended):
    """A meeting of others decides on the finding."""
    return record_decision(
        actor=chair, step=asked.steps.get(), meeting="尽职免责认定会", held_on=today(), attended=attended, recused=[],
        minutes_no="〔2026〕30号", entitled=3, minutes=Upload("认定纪要.png", scans.blank() + b" ", True),
    )  # fmt: skip


def test_a_case_runs_from_an_event_to_a_finding_of_those_who_did_not_decide(monkeypatch):
    unit = city.organisation("南粤大学", kind="university", region="440106")
    keeper, reviewer, maker, finance = (
        city.member(unit, role) for role in (Role.LEGAL, Role.LEGAL, Role.MEMBER, Role.FINANCE)
    )
    grant = grants.grant(unit, keeper, [maker], stage="active")
    decided, agreed = Document.objects.filter(record=grant.record, kind="evidence").order_by("pk")
    wrong = exemptions.facts(title=" ", event="x", event_on=None, source="", loss_fen=-1)
    assert codes_of(lambda: actions.begin_case(actor=reviewer, owner=unit, facts=wrong)) == [
        "title-length", "choice-unknown", "exemption-day", "exemption-source", "exemption-loss",
    ]  # fmt: skip
    begin = {"owner": unit, "facts": exemptions.facts(decided)}
    with pytest.raises(NotAllowed):  # finance keeps no papers of rights
        actions.begin_case(actor=finance, **begin)
    # Whoever asked for the decision examines nothing about it.
    assert codes_of(lambda: actions.begin_case(actor=keeper, **begin)) == ["exemption-own"]
    form = client_of(reviewer).get("/exemptions/new/").context["form"]
    move, on = "Decide together on the grant", f"{today().day} {today():%b %Y}"
    assert form.fields["decisions"].choices[-1] == (
        decided.sha256,
        f"{grant.record.code} {grant.record.title} · {move} · {on}",
    )
    row = actions.begin_case(actor=reviewer, **begin)
    by = {"actor": reviewer, "row": row}
    # A file tells moments of the world's time; the decision is of the day on which it was taken here.
    frozen = told_in(agreed) | {"at": "2026-11-20T16:30:00+00:00"}
    monkeypatch.setattr(actions, "told_in", lambda _file: frozen)
    actions.attach_decision(**by, sha256=agreed.sha256)
    monkeypatch.undo()
    assert row.decisions.get(number=2).decided_on == date(2026, 11, 21)
    row.decisions.filter(number=2).update(decided_on=today())
    assert codes_of(lambda: actions.attach_decision(**by, sha256=agreed.sha256)) == ["exemption-twice"]
    assert codes_of(lambda: actions.attach_decision(**by, sha256="0" * 64)) == ["exemption-file"]

    # The case holds the frozen files themselves, knows who took part, and what the files show.
    copies = [one.document for one in row.decisions.all()]
    assert [read_document(one) for one in copies] == [read_document(one) for one in (decided, agreed)]
    assert [one.move for one in row.decisions.all()] == ["decide", "agree"]
    parts = {one.name: one.part for one in row.people.all()}
    assert {"赵院长", "钱副院长", "孙书记"} <= {name for name, part in parts.items() if part == "leader"}
    assert (parts[keeper.name], parts[maker.name]) == ("manager", "researcher")
    shown = {one.duty: (one.holds, one.part) for one in row.conditions.exclude(holds="")}
    decided_on = dict.fromkeys(("decision", "recusal"), ("found", "approvals"))
    laid_open = dict.fromkeys(("notice", "objections"), ("found", "notices"))
    assert shown == {"rules": ("found", "rules")} | decided_on | laid_open
    move = {"actor": reviewer, "note": "理由"}
    row = advance(EXEMPTION, fresh(row), "collect", **move)
    assert codes_of(lambda: advance(EXEMPTION, fresh(row), "review", **move)) == ["exemption-conditions"]
    answer = {**by, "duty": "care", "holds": "found"}
    assert codes_of(lambda: actions.note_condition(**answer)) == ["exemption-proof"]
    assert codes_of(lambda: actions.note_condition(**(answer | {"document": decided}))) == ["exemption-proof"]
    assert codes_of(lambda: actions.note_condition(**(answer | {"holds": "missing"}))) == ["exemption-note"]
    proof = Upload("检索.txt", "权属检索报告".encode(), True)
    actions.note_condition(**answer, file=proof)
    attached = attach_document(
        actor=reviewer, record=row.record, upload=Upload("申报.txt", b"ties", True), group="inner"
    )
    actions.note_condition(**(answer | {"duty": "ties"}), document=attached)
    # A file that shows a condition proves something from then on: nobody takes it back.
    assert not may_withdraw(reviewer, fresh(row), Document.objects.get(pk=attached.pk))
    for duty in BY_HAND:
        if duty not in {"care", "ties"}:
            actions.note_condition(**by, duty=duty, holds="not-asked", note="本次决策不涉及")
    actions.note_condition(**by, duty="followed", holds="missing", note="未见跟踪记录")
    row = advance(EXEMPTION, fresh(row), "review", **move)

    # What is proposed follows from the conditions and cites a clause in force on the day of the decision.
    assert codes_of(lambda: advance(EXEMPTION, fresh(row), "propose", **move)) == ["exemption-finding"]
    assert codes_of(lambda: actions.enter_finding(**by, finding="exempt", ground="pilot")) == ["exemption-clause"]
    actions.enter_finding(**by, finding="exempt", ground="", bars=["leak"])
    assert codes_of(lambda: advance(EXEMPTION, fresh(row), "propose", **move)) == [
        "exemption-barred", "exemption-missing", "exemption-clause",
    ]  # fmt: skip
    row = actions.enter_finding(**by, finding="partial", ground="price")
    # The clause is the one of the first decision's day, also when an earlier decision comes to the case afterwards.
    row.decisions.filter(number=2).update(decided_on=date(2015, 1, 1))
    assert codes_of(lambda: advance(EXEMPTION, fresh(row), "propose", **move)) == ["exemption-clause"]
    row.decisions.filter(number=2).update(decided_on=today())
    assert not can_view(maker, Record.objects.get(pk=row.pk), "inner")
    row = advance(EXEMPTION, fresh(row), "propose", **move)

    # Those who took part read it from now on and are heard; nobody else reads it.
    record = Record.objects.get(pk=row.pk)
    seen = [can_view(one, record, "inner") for one in (reviewer, keeper, maker, finance, city.officer("440106"))]
    assert seen == [True, True, True, False, False]
    with pytest.raises(NotAllowed):
        advance(EXEMPTION, fresh(row), "withdraw", actor=keeper, note="撤回")
    chair = city.member(unit, Role.ADMINISTRATOR)
    steps = [StepFacts(1, city.post(unit, "尽职免责认定会", chair), "collective")]
    set_route(actor=SYSTEM, kind="exemption", move="find", unit=unit, steps=steps)
    assert codes_of(lambda: ask_approval(actor=reviewer, row=fresh(row), move="find")) == ["exemption-unheard"]
    own = row.people.get(person=maker.person)
    with pytest.raises(NotAllowed):  # nobody speaks for another
        actions.state(actor=maker, row=row, number=row.people.get(name="赵院长").number, text="替他说")
    actions.state(actor=maker, row=row, number=own.number, text="份额按贡献分配")
    with pytest.raises(Conflict):  # what somebody said themselves stands
        actions.state(actor=reviewer, row=row, number=own.number, text="另一种说法")
    for one in row.people.filter(statement=""):
        actions.state(actor=reviewer, row=row, number=one.number, text="未陈述")
    assert set(row.people.values_list("name", "on_paper")) >= {(maker.name, False), ("赵院长", True)}
    asked = ask_approval(actor=reviewer, row=fresh(row), move="find")
    assert codes_of(lambda: found_by(asked, chair, ["赵院长", "甲委员", "乙委员"])) == ["grant-own-vote"]
    found_by(asked, chair, ["甲委员", "乙委员"])
    row = fresh(row)
    assert row.record.stage == "found"
    assert RuleUse.objects.filter(record=row.record, rule_value__code="exemption.ground.price").exists()
    own_file = Document.objects.filter(record=row.record, kind="evidence").latest("pk")
    matter = json.loads(read_document(own_file))["matter"]
    assert [one[2] for one in matter["decisions"]] == [decided.sha256, agreed.sha256]
    assert (matter["finding"], matter["clause"][0]) == ("partial", "exemption.ground.price")
    assert "份额按贡献分配" not in read_document(own_file).decode()  # told by its hash
    listed = client_of(reviewer).get("/exemptions/", headers={"accept-language": "en"}).content.decode()
    assert "Day of the event <time" in listed  # and not the day of its entering
    page = client_of(maker).get(f"/exemptions/{row.record.code}/").content.decode()
    assert page.count("opened the case") == 1  # its beginning has another name
    assert "partly exempt" in page
    assert decided.sha256[:16] in page
    assert row.record.code in client_of(reviewer).get(f"/grants/{grant.record.code}/").content.decode()
    assert advance(EXEMPTION, row, "tell", actor=reviewer).record.stage == "told"
    assert journal.verify().broken_seq is None


def test_who_decided_before_the_step_of_an_evidence_file_took_part_in_it_too():
    unit = city.organisation("南粤大学", kind="university", region="440106")
    keeper, reviewer, maker = (city.member(unit, role) for role in (Role.LEGAL, Role.LEGAL, Role.MEMBER))
    grant = grants.grant(unit, keeper, [maker], stage="active")
    agreed = Document.objects.filter(record=grant.record, kind="evidence").latest("pk")
    assert told_in(agreed)["move"] == "agree"
    begin = {"owner": unit, "facts": exemptions.facts(agreed)}
    assert codes_of(lambda: actions.begin_case(actor=keeper, **begin)) == ["exemption-own"]
    row = actions.begin_case(actor=reviewer, **begin)
    leaders = {one.name for one in row.people.all() if one.part == "leader"}
    assert {"赵院长", "钱副院长", "孙书记"} <= leaders
    # One that came to nothing, or was replaced by a later one, decided nothing of it.
    told = told_in(agreed)
    (decided,) = [one for one in told["approvals"] if one["move"] == "decide"]
    assert rests_on(told) == [decided["code"]]
    later = [decided | {"code": "S-2", "stage": "completed"}, decided | {"code": "S-3", "stage": "withdrawn"}]
    assert rests_on(told | {"approvals": [decided, *later]}) == ["S-2"]
    own = decided | {"code": "S-4", "move": "agree", "stage": "running"}
    assert rests_on(told | {"approvals": [*later, own]}) == ["S-4", "S-2"]
