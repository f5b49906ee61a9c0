"""Offers of a consortium and their bookings for tests, made through the program's own actions."""

from datetime import timedelta
from typing import Any

from kezhuan.areas.chains.actions import BookingFacts, OfferFacts, book, draft_offer
from kezhuan.areas.chains.lifecycle import OFFER
from kezhuan.areas.chains.models import Booking, Offer
from kezhuan.areas.projects.models import Project
from kezhuan.kernel.access import Actor
from kezhuan.kernel.models import Organisation
from kezhuan.kernel.text import today
from tests.factories import city, projects

STEPS = {"draft": [], "open": ["publish"], "closed": ["publish", "close"], "discarded": ["discard"]}


def offer(unit: Organisation, *, stage: str = "draft", project: Project | None = None, **facts: Any) -> Offer:
    """What a unit offers, which leads the project unless another is given: ten runs of a pilot line in a month."""
    if project is None:
        (chosen,) = projects.awarded(unit)
        project = projects.project(chosen, stage="signed")
    told = {
        "title": "中试线", "project": project.record.code, "sort": "pilot", "place": "黄埔区1号厂房", "unit": "runs",
        "capacity": 10, "period": "month", "starts_on": today(), "ends_on": today() + timedelta(days=400),
        "reach": "members", "conditions": "原料自备", **facts,
    }  # fmt: skip
    by = city.clerk(unit)
    row = draft_offer(actor=by, facts=OfferFacts(**told))
    made: Offer = city.taken(OFFER, row, [(name, by) for name in STEPS[stage]])
    return made


def booking(row: Offer, by: Actor, amount: int = 1, days: int = 1, after: int = 0, **facts: Any) -> Booking:
    """So many runs asked for, for so many days from so many days after today on."""
    first = today() + timedelta(days=after)
    told = {
        "from_on": first,
        "to_on": first + timedelta(days=days - 1),
        "amount": amount,
        "purpose": "小批试制",
        **facts,
    }
    return book(actor=by, offer=row, facts=BookingFacts(**{"team": "工艺组", **told}))
