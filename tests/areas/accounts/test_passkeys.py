"""Passkeys, made and shown by a key in software: what the server takes and what it refuses."""

import json

import pytest

from kezhuan.areas.accounts.models import Factor
from kezhuan.areas.people.actions import sign_up
from kezhuan.kernel.models import Entry
from tests.areas.accounts.browsers import (
    PASSWORD,
    add_app,
    add_passkey,
    browser,
    by_passkey,
    entered,
    is_in,
)
from tests.areas.accounts.software_key import SoftwareKey

pytestmark = pytest.mark.django_db


# -- passkeys ---------------------------------------------------------------------------------------------------------


def test_passkey_signs_in_without_a_password_and_stands_for_both_proofs(user, inside):
    add_app(inside)
    key = SoftwareKey()
    assert add_passkey(inside, key).status_code == 302
    client = browser()
    assert by_passkey(client, key)["Location"] == "/"
    assert is_in(client)
    assert Entry.objects.filter(kind="account.sign-in").last().data["methods"] == ["passkey"]


def test_first_passkey_brings_recovery_codes_and_is_the_second_proof_after_a_password(user, inside):
    key = SoftwareKey()
    assert (
        "recovery" in add_passkey(inside, key).content.decode() or Factor.objects.filter(kind="recovery").count() == 10
    )
    client = browser()
    assert entered(client, next="/needs/")["Location"] == "/sign-in/second/"
    assert by_passkey(client, key)["Location"] == "/needs/"
    assert Entry.objects.filter(kind="account.sign-in").last().data["methods"] == ["password", "passkey"]


def test_passkey_of_another_account_is_no_second_proof(user, inside):
    key, theirs = SoftwareKey(), SoftwareKey()
    add_passkey(inside, key)
    sign_up(name="外人", email="other@example.com", password=PASSWORD)
    stranger = browser()
    entered(stranger, email="other@example.com")
    add_passkey(stranger, theirs)
    client = browser()
    entered(client)
    assert by_passkey(client, theirs).status_code == 422
    assert not is_in(client)


@pytest.mark.parametrize(
    "wrong", [{"origin": "https://evil.example"}, {"host": "evil.example"}, {"verified": False}, {"step": 0}]
)
def test_passkey_is_refused_elsewhere_unverified_or_copied(user, inside, wrong):
    key = SoftwareKey()
    add_passkey(inside, key)
    by_passkey(browser(), key)
    for name, value in wrong.items():
        setattr(key, name, value)
    client = browser()
    assert by_passkey(client, key).status_code == 422
    assert not is_in(client)


def test_answer_about_a_passkey_is_taken_once_and_only_for_its_question(user, inside):
    key, client = SoftwareKey(), browser()
    add_passkey(inside, key)
    answer = key.prove(client.post("/sign-in/passkey/", {"ask": "yes"}).json())
    other = browser()
    other.post("/sign-in/passkey/", {"ask": "yes"})
    assert other.post("/sign-in/passkey/", {"answer": json.dumps(answer)}).status_code == 422
    assert client.post("/sign-in/passkey/", {"answer": json.dumps(answer)}).status_code == 302
    client.post("/sign-out/")
    assert client.post("/sign-in/passkey/", {"answer": json.dumps(answer)})["Location"] == "/sign-in/"


@pytest.mark.parametrize("nonsense", ["", "x", "[]", "null", "{}", '{"rawId": "AA", "response": 1}', '{"id": {}}'])
def test_nonsense_about_passkeys_is_refused_in_a_sentence(user, inside, nonsense):
    client = browser()
    client.post("/sign-in/passkey/", {"ask": "yes"})
    assert client.post("/sign-in/passkey/", {"answer": nonsense}).status_code == 422
    inside.post("/account/security/passkeys/", {"ask": "yes"})
    assert inside.post("/account/security/passkeys/", {"name": "x", "answer": nonsense}).status_code == 422
    assert not Factor.objects.exists()


def test_the_same_passkey_is_not_added_twice(user, inside):
    key = SoftwareKey()
    add_passkey(inside, key)
    assert add_passkey(inside, key).status_code == 409
    assert Factor.objects.filter(kind="passkey").count() == 1
