"""Offers of a consortium and their bookings, and tasks of chains."""

from kezhuan.areas.chains.actions import cancels
from kezhuan.areas.chains.commissioning_actions import commissions
from kezhuan.areas.chains.permissions import may_book, may_offer, unit_of
from kezhuan.areas.chains.queries import bookings_seen
from kezhuan.areas.chains.task_actions import poses
from kezhuan.kernel.access import represents_owner
from tests.access.rules.rule import EVERYBODY, SIGNED_IN, Rule, both, sees

_OFFER = {
    "title": "中试线", "project": "X-1999-00001", "sort": "pilot", "place": "黄埔", "unit": "runs", "capacity": 1,
    "period": "month", "starts_on": "2027-01-01", "ends_on": "2027-12-31",
}  # fmt: skip
_TASK = {"title": "抛光液攻关", "chain": "半导体", "link": "抛光材料", "missing": "依赖进口"}
_BOOKING = {"from_on": "2027-01-01", "to_on": "2027-01-02", "amount": 1, "purpose": "试制", "team": "工艺组"}


def _is_changed(_actor, row):
    return row.record.stage in {"draft", "open", "published"}


def _takes_back(actor, row):
    one = bookings_seen(actor, row).filter(number=1).first()
    return one is not None and cancels(actor, row, one)


def _selects(actor, row):
    return represents_owner.test(actor, row) and row.record.stage in {"draft", "published"} and bool(row.mode)


PAGES = {
    "tasks": EVERYBODY,
    "task": Rule(sees, "task"),
    "task-new": Rule(lambda actor, _: unit_of(actor) is not None),
    "task-edit": Rule(both(represents_owner.test, _is_changed), "task"),
    "task-commission": Rule(both(commissions), "task"),
    "task-need": Rule(both(poses), "task"),
    "task-selection": Rule(both(_selects), "task"),
    "offers": EVERYBODY,
    "offer-uses": SIGNED_IN,
    "offer": Rule(sees, "offer"),
    "offer-new": Rule(lambda actor, _: may_offer(actor)),
    "offer-edit": Rule(both(represents_owner.test, _is_changed), "offer"),
    "offer-book": Rule(both(may_book), "offer"),
    **dict.fromkeys(("booking-answer", "booking-use"), Rule(both(represents_owner.test), "bookings of offers")),
    "booking-cancel": Rule(both(_takes_back), "bookings of offers"),
}

OPERATIONS = {
    "tasks-create": Rule(lambda actor, _: unit_of(actor) is not None, by="post", form=_TASK),
    "tasks-change": Rule(both(represents_owner.test), "task", by="put", form=_TASK | {"version": 1}),
    "tasks-commission": Rule(both(commissions), "task", by="post", form={"fen": 100, "words": "记录齐备"}),
    "tasks-need": Rule(both(represents_owner.test), "task", by="post"),
    "tasks-selection": Rule(both(represents_owner.test), "task", by="put", form={"deciders": "班子成员"}),
    "offers-create": Rule(lambda actor, _: may_offer(actor), by="post", form=_OFFER),
    "offers-change": Rule(both(represents_owner.test), "offer", by="put", form=_OFFER | {"version": 1}),
    "offers-book": Rule(both(may_book), "offer", by="post", form=_BOOKING),
    "offers-answer": Rule(both(represents_owner.test), "bookings of offers", by="put", form={"confirms": True}),
    "offers-cancel": Rule(both(_takes_back), "bookings of offers", by="post", form={"reason": "改期"}),
    "offers-use": Rule(
        both(represents_owner.test), "bookings of offers", by="post",
        form={"on": "2026-01-01", "quantity": "1", "result": "合格"},
    ),
    "offer-uses": SIGNED_IN,
}  # fmt: skip
