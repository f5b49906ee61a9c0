"""Every refusal is a problem document (RFC 9457), and no write passes without a session and its token."""

import json

import pytest
from django.test import Client

from kezhuan.areas.needs import api as needs_api
from kezhuan.kernel.models import User
from tests.api.actors import Api, make_need


def answer_of(client, method, address, body=b"{}", media="application/json", **headers):
    return client.generic(method, address, body, content_type=media, headers=headers)


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        (("GET", "/api/v1/nowhere", b"", ""), 404, "not-found"),
        (("GET", "/api/v2/needs", b"", ""), 404, "not-found"),
        (("GET", "/api/", b"", ""), 404, "not-found"),
        (("GET", "/api/v1/needs/N-2001-00001", b"", ""), 404, "not-found"),
        (("DELETE", "/api/v1/needs", b"", ""), 405, "method-unknown"),
        (("POST", "/api/v1/needs", b"{", "application/json"), 400, "not-json"),
        (("POST", "/api/v1/needs", b"\xff", "application/json"), 400, "not-json"),
        (("POST", "/api/v1/needs", b"title=x", "application/x-www-form-urlencoded"), 415, "media-unsupported"),
        (("POST", "/api/v1/needs", b"[]", "application/json"), 422, "value-type"),
        (("POST", "/api/v1/needs", b"{}", "application/json"), 422, "field-missing"),
        (("POST", "/api/v1/needs", b" " * 6_000_000, "application/json"), 413, "body-too-large"),
    ],
)
def test_refusals_are_problem_documents(city, asked, status, code):
    answer = answer_of(city.owner_api, *asked)
    assert answer.status_code == status, answer.content
    assert answer.headers["Content-Type"] == "application/problem+json"
    told = answer.json()
    assert set(told) == {"type", "title", "status", "detail", "problems"}
    assert (told["status"], told["problems"][0]["code"]) == (status, code)
    assert set(told["problems"][0]) == {"code", "message", "field", "clause"}


@pytest.mark.django_db
def test_a_write_to_an_address_that_is_none_is_told_so_to_a_program():
    answer = Client(enforce_csrf_checks=True).post("/api/v1/nowhere", b"{}", content_type="application/json")
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json")


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("budget_fen", 1.5, "value-type"),
        ("budget_fen", "100", "value-type"),
        ("budget_fen", True, "value-type"),
        ("budget_fen", -1, "value-range"),
        ("budget_fen", 10**30, "value-range"),
        ("deadline", "2027-02-30", "value-type"),
        ("deadline", 20270101, "value-type"),
        ("field", "alchemy", "value-unknown"),
        ("modes", ["gift"], "value-unknown"),
        ("keywords", "抛光", "value-type"),
        ("chain", "长" * 61, "value-long"),
        ("self_solvable", "no", "value-type"),
        ("contact", "P-2001-00001", "code-unknown"),
        ("region", "Tianhe", "value-unknown"),
        ("colour", "red", "field-unknown"),
        ("confidentiality", "机密", "state-secret"),
        ("confidentiality", "hidden", "confidentiality-unknown"),
        ("trl_scale", "x", "maturity-range"),
    ],
)
def test_bodies_are_checked_field_by_field(city, field, value, code):
    found = city.owner_api.refused("/needs", 422, {"title": "需求", "min_trl": 3, field: value})
    assert code in found.values()
    if code not in {"state-secret", "maturity-range"}:
        assert {key.split(".")[0] for key in found} == {field}


def test_a_text_that_is_too_long_is_told_in_what_it_is_counted(city):
    (problem,) = city.visitor_api.read(f"/needs?q={'长' * 401}", 422)["problems"]
    assert (problem["code"], problem["message"]) == ("value-long", "At most 400 characters.")


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ("needs?stage=nope", "value-unknown"),
        ("needs?stage=listed", "value-unknown"),
        ("achievements?stage=published", "value-unknown"),
        ("achievements?field=alchemy", "value-unknown"),
        ("achievements?trl=10", "value-unknown"),
        ("needs?source=hearsay", "value-unknown"),
        ("needs?region=Tianhe", "value-unusable"),
        ("organisations?organisation_kind=club", "value-unknown"),
        ("search?kind=club", "value-unknown"),
        ("search?stage=nope", "value-unknown"),
        ("needs?limit=101", "value-range"),
        ("needs?colour=red", "parameter-unknown"),
    ],
)
def test_a_filter_that_says_nothing_is_told_of_and_not_answered_with_an_empty_list(city, asked, code):
    (problem,) = city.visitor_api.read(f"/{asked}", 422)["problems"]
    name = asked.partition("?")[2].partition("=")[0]
    assert (problem["code"], problem["field"].partition(".")[0]) == (code, name)
    assert "…" not in problem["message"]
    if code == "value-unknown":
        assert "nope" not in problem["message"]
        assert "'" in problem["message"]  # the values that there are


