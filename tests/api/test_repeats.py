"""A write with an Idempotency-Key is done once, whatever comes between the work and the answer."""

import json
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import encode_multipart

from kezhuan.api import repeats
from kezhuan.areas.people.token_actions import make_token
from kezhuan.kernel import answers, jobs, tokens
from kezhuan.kernel.models import Document, Entry, KeptAnswer, Record
from kezhuan.kernel.text import now, today
from tests.api.actors import ROOT, Api, make_achievement, make_need

NEED = {"title": "固态电池"}


def send(api, address, body, key, method="POST", **headers):
    headers = {"idempotency-key": key, **headers}
    return api.generic(method, ROOT + address, json.dumps(body), "application/json", headers=headers)


def same(first, second):
    return (first.status_code, first.content, first.headers.get("Location")) == (
        second.status_code,
        second.content,
        second.headers.get("Location"),
    )


def test_same_key_and_body_is_done_once_and_answered_twice(city):
    first, second = (send(city.owner_api, "/needs", NEED, '"a-1"') for _ in range(2))
    assert first.status_code == 201
    assert same(first, second)
    assert ("Idempotent-Replayed" in first.headers, second.headers["Idempotent-Replayed"]) == (False, "true")
    assert second.headers["Content-Type"] == first.headers["Content-Type"]
    assert Record.objects.filter(kind="need").count() == 1
    assert same(first, send(city.owner_api, "/needs", NEED, "a-1"))
    other = send(city.owner_api, "/needs", NEED, "a-2")
    assert other.json()["code"] != first.json()["code"]


def test_same_key_with_anything_else_is_refused_and_changes_nothing(city):
    need = make_need(city.owner).record.code
    send(city.owner_api, "/needs", NEED, "k")
    before = Entry.objects.count()
    for address, body, method in (
        ("/needs", {"title": "固态电池 "}, "POST"),
        ("/achievements", NEED, "POST"),
        (f"/needs/{need}", {**NEED, "version": 1}, "PUT"),
        ("/needs?x=1", NEED, "POST"),
    ):
        answer = send(city.owner_api, address, body, "k", method)
        assert (answer.status_code, answer.json()["problems"][0]["code"]) == (422, "key-reused")
        assert answer.headers["Content-Type"] == "application/problem+json"
    assert Entry.objects.count() == before


def test_keys_of_others_and_of_other_tokens_are_other_keys(city):
    codes = {send(api, "/needs", NEED, "k").json()["code"] for api in (city.owner_api, city.rival_api)}
    for _ in range(2):
        _row, secret = make_token(
            actor=city.owner, name="x", reads={"*"}, writes={"*"}, expires_on=today(), seed=tokens.new_seed()
        )
        codes.add(send(Api(), "/needs", NEED, "k", authorization=f"Bearer {secret}").json()["code"])
    assert len(codes) == 4


def test_refusal_keeps_nothing_so_that_the_key_serves_for_the_mended_request(city):
    refused = send(city.owner_api, "/needs", {"title": ""}, "k")
    assert refused.status_code == 422
    assert not KeptAnswer.objects.exists()
    assert send(city.owner_api, "/needs", NEED, "k").status_code == 201


def test_every_kind_of_write_is_done_once(city):
    need, result = make_need(city.owner, city.officer), make_achievement(city.university, city.officer)
    draft = make_need(city.owner)
    pair = f"/needs/{need.record.code}/matches/{result.record.code}"
    for api, address, body, method in (
        (city.owner_api, f"/needs/{draft.record.code}", {"title": "甲", "version": 1}, "PUT"),
        (city.owner_api, f"{pair}/refuse", {"reason": "partner", "words": "n"}, "POST"),
        (city.owner_api, f"{pair}/introduce", {}, "POST"),
        (city.owner_api, f"/needs/{need.record.code}/moves/close", {"note": "n"}, "POST"),
    ):
        first = send(api, address, body, f"key-{address}", method)
        assert first.status_code < 300, first.content
        entries = Entry.objects.count()
        again = send(api, address, body, f"key-{address}", method)
        assert same(first, again)
        assert Entry.objects.count() == entries


