"""Conditions: an answer is sent once, a change is made to what was seen only."""

import json
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from kezhuan.api import resources
from kezhuan.api.site import api as site
from kezhuan.areas.achievements.models import Achievement
from kezhuan.areas.calls.models import Application
from kezhuan.areas.contracts.models import Certificate
from kezhuan.areas.evaluations.papers import code_on_report, report_number
from kezhuan.areas.needs.lifecycle import NEED
from kezhuan.areas.needs.models import Need
from kezhuan.areas.people.actions import edit_organisation
from kezhuan.areas.reviews.asking_actions import ask_applicant
from kezhuan.areas.reviews.lifecycle import PANEL
from kezhuan.areas.reviews.models import Review
from kezhuan.kernel import followers
from kezhuan.kernel.documents import Upload, keep_document
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Organisation, Record
from kezhuan.kernel.text import now
from tests.api.actors import ROOT, Api, make_achievement, make_need
from tests.factories import (
    agreements,
    brokers,
    calls,
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
from tests.factories import city as factories

ON_EACH = {
    "history", "moves", "documents", "documents/{sha256}", "papers/{template}", "version.pdf", "signatures", "seals",
}  # fmt: skip
NOTED = {"/exports/{number}/file", "/match/precise/file", "/evidence/{sha256}/package"}
STRONG = re.compile(r'"[0-9a-f]{32}"')


def tag(api, address, **headers):
    answer = api.get(ROOT + address, headers=headers)
    assert answer.status_code == 200, (address, answer.content)
    assert STRONG.fullmatch(answer.headers["ETag"])
    return answer.headers["ETag"]


def again(api, address, given, **headers):
    return api.get(ROOT + address, headers={"if-none-match": given, **headers})


def test_every_reading_route_gives_a_tag_and_304_without_a_body_to_who_has_it(city):
    need = make_need(city.owner, city.officer).record.code
    result = make_achievement(city.university, city.officer).record.code
    intro = city.owner_api.send(f"/needs/{need}/matches/{result}/introduce", None, 201)["code"]
    places = {
        "needs": need, "achievements": result, "introductions": intro,
        "organisations": city.owner.organisation.record.code, "people": city.owner.person.record.code,
        "rules": "clock.need.submitted",
    }  # fmt: skip
    row = Achievement.objects.get(record__code=result)
    director = factories.officer()
    other = Achievement.objects.get(record__code=make_achievement(city.university, city.officer).record.code)
    followers.run_pending()
    _broker, keeping = brokers.broker()
    asked_for = Need.objects.select_related("record").get(record__code=need)
    places["pairs"] = brokers.given(asked_for, other.record, keeping, by=city.officer).record.code
    places["approvals"] = factories.approval(other, city.officer, director).record.code
    places["notices"] = (notice := factories.notice(row, city.officer, stage="running")).record.code
    places["inspections"] = factories.inspection(row, city.officer).record.code
    places["objections"] = factories.objection(notice, city.officer).record.code
    places["teams"] = factories.team(city.university.organisation, achievements=(row,)).record.code
    dossier = factories.dossier(city.owner.organisation, by=city.owner)
    places["dossiers"] = dossier.record.code
    places["filings"] = factories.filing(dossier, city.owner).record.code
    contract = factories.contract(city.owner.organisation, by=city.owner)
    places["contracts"] = contract.record.code
    paper = Certificate.objects.create(
        contract=contract, version=1, code="-".join(["K" * 4] * 4), said=[], issued_at=now()
    )
    call = calls.call(stage="published")
    places["calls"] = call.record.code
    places["grants"] = grants.grant(city.owner.organisation, city.owner).record.code
    places["exemptions"] = exemptions.case(city.owner.organisation, city.owner).record.code
    places["prices"] = prices.price(city.owner.organisation, city.owner).record.code
    places["ledger"] = ledgers.entry(city.owner.organisation, city.owner).record.code
    agreed = agreements.agreement(city.owner.organisation, by=city.owner, stage="draft")
    places["agreements"] = agreed.record.code
    places["licences"] = agreements.licence(city.owner.organisation, by=city.owner).record.code
    judged = evaluations.evaluation(city.owner.organisation, city.owner, stage="registered")
    places["tasks"] = tasks.task(city.owner.organisation, city.owner).record.code
    places["evaluations"] = judged.record.code
    places["distributions"] = receipts.receipt(city.owner.organisation, city.owner).record.code
    places["applications"] = calls.application(call, city.owner.organisation, by=city.owner).record.code
    (chosen,) = projects.awarded(city.owner.organisation)
    taken_up = projects.project(chosen, stage="signed")
    places["projects"] = taken_up.record.code
    places["offers"] = offers.offer(city.owner.organisation, project=taken_up).record.code
    racing = [factories.organisation(kind="university") for _ in range(2)]
    rows = [projects.project(one) for one in projects.awarded(*racing, fen=50_000_000)]
    places["races"] = projects.race(rows, by=city.officer).record.code
    judging = reviews.join(factories.member(factories.organisation()), by=city.officer)
    closed = reviews.closed_call(city.officer, city.owner.organisation)
    panel = reviews.panel(city.officer, closed, per_item=1, choice="draw", scheme="open")
    (seat,) = reviews.asked(city.officer, panel, technical=1)
    advance(PANEL, panel, "begin", actor=city.officer)
    keep_document(
        actor=city.officer,
        record=seat.sheets.get().item.record,
        upload=Upload("报告.txt", b"0.08 nm", True),
        group="full",
    )
    ask_applicant(actor=reviews.judge(seat), review=Review.objects.get(pk=seat.pk), number=1, words="产能多少？")
    places["questions"] = Application.objects.get(item__call=closed).record.code
    places |= {"experts": judging.record.code, "panels": panel.record.code, "reviews": seat.record.code}
    readers = {
        "races": Api(city.officer),
        "contract-flags": Api(city.officer),
        "contract-answers": Api(city.officer),
        "pairs": Api(city.officer),
        "execution": Api(city.officer),
        "performance": Api(city.officer),
        "experts": Api(city.officer),
        "library": Api(city.officer),
        "panels": Api(city.officer),
        "match": Api(city.officer),
        "project-reports": Api(city.officer),
        "reviews": Api(reviews.judge(seat)),
        "approvals": Api(city.officer),
        "notices": Api(city.officer),
        "objections": Api(city.officer),
        "inspections": Api(city.officer),
        "achievements": city.university_api,
        "introductions": city.university_api,
    }
    file = SimpleUploadedFile("报告.txt", b"0.08 nm")
    made = city.university_api.post(f"{ROOT}/achievements/{result}/documents", {"file": file, "declared_open": "true"})
    over = make_need(city.owner, city.officer)
    advance(NEED, over, "close", actor=city.owner, note="已解决")
    asked = city.owner_api.send(f"/needs/{over.record.code}/archive", None, 202)  # and not written yet
    number = asked["href"].rsplit("/", 1)[1]
    let = make_need(city.owner, city.officer, confidentiality="title_only").record.code
    tried = 0
    for path, methods in site.get_openapi_schema()["paths"].items():
        path = path.removeprefix(ROOT)
        # A month of the audit grows while it is read, by the entry that it was read: it has no tag.
        # A folder taken along is fetched by whoever asked for it and thrown away, and a plan or a package of evidence
        # taken along is noted: none of them either.
        untagged = path.startswith("/audit/") or path in NOTED
        # What hangs on a record of any kind is mounted once for all.
        of_one_kind = path.split("{code}/")[-1] in ON_EACH
        if "get" not in methods or untagged or (of_one_kind and not path.startswith("/achievements")):
            continue
        kind = path.split("/")[1]
        address = path.format(
            code=let if path == "/needs/{code}/brokers" else places.get(kind),
            sha256=made.json()["sha256"],
            year=2026,
            template="letter",
            name="yearly",
            number={"reviews": 1, "certificates": paper.number, "evaluation-reports": report_number(judged)}.get(
                kind, number
            ),
        )
        asked = {
            "/templates/fields": "kind=need",
            "/certificates/{number}": f"code={paper.code}",
            "/evaluation-reports/{number}": f"code={code_on_report(judged)}",
        }
        address += f"?{asked[path]}" if path in asked else ""
        api = Api(city.officer) if path.endswith("/decisions") else readers.get(kind, city.owner_api)
        first = tag(api, address)
        answer = again(api, address, first)
        assert (answer.status_code, answer.content, answer.headers["ETag"]) == (304, b"", first), address
        assert answer.headers["Cache-Control"] == "private, no-cache"
        assert "Authorization" in answer.headers["Vary"]
        assert "Content-Type" not in answer.headers
        tried += 1
    assert tried > 20


@pytest.mark.parametrize("given", ["W/{0}", '"x", {0}', "*", '"x",W/{0},"y"'])
def test_any_of_several_tags_will_do_and_weak_ones_too(city, given):
    address = f"/needs/{make_need(city.owner, city.officer).record.code}"
    assert again(city.owner_api, address, given.format(tag(city.owner_api, address))).status_code == 304
    assert again(city.owner_api, address, '"x"').status_code == 200
    assert again(city.owner_api, address, "nonsense").status_code == 200


def test_tag_differs_by_version_by_what_the_reader_sees_by_language_and_by_what_stands_elsewhere(city):
    need = make_need(city.owner, city.officer)
    address = f"/needs/{need.record.code}"
    tags = [tag(city.owner_api, address), tag(city.visitor_api, address)]
    tags.append(tag(city.owner_api, address, **{"accept-language": "zh-hans"}))
    firm = Organisation.objects.get(pk=city.owner.organisation.pk)
    edit_organisation(
        actor=city.officer, organisation=firm, name="改名公司", name_en="", summary="", region=firm.region,
        expected_version=firm.record.version,
    )  # fmt: skip
    tags.append(tag(city.owner_api, address))
    city.owner_api.send(f"{address}/moves/close", {"note": "已解决"})
    tags.append(tag(city.owner_api, address))
    assert len(set(tags)) == 5
    assert tag(city.rival_api, address) == tag(city.visitor_api, address)


def test_refusals_and_writes_give_no_tag(city):
    need = make_need(city.owner)
    address = f"{ROOT}/needs/{need.record.code}"
    assert "ETag" not in city.rival_api.get(address).headers
    assert again(city.rival_api, f"/needs/{need.record.code}", "*").status_code == 404
    moved = city.owner_api.post(f"{ROOT}/match", '{"text": "抛光"}', content_type="application/json")
    assert (moved.status_code, "ETag" in moved.headers) == (200, False)


def put(api, address, body, **headers):
    return api.generic("PUT", ROOT + address, json.dumps(body), "application/json", headers=headers)


def move(api, address, name, body=None, **headers):
    return api.generic(
        "POST", f"{ROOT}{address}/moves/{name}", json.dumps(body or {}), "application/json", headers=headers
    )


def test_change_is_made_to_what_the_tag_names_and_to_nothing_else(city):
    need = make_need(city.owner)
    address = f"/needs/{need.record.code}"
    first = tag(city.owner_api, address)
    assert put(city.owner_api, address, {"title": "甲"}, **{"if-match": first}).status_code == 200
    late = put(city.owner_api, address, {"title": "乙"}, **{"if-match": first})
    assert (late.status_code, late.json()["problems"][0]["code"]) == (412, "tag-stale")
    assert late.headers["Content-Type"] == "application/problem+json"
    present = tag(city.owner_api, address)
    weak = put(city.owner_api, address, {"title": "乙"}, **{"if-match": f"W/{present}"})
    assert weak.status_code == 412
    assert city.owner_api.read(address)["title"] == "甲"
    several = put(city.owner_api, address, {"title": "乙"}, **{"if-match": f'"x", {present}'})
    assert several.status_code == 200
    assert put(city.owner_api, address, {"title": "丙"}, **{"if-match": "*"}).status_code == 200
    # The version in the body still counts beside the tag.
    both = put(city.owner_api, address, {"title": "丁", "version": 1}, **{"if-match": tag(city.owner_api, address)})
    assert both.status_code == 409


def test_change_that_says_not_what_it_changes_is_refused(city):
    need = make_need(city.owner)
    address = f"/needs/{need.record.code}"
    assert city.owner_api.refused(address, 428, {"title": "甲"}, "PUT") == {"": "version-missing"}
    for version in (0, -1, 2**31, 10**30, "1", 1.5, True):
        city.owner_api.send(address, {"title": "甲", "version": version}, 422, "PUT")


def test_a_tag_read_in_one_language_is_good_in_another_and_writes_answer_the_next(city):
    made = city.owner_api.post(f"{ROOT}/needs", '{"title": "甲"}', content_type="application/json")
    address = f"/needs/{made.json()['code']}"
    held = made.headers["ETag"]
    for title in ("乙", "丙"):
        answer = put(city.owner_api, address, {"title": title}, **{"if-match": held})
        assert answer.status_code == 200
        stale, held = held, answer.headers["ETag"]
        assert STRONG.fullmatch(held)
        assert put(city.owner_api, address, {"title": "丁"}, **{"if-match": stale}).status_code == 412
    english = tag(city.owner_api, address, **{"accept-language": "en"})
    chinese = {"if-match": english, "accept-language": "zh-hans"}
    once = {"idempotency-key": "k1"}
    first, again = (put(city.owner_api, address, {"title": "戊"}, **chinese, **once) for _ in range(2))
    assert (first.status_code, again.headers["ETag"]) == (200, first.headers["ETag"])
    gone = move(city.owner_api, address, "discard", **{"if-match": first.headers["ETag"]})
    assert (gone.status_code, bool(STRONG.fullmatch(gone.headers["ETag"]))) == (200, True)


def test_move_is_taken_on_what_the_tag_names(city):
    need = make_need(city.owner, city.officer)
    address = f"/needs/{need.record.code}"
    first = tag(city.officer_api, address)
    firm = Record.objects.get(pk=need.pk)
    assert firm.stage == "published"
    # Another record's tag is none of this one.
    other = tag(city.officer_api, f"/needs/{make_need(city.owner, city.officer).record.code}")
    assert move(city.officer_api, address, "close", {"note": "n"}, **{"if-match": other}).status_code == 412
    assert move(city.officer_api, address, "close", {"note": "n"}, **{"if-match": first}).status_code == 200
    assert move(city.owner_api, address, "withdraw", {"note": "n"}, **{"if-match": first}).status_code == 412


def test_whoever_comes_between_the_look_and_the_change_is_noticed(city, monkeypatch):
    need = make_need(city.owner)
    address = f"/needs/{need.record.code}"
    present = tag(city.owner_api, address)
    real = resources.version_matched

    def matched(request, record):
        version = real(request, record)
        monkeypatch.undo()
        city.owner_api.send(address, {"title": "先到", "version": need.record.version}, method="PUT")
        return version

    monkeypatch.setattr(resources, "version_matched", matched)
    assert put(city.owner_api, address, {"title": "后到"}, **{"if-match": present}).status_code == 409
    assert city.owner_api.read(address)["title"] == "先到"


def test_head_answers_like_get_without_the_body(city):
    address = f"{ROOT}/needs"
    got, head = city.visitor_api.get(address), city.visitor_api.head(address)
    assert (head.status_code, head.content, head.headers["ETag"]) == (200, b"", got.headers["ETag"])
    assert int(head.headers["Content-Length"]) == len(got.content)
    assert city.visitor_api.head(address, headers={"if-none-match": got.headers["ETag"]}).status_code == 304
    assert city.visitor_api.head(f"{ROOT}/match").status_code == 405
