"""Many programs at once, on real threads."""

import json

import pytest

from kezhuan.areas.people.token_actions import MOST_TOKENS, make_token
from kezhuan.kernel import journal, limits, tokens
from kezhuan.kernel.errors import Refused
from kezhuan.kernel.models import Entry, KeptAnswer, Record, Token
from kezhuan.kernel.text import today
from tests.api.actors import ROOT, Api, make_member
from tests.factories import city
from tests.factories.databases import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.each_database]


@pytest.fixture(autouse=True)
def _handfuls(monkeypatch):
    """A handful is a part of the bucket, as it is in service: threads that draw at once all find some."""
    monkeypatch.setattr(limits, "HANDFULS", 1000)


def make(actor, seed):
    return make_token(actor=actor, name="同步", reads={"*"}, writes=(), expires_on=today(), seed=seed)


def test_a_form_pressed_eight_times_at_once_makes_one_token():
    actor, seed = city.member(city.organisation()), tokens.new_seed()
    results = at_once([lambda: make(actor, seed)] * 8)
    assert {secret for _row, secret in results} == {tokens.secret_of(seed)}
    assert Token.objects.count() == Entry.objects.filter(kind="token.made").count() == 1
    assert journal.verify().broken_seq is None


def test_many_at_once_do_not_pass_the_limit_of_tokens():
    actor = city.member(city.organisation())
    row, _secret = make(actor, tokens.new_seed())
    Token.objects.bulk_create(
        Token(person=row.person, organisation=row.organisation, name="x", digest=f"{n}", made_at=row.made_at,
              expires_on=row.expires_on)
        for n in range(MOST_TOKENS - 3)
    )  # fmt: skip
    results = at_once([lambda: make(actor, tokens.new_seed()) for _ in range(5)])
    assert sum(isinstance(result, Refused) for result in results) == 3
    assert Token.objects.count() == MOST_TOKENS


def test_one_write_sent_eight_times_at_once_is_done_once_and_answered_eight_times():
    actor = make_member(city.organisation(), "陈一")
    clients = [Api(actor) for _ in range(8)]

    def send(client):
        body, headers = json.dumps({"title": "固态电池"}), {"idempotency-key": "k"}
        answer = client.generic("POST", f"{ROOT}/needs", body, "application/json", headers=headers)
        return answer.status_code, answer.json()["code"]

    results = at_once([lambda client=client: send(client) for client in clients])
    made = Record.objects.get(kind="need")
    assert set(results) == {(201, made.code)}
    assert KeptAnswer.objects.count() == Entry.objects.filter(kind="need.open").count() == 1
    assert journal.verify().broken_seq is None


def test_one_key_for_eight_writes_at_once_does_one_of_them():
    actor = make_member(city.organisation(), "陈一")
    clients = [Api(actor) for _ in range(8)]

    def send(number, client):
        body, headers = json.dumps({"title": f"电池{number}"}), {"idempotency-key": "k"}
        return client.generic("POST", f"{ROOT}/needs", body, "application/json", headers=headers).status_code

    results = at_once([lambda pair=pair: send(*pair) for pair in enumerate(clients)])
    assert sorted(results) == [201] + [422] * 7
    assert Record.objects.filter(kind="need").count() == 1


def test_processes_that_ask_at_once_get_together_what_the_bucket_holds(monkeypatch):
    monkeypatch.setattr(limits, "HANDFULS", 60)
    processes = [limits.Limiter() for _ in range(6)]
    monkeypatch.setattr(limits.time, "time", lambda: 1_800_000_000.0)
    results = at_once([lambda one=one: sum(one.take("somebody", 60).allowed for _ in range(20)) for one in processes])
    assert sum(results) == 60
