"""What the town has of experts, panels and reviews."""

from typing import TYPE_CHECKING, Any

from kezhuan.areas.reviews.asking_actions import ask_applicant
from kezhuan.areas.reviews.lifecycle import PANEL
from kezhuan.kernel import registry
from kezhuan.kernel.access import Actor, actor_for
from kezhuan.kernel.documents import Upload, keep_document
from kezhuan.kernel.lifecycle import advance
from tests.factories import city, reviews

if TYPE_CHECKING:
    from tests.access.town import Town


def judged(town: "Town", handler: Actor, needs: list[Any]) -> list[Any]:
    """Experts, a panel whose experts are to be drawn, run by an agency too, and one that scores, with a review."""
    agency = city.organisation("评审服务公司", kind="agency")
    town.roles["agency"] = city.member(agency)
    call = reviews.closed_call(handler, town.unit, needs=needs)
    experts = [reviews.expert(f"评审{number}", by=handler) for number in range(2)]
    experts.append(reviews.expert("待答复", by=handler, stage="asked"))
    town.roles["expert"] = actor_for(experts[0].person)
    to_draw = reviews.panel(handler, call, choice="draw", agency=agency.record.code)
    scoring = reviews.panel(handler, call, per_item=1, scheme="open", title="公开评审")
    made = reviews.asked(handler, scoring)
    town.roles["judge"] = reviews.judge(made[0])
    scoring = advance(PANEL, scoring, "begin", actor=handler)
    town.add("items of panels", *(((one.record.code, 1), town.fresh(one)) for one in (to_draw, scoring)))
    asked = ask_applicant(actor=town.roles["judge"], review=made[0], number=1, words="温度是多少？")
    about = registry.row_of(asked.sheet.item.record)
    town.add("questions of experts", ((about.record.code, asked.number), town.fresh(about)))
    town.add("asked about", ((about.record.code,), town.fresh(about)))
    town.add("items of reviews", *(((one.record.code, 1), town.fresh(one)) for one in made))
    judged = made[0].sheets.select_related("item__record").get(item__number=1).item.record
    file = keep_document(actor=handler, record=judged, upload=Upload("研究报告.txt", b"0.08 nm", True), group="full")
    town.add("files of reviews", ((made[0].record.code, 1, file.pk), town.fresh(made[0])))
    town.add("hashes of files of reviews", ((made[0].record.code, 1, file.sha256), town.fresh(made[0])))
    return [*experts, to_draw, scoring, *made]