def test_a_question_is_not_told_that_nothing_was_changed(city):
    asked, sent = city.visitor_api.read("/needs?limit=0", 422), city.owner_api.send("/needs", {}, 422)
    assert "changed" not in asked["detail"]
    assert "changed" in sent["detail"]
    assert asked["problems"][0]["message"] == "At least 1."


def test_start_leads_to_the_document_and_to_every_list(city):
    start = city.visitor_api.read("/")
    assert city.visitor_api.read(start["openapi"])["openapi"].startswith("3.1")
    assert {"needs", "achievements", "organisations", "notices"} <= {one["name"] for one in start["lists"]}
    for one in (start["search"], *(one["href"] for one in start["lists"])):
        assert city.visitor_api.read(one)["total"] >= 0


def test_text_with_control_characters_is_cleaned(city):
    made = city.owner_api.send("/needs", {"title": " 固\u0000态电池 ", "keywords": ["a\u0000b"]}, 201)
    shown = city.owner_api.read(f"/needs/{made['code']}")
    assert (shown["title"], shown["keywords"]) == ("固态电池", ["ab"])
    assert city.owner_api.refused("/needs", 422, {"title": "\ud800"}) == {"title": "value-unusable"}


def test_refusal_never_repeats_what_was_sent(city):
    answer = city.owner_api.send("/needs", {"title": "需求", "budget_fen": "极密之数"}, 422)
    assert "极密之数" not in json.dumps(answer, ensure_ascii=False)


def test_problems_speak_chinese_by_default(city):
    answer = Api().get("/api/v1/nowhere", headers={"accept-language": ""})
    assert answer.headers["Content-Language"] == "zh-hans"


@pytest.mark.parametrize("address", ["/needs", "/achievements", "/organisations"])
def test_writes_need_somebody_signed_in(city, address):
    answer = city.visitor_api.post(f"/api/v1{address}", "{}", content_type="application/json")
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer, Session")


def test_reader_may_not_create(city):
    assert city.colleague_api.refused("/needs", 403, {"title": "需求"}) == {"": "not-allowed"}


def test_writes_in_a_session_need_its_token(city):
    api = Api(city.owner, enforce_csrf_checks=True)
    assert api.refused("/needs", 403, {"title": "需求"}) == {"": "csrf"}
    token = "a" * 32
    api.cookies["csrftoken"] = token
    answer = answer_of(api, "POST", "/api/v1/needs", json.dumps({"title": "需求"}), **{"x-csrftoken": token})
    assert answer.status_code == 201
    assert Api(enforce_csrf_checks=True).send("/match", {"text": "抛光"}) == {"items": []}


def test_own_fault_is_told_without_details_and_recorded(city, monkeypatch, caplog):
    need = make_need(city.owner, city.officer)
    monkeypatch.setattr(needs_api, "label", lambda *_: 1 / 0)
    answer = city.visitor_api.get(f"/api/v1/needs/{need.record.code}?q=geheim")
    assert (answer.status_code, answer.json()["problems"][0]["code"]) == (500, "broken")
    assert answer.headers["X-Request-ID"] in answer.json()["detail"]
    assert "ZeroDivisionError" not in answer.content.decode()
    assert "ZeroDivisionError" in caplog.text
    assert "geheim" not in caplog.text


def test_answers_are_kept_by_no_shared_cache(city):
    answer = city.visitor_api.get("/api/v1/needs")
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert "Accept-Language" in answer.headers["Vary"]


def test_status_tells_version_and_how_far_the_index_is_behind(city):
    shown = city.visitor_api.read("/status")
    assert (set(shown), shown["index"]) == ({"version", "index"}, {"behind": 0})


def test_program_signs_in_and_writes_as_the_how_to_says(city):
    User.objects.get(person=city.owner.person).delete()
    User.objects.create_user("program@example.com", "Long-enough-7531", person=city.owner.person)
    api = Api(enforce_csrf_checks=True)
    api.get("/sign-in/")
    form = {"email": "program@example.com", "password": "Long-enough-7531"}
    answer = api.post("/sign-in/", form | {"csrfmiddlewaretoken": api.cookies["csrftoken"].value})
    assert answer.status_code == 302
    headers = {"x-csrftoken": api.cookies["csrftoken"].value}
    made = answer_of(api, "POST", "/api/v1/needs", json.dumps({"title": "需求"}), **headers)
    assert made.status_code == 201
    assert made.headers["Location"] == made.json()["href"]


