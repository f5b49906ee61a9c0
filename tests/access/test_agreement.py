"""Every permission is a predicate with its queryset beside it: all are found, and both ways give one answer."""

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import Model

from kezhuan.areas.calls.models import Call, CallStage
from kezhuan.areas.chains.models import SelectionMode, Task
from kezhuan.areas.contracts.models import Contract
from kezhuan.areas.inspections.models import Inspection
from kezhuan.areas.matches.models import Introduction
from kezhuan.areas.needs.models import Need
from kezhuan.areas.people.actions import SYSTEM, add_member
from kezhuan.areas.reviews.models import Panel, Review
from kezhuan.exchange.papers import printing
from kezhuan.kernel import registry, search
from kezhuan.kernel.access import GROUPS, Actor, actor_for, reading
from kezhuan.kernel.deputies import standing_in
from kezhuan.kernel.models import (
    ApprovalStep,
    Deputy,
    Message,
    Notice,
    Objection,
    Record,
    Route,
    Webhook,
)
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.predicates import Predicate
from kezhuan.kernel.text import now, today
from tests.access.permissions_table import BY_HAND, EVERY, NO_ROWS, OF, PART
from tests.access.town import Town
from tests.factories import city

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("agreement")]


def modules() -> Iterator[Any]:
    """All modules that may say who may do something."""
    for name in ("kernel", "exchange", "areas", "web", "api"):
        package = importlib.import_module(f"kezhuan.{name}")
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if ".migrations" not in found.name and ".templatetags" not in found.name:
                yield importlib.import_module(found.name)


@cache
def permissions() -> dict[str, Any]:
    """Everything in the program that answers about an actor with yes or no, by its name where it is written."""
    found = {}
    for module in modules():
        source = Path(module.__file__).read_text(encoding="utf-8")
        for name, value in vars(module).items():
            key = f"{module.__name__.removeprefix('kezhuan.')}.{name}"
            if isinstance(value, Predicate):
                if f"\n{name} = " in source or f"\ndef {name}(" in source:
                    found[key] = value
            elif inspect.isfunction(value) and value.__module__ == module.__name__:
                asked = list(inspect.signature(value).parameters.values())
                answers = inspect.signature(value).return_annotation in {bool, "bool"}
                if answers and asked and asked[0].annotation in {Actor, "Actor"}:
                    found[key] = value
    return found


def test_every_permission_has_its_queryset_or_says_why_not():
    found = permissions()
    known = {*OF, *NO_ROWS, *(name.partition(" ")[0] for name in BY_HAND)}
    about_actor = {key for key, one in found.items() if getattr(one, "about_actor", False)}
    assert len(found) > 80
    assert sorted(set(found) - known - about_actor) == [], "say in OF which rows it is asked of"
    assert sorted(known - set(found)) == []
    assert [key for key in OF if found[key].condition is None] == []
    assert [key for key in NO_ROWS if isinstance(found[key], Predicate)] == []


class Agreeing(Town):
    """The town with people who act in other ways: as somebody's deputy, for two organisations, in charge of little."""

    def _links(self) -> None:
        """Nothing that is asked here stands behind these addresses."""

    def __init__(self) -> None:
        super().__init__()
        handler, firm = self.roles["city officer"], self.firm
        office = handler.organisation
        both = city.member(firm, Role.ADMINISTRATOR)
        add_member(actor=SYSTEM, organisation=self.unit, person=both.person)
        add_member(actor=SYSTEM, organisation=office, person=both.person, role=Role.OFFICER)
        parties = Contract.objects.filter(record__owner=firm, record__stage="submitted")
        parties.update(buyer_name=self.unit.record.title, buyer_code="")
        some = city.member(office, Role.OFFICER)
        some.person.memberships.update(programme="need")
        there = city.officer("440106")
        there.person.memberships.update(programme="achievement")
        self.roles |= {
            "of two": actor_for(both.person, self.unit.pk),
            "officer of the firm's": actor_for(both.person, office.pk),
            "officer for needs": actor_for(some.person),
            "officer for results there": actor_for(there.person),
            "legal": city.member(firm, Role.LEGAL),
            "administrator of the office": city.member(office, Role.ADMINISTRATOR),
            "deputy": standing_in(self.roles["signer"], Deputy.objects.get().pk),
            "system": SYSTEM,
        }
        for name, whom, programme in (("for all", "owner", ""), ("for needs", "owner", "need")):
            stands = city.member(firm)
            deputy = Deputy.objects.create(
                represented=self.roles[whom].person, person=stands.person, organisation=firm, programme=programme,
                since=today(), until=today() + timedelta(days=1),
            )  # fmt: skip
            self.roles[f"deputy {name}"] = standing_in(stands, deputy.pk)
        back = city.organisation("退回的公司", stage="returned", region="440106")
        self.roles["sent back"] = city.member(back, Role.ADMINISTRATOR)
        Notice.objects.filter(record__stage="running").update(objections_until=today())
        hook = Webhook.objects.get()
        Message.objects.filter(pk=Message.objects.first().pk).update(webhook=hook)
        # What no registered step leads to so soon: a contract looked at, ordered, and whose numbers were read.
        first = Contract.objects.order_by("pk").first()
        Contract.objects.filter(pk=first.pk).update(
            registrar=handler.person, numbered=True, reg_no="1", registered_on=today(), registered_turnover_fen=1,
            registered_technology_fen=1, ordered_on=today(),
        )  # fmt: skip
        # And a directed commission whose record is whole.
        words = dict.fromkeys(("indicators", "why", "capability", "related", "minutes_no", "deciders"), "一")
        Task.objects.filter(record__stage="published").update(
            mode=SelectionMode.DIRECTED,
            undertaker=self.unit,
            decided_on=today(),
            commission=None,
            project=None,
            **words,
        )
        Record.objects.filter(kind="task", stage="published").update(summary="一")
        Record.objects.filter(kind="need", stage="draft").update(owner=None)
        Record.objects.filter(kind="call", stage="draft", call__seals=False).update(stage="unclaimed")
        Call.objects.filter(awaits_budget=False).update(keeps_library=True)
        CallStage.objects.bulk_create(CallStage(call=one, kind="spot-check") for one in Call.objects.all())
        Record.objects.filter(kind__in=("achievement", "need", "contract")).update(
            contact=self.roles["deputy for all"].person
        )
        Route.objects.create(kind="achievement", move="list", jurisdiction="440106", version=1, made_at=now())


