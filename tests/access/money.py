"""What the town has of agreements, licences, rights, income, prices and cases about them."""

from typing import TYPE_CHECKING, Any

from kezhuan.areas.agreements.actions import Aim, draft_agreement
from kezhuan.areas.notices.actions import object_to_notice, prepare_notice
from kezhuan.areas.notices.lifecycle import NOTICE
from kezhuan.areas.rights.distribution_actions import Share
from kezhuan.kernel.access import Actor
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.text import today
from tests.factories import agreements, city, grants, ledgers, prices, receipts
from tests.factories.exemptions import case

if TYPE_CHECKING:
    from tests.access.town import Town


def agreed(town: "Town") -> list[Any]:
    """Agreements of the university with the firm: a draft, one that is offered, and one in force."""
    keeper, taker = (city.member(unit, Role.LEGAL) for unit in (town.unit, town.firm))
    town.roles["legal of the firm"] = taker
    aims = (Aim("交付样机", today()),)
    rows = [
        agreements.agreement(town.unit, town.firm, by=keeper, answered_by=taker, stage=stage, milestones=aims)
        for stage in ("draft", "offered", "active")
    ]
    rows.append(draft_agreement(actor=keeper, owner=town.unit, facts=agreements.facts(None, milestones=aims)))
    rows += [agreements.licence(town.unit, by=keeper, stage=stage) for stage in ("draft", "open")]
    for name in ("payments of agreements", "milestones of agreements"):
        town.add(name, *(((one.record.code, 1), town.fresh(one)) for one in rows[:4]))
    return rows


def granted(town: "Town", partner: Actor) -> list[Any]:
    """Grants of the university to one of its members: a draft, one to sign, and one whose notice is objected to."""
    keeper = town.roles["legal of the university"] = city.member(town.unit, Role.LEGAL)
    rows = [grants.grant(town.unit, keeper, [partner], stage=stage) for stage in ("draft", "signing", "decided")]
    for code in ("notice.grant.conclude", "notice.grant.conclude.objections"):
        city.rule(code, 9, "calendar days")
    to = {"audience": "unit", "reception": "转化处", "channels": ["site"]}
    held = advance(NOTICE, prepare_notice(actor=keeper, row=rows[2], move="conclude", **to), "start", actor=keeper)
    sent = object_to_notice(actor=partner, notice=held, name="赵举", contact="020-1234567", text="份额不符")
    finance = town.roles["finance of the university"] = city.member(town.unit, Role.FINANCE)
    about = city.achievement(town.unit, stage="listed", title="有收入的成果")
    shared = (Share(partner.name, "main", 1, partner.person),)
    income = [
        receipts.receipt(town.unit, finance, about=about, stage=stage, reference=stage, members=shared)
        for stage in ("draft", "settled")
    ]
    kept = ledgers.entry(town.unit, finance, about=about, used=True)
    priced = prices.price(town.unit, finance, about=rows[0].achievement.achievement, basis="enquiry")
    judged = case(town.unit, city.member(town.unit, Role.ADMINISTRATOR), about=income[1])
    town.add("evidence", ((judged.decisions.get().document_id,), town.fresh(judged)))
    town.add("hashes of evidence", ((judged.decisions.get().document.sha256,), town.fresh(judged)))
    town.add("conditions of cases", ((judged.record.code, "care"), town.fresh(judged)))
    for name, row in (("fees of the ledger", kept), ("quotes of prices", priced), ("people of cases", judged)):
        town.add(name, ((row.record.code, 1), town.fresh(row)))
    town.add("shares of income", *(((one.record.code, 1), town.fresh(one)) for one in income))
    town.add("milestones of grants", *(((one.record.code, 1), town.fresh(one)) for one in rows))
    return [*rows, held, sent, *income, kept, priced, judged]