FILE_FORM = (
    b'--a\r\nContent-Disposition: form-data; name="file"; filename="%s.txt"\r\n\r\nhi\r\n'
    b'--a\r\nContent-Disposition: form-data; name="declared_open"\r\n\r\ntrue\r\n--a--'
)
JSON, FORM = "application/json", "multipart/form-data; boundary=a"


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        (("POST", "/needs", b'{"title":' + b"[" * 200_000 + b"]" * 200_000 + b"}", JSON), 400),
        (("POST", "/needs", b'{"a":' * 50_000 + b"1" + b"}" * 50_000, JSON), 400),
        (("POST", "/needs", b'{"title":"x","budget_fen":' + b"9" * 5000 + b"}", JSON), 400),
        (("POST", "/needs", b'{"title":"x","budget_fen":1e999}', JSON), 422),
        (("POST", "/needs", b'{"title":NaN}', JSON), 422),
        (("POST", "/needs", rb'{"title":"x","contact":"x\u0000"}', JSON), 422),
        (("POST", "/needs", rb'{"title":"x","contact":"\ud800"}', JSON), 422),
        (("POST", "/needs", b"null", JSON), 422),
        (("POST", "/needs", b"", JSON), 422),
        (("POST", "/needs", b'\xef\xbb\xbf{"title":"x"}', JSON), 201),
        (("POST", "/needs", b'{"title":"x"}', "text/plain"), 415),
        (("POST", "/needs", b'{"title":"x"}', "multipart/form-data; boundary=\xff"), 415),
        (("POST", "/needs/{}/documents", b"{}", JSON), 422),
        (("POST", "/needs/{}/documents", b"x", "multipart/form-data"), 400),
        (("POST", "/needs/{}/documents", FILE_FORM % b"a\x00b", FORM), 201),
        (("POST", "/needs/{}/documents", FILE_FORM % (b"x" * 5000), FORM), 400),
        (("POST", "/needs/{}/moves/submit", rb'{"expected_stage":"\u0000"}', JSON), 409),
        (("POST", "/needs/{}/moves/%00", b"{}", JSON), 404),
        (("PUT", "/needs/{}", b'{"title":"x","version":' + b"9" * 300 + b"}", JSON), 422),
        (("POST", "/match", rb'{"text":"\u0000"}', JSON), 422),
        (("GET", "/needs?q=%00&chain=%00&source=self", b"", ""), 200),
        (("GET", "/needs?field=%00&stage=%ED%A0%80", b"", ""), 422),
        (("GET", "/needs?limit=" + "9" * 5000, b"", ""), 422),
        (("GET", "/needs?cursor=%00", b"", ""), 422),
        (("GET", "/needs?%00=1", b"", ""), 422),
        (("GET", "/needs?" + "field=x&" * 5000, b"", ""), 400),
        (("GET", "/needs/%00", b"", ""), 404),
        (("GET", "/needs/%ED%A0%80", b"", ""), 404),
        (("GET", "/needs/" + "x" * 5000, b"", ""), 404),
        (("GET", "/needs/{}/documents/%00", b"", ""), 404),
        (("GET", "/needs/{}/matches?top=" + "9" * 400, b"", ""), 422),
    ],
)  # fmt: skip
def test_what_no_program_should_send_is_answered_like_anything_else(city, asked, status):
    code = make_need(city.owner).record.code
    method, address, body, media = asked
    answer = answer_of(city.owner_api, method, f"/api/v1{address.replace('{}', code)}", body, media)
    assert answer.status_code == status, answer.content[:500]
    expected = "application/problem+json" if status >= 400 else "application/json; charset=utf-8"
    assert answer.headers["Content-Type"] == expected


def test_request_for_a_foreign_host_is_refused_in_the_form_that_was_asked_for(city):
    answers = [Api().get(address, headers={"host": "elsewhere.example"}) for address in ("/api/v1/needs", "/needs/")]
    assert [answer.status_code for answer in answers] == [400, 400]
    assert answers[0].json()["problems"][0]["code"] == "request-unreadable"
    assert answers[1].headers["Content-Type"].startswith("text/html")
