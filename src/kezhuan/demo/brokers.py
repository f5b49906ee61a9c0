"""Technology brokers of the invented city's agencies, and their queues: what waits, what was taken up or handed back."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from kezhuan.areas.brokers.actions import BrokerFacts, Wanted, enter_broker, give_pairs
from kezhuan.areas.brokers.lifecycle import PAIR
from kezhuan.areas.brokers.models import BrokeredPair
from kezhuan.areas.brokers.planning import plan_queues
from kezhuan.areas.contracts.actions import ContractFacts
from kezhuan.areas.matches.lifecycle import INTRODUCTION
from kezhuan.areas.matches.models import Introduction
from kezhuan.areas.matches.precise import Room
from kezhuan.areas.needs.models import Need
from kezhuan.areas.people.actions import SYSTEM, add_member, register_person
from kezhuan.demo.contracts import whole_form
from kezhuan.demo.line import registered_contract
from kezhuan.demo.procedures import acting_for, member_called, officer
from kezhuan.engines.contracts import Party
from kezhuan.kernel.access import PUBLIC, Actor, actor_for
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Organisation, User
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.models.records import Phase

_BROKERS = (
    ("broker@demo.kezhuan", "示例·何经纪", "广州同渡技术转移服务中心", Role.MEMBER,
     BrokerFacts(("materials", "electronics", "manufacturing"), (), 8)),
    ("", "示例·梁经纪", "广州同渡技术转移服务中心", Role.MEMBER,
     BrokerFacts(("biomedicine", "environment", "agriculture"), (), 6)),
    ("", "示例·罗经纪", "广州桥枢技术转移服务有限公司", Role.ADMINISTRATOR,
     BrokerFacts(("manufacturing", "electronics", "energy"), ("440104", "440106", "440112"), 6)),
)  # fmt: skip
"""Mail address of the account (or none), name, unit, role, and what is said of the broker."""
_NEEDS = 60


def fill_queues(step: Callable[[str, int, int], None], password: str) -> None:
    """Make members of two agencies brokers, give them what a plan says, and let the first work: three pairs taken up,
    one of them as far as a registered contract, one as far as a meeting, a follow-up noted, and one handed back."""
    actor, brokers = officer(), []
    for mail, name, unit, role, facts in _BROKERS:
        organisation = Organisation.objects.select_related("record").get(record__title=unit)
        person = register_person(actor=SYSTEM, name=name, email=mail, phone="020-00000000", post="技术经纪人")
        if mail:
            User.objects.create_user(mail, password, person=person)
        add_member(actor=SYSTEM, organisation=organisation, person=person, role=role)
        brokers.append(enter_broker(actor=actor, organisation=organisation, person=person, facts=facts))
    asking = Need.objects.filter(record__phase=Phase.PUBLIC, record__public_to__key=PUBLIC).order_by("-pk")
    codes = list(asking.values_list("record__code", flat=True)[:_NEEDS])
    plan = plan_queues(actor, "achievement", codes, Room(1, 1))
    wanted = [Wanted(one.line.row.need.record.code, one.line.row.supply.code, one.broker.pk) for one in plan.gifts]
    given = give_pairs(actor=actor, wanted=wanted).given
    first = actor_for(brokers[0].person, brokers[0].organisation_id)
    own = sorted((one for one in given if one.broker_id == brokers[0].pk), key=lambda one: -one.score)
    work = (_sign, _meet, _take, _follow_up, _hand_back)
    for done, (pair, act) in enumerate(zip(own, work, strict=False), 1):
        act(first, pair)
        step("queues", done, len(work))


def _take(broker: Actor, pair: BrokeredPair) -> BrokeredPair:
    taken: BrokeredPair = advance(PAIR, pair, "take", actor=broker)
    return taken


def _meet(broker: Actor, pair: BrokeredPair) -> Introduction:
    row: Any = _take(broker, pair).introduction
    for side in (pair.need.record, pair.supply):
        row = advance(INTRODUCTION, row, "agree", actor=acting_for(side.owner, side.contact))
    met: Introduction = advance(INTRODUCTION, row, "meet", actor=broker, note="双方在经纪人处见面，约定两周内寄样。")
    return met


def _sign(broker: Actor, pair: BrokeredPair) -> None:
    """The two sign a contract, which is registered and names the introduction."""
    row, unit = _meet(broker, pair), acting_for(pair.supply.owner, pair.supply.contact)
    row = advance(INTRODUCTION, row, "contract", actor=unit, note="已签技术开发合同。")
    assert unit.organisation is not None
    firm = pair.need.record.owner
    assert firm is not None
    code = firm.record.identifiers.get(scheme="uscc", active=True).value
    form = replace(
        whole_form(unit.organisation),
        name=f"{pair.supply.title[:60]}委托开发",
        buyer=Party(firm.record.title, code, "150", "156", firm.region),
    )
    facts = ContractFacts(form, introduction=row.record)
    registered_contract(unit, facts, (member_called("officer"), member_called("registrar")), 910_001)


def _follow_up(broker: Actor, pair: BrokeredPair) -> None:
    advance(PAIR, pair, "follow-up", actor=broker, note="已电话联系企业，下周三再谈。")


def _hand_back(broker: Actor, pair: BrokeredPair) -> None:
    advance(PAIR, pair, "return", actor=broker, reason="time", note="本月已满。")