def test_file_sent_again_with_another_boundary_is_attached_once(city):
    code = make_achievement(city.university, city.officer).record.code

    def attach(boundary, content=b"0.08 nm", group="full"):
        file = SimpleUploadedFile("报告.txt", content)
        body = encode_multipart(boundary, {"file": file, "declared_open": "true", "group": group})
        return city.university_api.generic(
            "POST", f"{ROOT}/achievements/{code}/documents", body, f"multipart/form-data; boundary={boundary}",
            headers={"idempotency-key": "k"},
        )  # fmt: skip

    first, second = attach("one"), attach("two")
    assert first.status_code == 201, first.content
    assert same(first, second)
    assert Document.objects.count() == 1
    assert attach("one", b"0.09 nm").status_code == 422
    assert attach("one", group="public").status_code == 422


def test_crash_between_commit_and_answer_loses_neither(city, monkeypatch):
    """The answer is kept by the transaction that did the work: what dies afterwards changes nothing."""
    real = repeats.once

    def dies(*given):
        real(*given)
        raise SystemExit

    monkeypatch.setattr(repeats, "once", dies)
    with pytest.raises(SystemExit):
        send(city.owner_api, "/needs", NEED, "k")
    monkeypatch.undo()
    made = Record.objects.get(kind="need")
    answer = send(city.owner_api, "/needs", NEED, "k")
    assert (answer.status_code, answer.json()["code"]) == (201, made.code)
    assert Record.objects.filter(kind="need").count() == 1


def test_crash_before_the_commit_leaves_nothing_and_the_key_free(city, monkeypatch):
    monkeypatch.setattr(KeptAnswer, "save", lambda *_a, **_k: 1 / 0)
    assert send(city.owner_api, "/needs", NEED, "k").status_code == 500
    monkeypatch.undo()
    assert not Record.objects.filter(kind="need").exists()
    assert send(city.owner_api, "/needs", NEED, "k").status_code == 201


def test_key_is_free_again_after_a_day_and_old_answers_are_forgotten(city):
    first = send(city.owner_api, "/needs", NEED, "k")
    KeptAnswer.objects.update(made_at=now() - answers.KEPT + timedelta(minutes=1))
    assert same(first, send(city.owner_api, "/needs", NEED, "k"))
    KeptAnswer.objects.update(made_at=now() - answers.KEPT - timedelta(minutes=1))
    later = send(city.owner_api, "/needs", NEED, "k")
    assert later.json()["code"] != first.json()["code"]
    send(city.owner_api, "/needs", NEED, "young")
    KeptAnswer.objects.filter(body__contains=later.json()["code"]).update(made_at=now() - answers.KEPT * 2)
    jobs.enqueue("answers.forget")
    assert jobs.run_pending() == 1
    assert KeptAnswer.objects.count() == 1


@pytest.mark.parametrize("key", ["", " ", "a b", "x" * 201, "schlüssel".encode().decode("latin-1"), 'a"b'])
def test_key_that_is_none_is_refused(city, key):
    answer = send(city.owner_api, "/needs", NEED, key)
    assert (answer.status_code, answer.json()["problems"][0]["code"]) == (400, "key-unusable")
    assert not Record.objects.filter(kind="need").exists()


def test_key_changes_nothing_where_nothing_is_written_or_nobody_is_signed_in(city):
    assert city.owner_api.get(f"{ROOT}/needs", headers={"idempotency-key": "k"}).status_code == 200
    assert send(city.visitor_api, "/needs", NEED, "k").status_code == 401
    assert send(city.visitor_api, "/match", {"text": "抛光"}, "k").status_code == 200
    assert not KeptAnswer.objects.exists()


def test_forged_request_is_not_even_answered_again(city):
    send(city.owner_api, "/needs", NEED, "k")
    forged = Api(city.owner, enforce_csrf_checks=True)
    answer = send(forged, "/needs", NEED, "k")
    assert (answer.status_code, answer.json()["problems"][0]["code"]) == (403, "csrf")


def test_body_too_large_to_be_read_is_refused_with_a_key_too(city):
    answer = city.owner_api.generic(
        "POST", f"{ROOT}/needs", b" " * 6_000_000, "application/json", headers={"idempotency-key": "k"}
    )
    assert answer.status_code == 413


def test_nothing_of_key_and_asker_can_be_read_from_what_is_kept(city):
    send(city.owner_api, "/needs", NEED, "kundennummer-X4711Y")
    row = KeptAnswer.objects.get()
    assert "X4711Y" not in f"{row.asker}{row.key}{row.question}{row.body}{row.headers}"