@pytest.fixture(scope="module")
def town(django_db_setup: None, django_db_blocker: Any) -> Iterator[Town]:
    search.forget_live_index()
    with django_db_blocker.unblock(), transaction.atomic():
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(printing, "drawn", lambda _printed, _content: b"%PDF-1.7\n%%EOF\n")
            built = Agreeing()
        yield built
        transaction.set_rollback(True)
    search.forget_live_index()


RELATED = {Introduction: ("need__record__owner", "supply__owner", "supply__achievement__record__owner"),
           Objection: ("notice__about",), Notice: ("about",), ApprovalStep: ("approval__record",),
           Panel: ("about",), Review: ("panel__about", "panel__record", "expert"),
           Message: ("webhook",), Inspection: ("unit",), Route: ("unit",)}  # fmt: skip


def rows_of(model: type[Model]) -> list[Any]:
    """All rows, with what predicates read."""
    groups = [f"{group}_to" for group in GROUPS]
    if model is Record:
        joined = groups
    elif any(one.name == "record" for one in model._meta.fields):
        joined = ["record__owner", *(f"record__{group}" for group in groups)]
    else:
        joined = []
    return list(model._default_manager.select_related(*joined, *RELATED.get(model, ())))


def asked() -> dict[type[Model], dict[str, Predicate]]:
    """By model the predicates that are asked of it, those of moves among them; each once."""
    found: dict[type[Model], dict[str, Predicate]] = {}
    every = tuple(kind.model for kind in registry.kinds())
    for key, models in OF.items():
        for model in every if models == EVERY else () if models == PART else models:
            found.setdefault(model, {})[key] = permissions()[key]
    for kind in registry.kinds():
        for move in kind.lifecycle.moves.values():
            for one in filter(None, (move.allowed, move.done)):
                if all(str(one) != str(other) for other in found[kind.model].values()):
                    found[kind.model][str(one)] = one
    return found


def test_predicate_and_queryset_agree_on_every_row_of_the_town(town, settings):
    settings.FILES_TO = "the bureau"  # as at a unit's own instance, whose people may what a city's may and more
    wrong, held, turn = [], dict.fromkeys(OF, 0), 0
    for model, predicates in asked().items():
        rows = rows_of(model)
        for key, one in predicates.items():
            # Of what is asked of every kind a third of the people ask about each, in turn: all about some.
            # On PostgreSQL a ninth of them ask: its queries are other ones, its people are not.
            apart = 9 if connection.vendor != "sqlite" else 3 if OF.get(key) in {EVERY, None} else 1
            turn += 1
            for who, actor in list(town.roles.items())[turn % apart :: apart]:
                wanted = {row.pk for row in rows if one(actor, row)}
                held[key] = held.get(key, 0) + len(wanted)
                if set(one.among(actor, model._default_manager.all()).values_list("pk", flat=True)) != wanted:
                    wrong.append((key, model.__name__, who))
    for key, (model, test, queryset) in BY_HAND.items():
        rows = rows_of(model)
        for who, actor in town.roles.items():
            if {row.pk for row in rows if test(actor, row)} != set(queryset(actor).values_list("pk", flat=True)):
                wrong.append((key, model.__name__, who))
    assert wrong == []
    idle = [key for key, models in OF.items() if models != PART and not held[key]]
    assert connection.vendor != "sqlite" or idle == [], "nobody may: the town tries too little"


def test_a_predicate_without_a_queryset_says_so(town):
    lonely = Predicate(lambda _actor, _row: True)
    with pytest.raises(TypeError, match="no queryset"):
        (reading("title") & ~lonely).among(town.roles["owner"], Need.objects.all())
