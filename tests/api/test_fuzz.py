"""A fuzzer that knows the OpenAPI document asks every route as visitor, firm or officer; `api-fuzz` asks for long."""

import itertools
import json

import pytest
import schemathesis
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS as KNOWN
from schemathesis.config import SchemathesisConfig

from kezhuan.api.openapi import document
from kezhuan.areas.needs.lifecycle import NEED
from kezhuan.areas.people.token_actions import make_token
from kezhuan.exchange.papers.archive_actions import ask_archive
from kezhuan.kernel import registry, tokens
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Record
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.text import today
from tests.api.actors import ROOT, make_achievement, make_need
from tests.factories import city as factory
from tests.factories.databases import connection_kept
from tests.factories.fuzzing import CHECKS, configuration

ONCE = settings(max_examples=1, phases=(Phase.generate,), suppress_health_check=list(HealthCheck), derandomize=True)
"""One question by the document, and where something may be asked wrongly one against it, for each route or, of those
that kinds share, of one kind's. `api-fuzz` asks every route, as everybody, for long, and PostgreSQL too."""
PLURALS = {
    "need": "needs", "achievement": "achievements", "organisation": "organisations",
    "introduction": "introductions", "person": "people", "notice": "notices", "objection": "objections",
    "approval": "approvals", "inspection": "inspections",
}  # fmt: skip


def told(city):
    """The document with codes of a small city in which each asker finds something to do."""
    need_row = make_need(city.owner, city.officer)
    need, result = need_row.record, make_achievement(city.university, city.officer).record
    make_need(city.owner), make_need(city.owner, title="第二项"), make_achievement(city.owner)
    city.owner_api.send(f"/needs/{need.code}/matches/{result.code}/introduce", None, 201)
    file = SimpleUploadedFile("a.txt", b"0.08 nm")
    address = f"{ROOT}/achievements/{result.code}/documents"
    made = city.university_api.post(address, {"file": file, "declared_open": "true", "group": "public"})
    routed = make_achievement(city.university, city.officer, title="走审批的成果")
    approval = factory.approval(routed, city.officer, factory.member(city.officer.organisation, Role.OFFICER))
    factory.inspection(need_row, city.officer)
    # Afterwards: from then on a notice is held before the step that the approval asks for.
    result = make_achievement(city.university, city.officer, title="要公示的成果")
    notice = factory.notice(result, city.officer, stage="running")
    factory.objection(notice, city.officer)
    asked, _job = ask_archive(actor=city.owner, row=closed(city))
    numbers = {"approvals": [step.pk for step in approval.steps.all()], "exports": [asked.pk]}
    codes = {
        plural: list(Record.objects.filter(kind=kind).values_list("code", flat=True))
        for kind, plural in PLURALS.items()
    }
    moves = {plural: list(registry.kind_of(kind).lifecycle.moves) for kind, plural in PLURALS.items()}
    return configuration(json.loads(document()), codes, moves, [made.json()["sha256"]], numbers)


def closed(city):
    """A case that is over."""
    return advance(NEED, make_need(city.owner, city.officer, title="已结"), "close", actor=city.owner, note="已解决")


def secret_of(actor):
    return make_token(actor=actor, name="x", reads={"*"}, writes={"*"}, expires_on=today(), seed=tokens.new_seed())[1]


@pytest.mark.long
def test_no_route_breaks_or_answers_otherwise_than_the_document_says(city):
    """As officer, firm and visitor in turn: each route as one of them, a route that kinds share of one kind."""
    config = SchemathesisConfig.from_dict(told(city))
    askers = itertools.cycle(
        [*({"Authorization": f"Bearer {secret_of(actor)}"} for actor in (city.officer, city.owner)), {}]
    )
    asked, checks, met = [], [], set()

    def ask(case):
        asked.append(case.operation.label)
        case.call_and_validate(headers=next(askers), checks=checks)

    with connection_kept():
        schema = schemathesis.openapi.from_wsgi(f"{ROOT}/openapi.json", get_wsgi_application(), config=config)
        checks += [KNOWN.get_one(name) for name in CHECKS]  # known once the document is loaded
        for found in schema.get_all_operations():
            operation = found.ok()
            shared = operation.method, operation.path.partition("{code}")[2] or operation.path
            if shared in met:
                continue
            met.add(shared)
            ways = [GenerationMode.POSITIVE]
            if list(operation.body) or list(operation.query):  # what may be asked wrongly
                ways.append(GenerationMode.NEGATIVE)
            for way in ways:
                ONCE(given(case=operation.as_strategy(generation_mode=way))(ask))()
    assert len(asked) > len(met) > 100
