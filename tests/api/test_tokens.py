"""Tokens: made on a page, shown once, kept as a hash, narrower than their person, ended with what they stand on."""

import json
from datetime import date, timedelta
from urllib.parse import quote

import pytest
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext

from kezhuan.api.site import api as site
from kezhuan.areas.people.actions import SYSTEM, add_member, end_membership
from kezhuan.areas.people.lifecycle import PERSON
from kezhuan.areas.people.token_actions import MOST_TOKENS, SHOWN_AGAIN, end_token, last_expiry, make_token
from kezhuan.kernel import tokens
from kezhuan.kernel.errors import Missing, NotAllowed, Refused
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Entry, Membership, Token, User
from kezhuan.kernel.text import now, today
from tests.api.actors import ROOT, Api, make_achievement, make_need

ALL = {"*"}


def make(actor, *, reads=ALL, writes=(), seed=None, **given):
    facts = {"name": "夜间同步", "expires_on": today() + timedelta(days=30)} | given
    return make_token(actor=actor, reads=reads, writes=writes, seed=seed or tokens.new_seed(), **facts)


def api_of(secret):
    made = Api(enforce_csrf_checks=True)
    made.defaults["HTTP_AUTHORIZATION"] = f"Bearer {secret}"
    return made


def test_token_reads_and_writes_as_its_person_without_cookie_and_csrf(city):
    _row, secret = make(city.owner, writes=ALL)
    api = api_of(secret)
    made = api.send("/needs", {"title": "固态电池"}, 201)
    assert api.read(f"/needs/{made['code']}")["owner"]["name"] == "穗芯公司"
    city.rival_api.read(f"/needs/{made['code']}", 404)
    entry = Entry.objects.latest("seq")
    assert (entry.actor_id, entry.acting_for_id) == (city.owner.person.pk, city.owner.organisation.pk)


def test_only_the_hash_is_kept_and_the_journal_holds_no_word_of_it(city):
    row, secret = make(city.owner)
    assert secret.startswith("kz_")
    assert len(secret) == 67
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM kernel_token")
        assert secret.removeprefix("kz_") not in str(cursor.fetchall())
    entry = Entry.objects.latest("seq")
    assert (entry.kind, entry.data["token"]) == ("token.made", row.pk)
    assert "夜间同步" not in json.dumps(entry.data, ensure_ascii=False)
    assert entry.text.content == {"name": "夜间同步"}


@pytest.mark.parametrize("shown", ["Bearer ", "Bearer kz_0", "Bearer kz_\x00中", "Basic YTpi", "kz", "bearer"])
def test_what_is_no_token_is_refused_even_where_visitors_may_ask(city, shown):
    answer = Client(headers={"authorization": shown.encode("utf-8").decode("latin-1")}).get(f"{ROOT}/needs")
    assert (answer.status_code, answer.json()["problems"][0]["code"]) == (401, "token-invalid")
    assert answer.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'


def test_a_token_goes_before_the_session(city):
    api = Api(city.officer)
    _row, secret = make(city.rival)
    need = make_need(city.owner)
    api.defaults["HTTP_AUTHORIZATION"] = f"Bearer {secret}"
    api.read(f"/needs/{need.record.code}", 404)


def test_scope_narrows_what_the_person_may(city):
    need, result = make_need(city.owner, city.officer), make_achievement(city.owner, city.officer)
    _row, reading = make(city.owner, reads={"need"})
    api = api_of(reading)
    assert api.codes("/needs") == [need.record.code]
    assert api.refused("/achievements", 403, method="GET") == {"": "not-allowed"}
    assert api.refused(f"/achievements/{result.record.code}", 403, method="GET") == {"": "not-allowed"}
    assert api.refused("/needs", 403, {"title": "固态电池"}) == {"": "not-allowed"}
    assert {row["kind"] for row in api.read("/search")["items"]} == {"need"}
    assert api.refused(f"/needs/{need.record.code}/matches", 403, method="GET") == {"": "not-allowed"}
    _row, writing = make(city.owner, reads=(), writes={"need"})
    api = api_of(writing)
    assert api.send("/needs", {"title": "固态电池"}, 201)["stage"] == "draft"
    assert api.codes("/needs")
    assert api.refused("/achievements", 403, {"title": "成果"}) == {"": "not-allowed"}
    # What answers a typed need is asked for by its kind.
    _row, of_experts = make(city.owner, reads={"expert"})
    assert api_of(of_experts).send("/match", {"text": "固态电池", "kind": "expert"}) == {"items": []}
    assert api_of(of_experts).refused("/match", 403, {"text": "固态电池"}) == {"": "not-allowed"}


def test_a_token_is_never_more_than_its_person(city):
    _row, secret = make(city.colleague, writes=ALL)
    assert api_of(secret).refused("/needs", 403, {"title": "固态电池"}) == {"": "not-allowed"}
    me = api_of(secret).read("/me")
    assert (me["roles"], me["token"]["writes"]) == (["reader"], ["*"])
    hidden = make_need(city.rival)
    api_of(secret).read(f"/needs/{hidden.record.code}", 404)


def test_every_write_is_closed_to_a_token_that_only_reads_and_every_route_to_one_for_nothing(city):
    """The guard of every route, and by HTTP one of each form, with addresses of nothing, so that only the guard can
    answer 403."""
    tokens_made = {False: make(city.owner, reads={"organisation"}), True: make(city.owner)}
    guards = {one.operation_id: one.auth_callbacks[0] for one in site.operations()}
    closed, forms = {False: 0, True: 0}, set()
    for path, methods in site.get_openapi_schema()["paths"].items():
        for method, told in methods.items():
            guard = guards[told["operationId"]]
            form = method, path.partition("{code}")[2] or path.count("/")
            for writes, (row, secret) in tokens_made.items():
                if not (guard.writes if writes else guard.names and "organisation" not in guard.names):
                    continue
                closed[writes] += 1
                request = RequestFactory().generic(method.upper(), path)
                request.actor, request.token = tokens.actor_of(row), row
                with pytest.raises(NotAllowed):
                    guard(request)
                if (form, writes) not in forms:
                    forms.add((form, writes))
                    address = path.replace("{", "").replace("}", "")
                    answer = api_of(secret).generic(method.upper(), address, "{}", "application/json")
                    assert answer.status_code == 403, address
    assert closed[True] > 100
    assert closed[False] > 200
    assert len(forms) > 50


def test_token_ends_when_asked_with_the_membership_and_with_the_account(city):
    row, secret = make(city.owner)
    api = api_of(secret)
    api.read("/needs")
    with pytest.raises(Missing):
        end_token(actor=city.rival, number=row.pk)
    end_token(actor=city.owner, number=row.pk)
    end_token(actor=city.owner, number=row.pk)
    assert api.refused("/needs", 401, method="GET") == {"": "token-invalid"}
    assert Entry.objects.filter(kind="token.ended").count() == 1

    _row, secret = make(city.colleague)
    membership = Membership.objects.get(person=city.colleague.person)
    end_membership(actor=city.owner, membership=membership)
    assert api_of(secret).refused("/needs", 401, method="GET") == {"": "token-invalid"}
    add_member(actor=SYSTEM, organisation=city.owner.organisation, person=city.colleague.person)
    # A new membership does not wake what ended with the old one.
    api_of(secret).read("/needs", 401)

    _row, secret = make(city.rival)
    advance(PERSON, city.rival.person, "close", actor=city.officer, note="离职")
    api_of(secret).read("/needs", 401)
    reasons = [entry.data["reason"] for entry in Entry.objects.filter(kind="token.ended").order_by("seq")]
    assert reasons == ["asked", "membership", "account"]


def test_token_of_a_locked_account_a_lapsed_membership_or_a_past_day_is_no_token(city):
    _row, secret = make(city.owner)
    User.objects.filter(person=city.owner.person).update(is_active=False)
    api_of(secret).read("/needs", 401)
    _row, secret = make(city.rival)
    Membership.objects.filter(person=city.rival.person).update(until=today() - timedelta(days=1))
    api_of(secret).read("/needs", 401)
    row, secret = make(city.university, expires_on=today())
    api_of(secret).read("/needs")
    Token.objects.filter(pk=row.pk).update(expires_on=today() - timedelta(days=1))
    api_of(secret).read("/needs", 401)


def test_membership_in_another_organisation_does_not_move_the_token_there(city):
    _row, secret = make(city.owner)
    add_member(actor=SYSTEM, organisation=city.rival.organisation, person=city.owner.person)
    draft = make_need(city.rival)
    api_of(secret).read(f"/needs/{draft.record.code}", 404)
    Membership.objects.filter(person=city.owner.person, organisation=city.owner.organisation).delete()
    api_of(secret).read("/needs", 401)


def test_last_use_is_noted_now_and_then(city):
    row, secret = make(city.owner)
    api = api_of(secret)
    for _ in range(2):
        api.read("/needs")
    row.refresh_from_db()
    assert now() - row.used_at < timedelta(seconds=10)
    Token.objects.filter(pk=row.pk).update(used_at=row.used_at - tokens.USE_NOTED - timedelta(seconds=1))
    api.read("/needs")
    later = Token.objects.get(pk=row.pk)
    assert now() - later.used_at < timedelta(seconds=10)
    with CaptureQueriesContext(connection) as made:
        api.read("/status")
    # The token with its person, the memberships, what they are admitted to for some days, the journal's head.
    assert len(made) == 4, [query["sql"] for query in made.captured_queries]


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"name": " "}, {"name": "name-missing"}),
        ({"name": "长" * 81}, {"name": "text-long"}),
        ({"reads": ()}, {"reads": "scope-missing"}),
        ({"reads": {"dragon"}}, {"reads": "scope-unknown"}),
        ({"writes": {"need", "dragon"}}, {"writes": "scope-unknown"}),
        ({"expires_on": date(2020, 1, 1)}, {"expires_on": "expiry-range"}),
        ({"expires_on": date(2100, 1, 1)}, {"expires_on": "expiry-range"}),
    ],
)
def test_token_that_cannot_be_is_refused(city, given, problem):
    with pytest.raises(Refused) as refused:
        make(city.owner, **given)
    assert {one.field: one.code for one in refused.value.problems} == problem
    assert not Token.objects.exists()


def test_expiry_is_bound_by_the_setting(city, settings):
    settings.TOKEN_DAYS = 7
    make(city.owner, expires_on=today() + timedelta(days=7))
    with pytest.raises(Refused):
        make(city.owner, expires_on=today() + timedelta(days=8))
    assert last_expiry(date(2026, 1, 1)) == date(2026, 1, 8)


def test_form_sent_twice_makes_one_token_and_shows_it_to_nobody_else_or_later(city):
    seed = tokens.new_seed()
    first, second = make(city.owner, seed=seed), make(city.owner, seed=seed, name="另一个")
    assert first == second
    assert Entry.objects.filter(kind="token.made").count() == 1
    with pytest.raises(Refused):
        make(city.rival, seed=seed)
    Token.objects.update(made_at=now() - SHOWN_AGAIN - timedelta(seconds=1))
    with pytest.raises(Refused):
        make(city.owner, seed=seed)


def test_nobody_has_more_tokens_than_can_be_overseen(city):
    row, _secret = make(city.owner)
    Token.objects.bulk_create(
        Token(person=row.person, organisation=row.organisation, name="x", digest=f"{n}", made_at=row.made_at,
              expires_on=row.expires_on)
        for n in range(MOST_TOKENS - 1)
    )  # fmt: skip
    with pytest.raises(Refused) as refused:
        make(city.owner)
    assert refused.value.problems[0].code == "tokens-many"
    make(city.rival)
    end_token(actor=city.owner, number=row.pk)
    make(city.owner)


def test_whoever_acts_for_nobody_makes_no_token(city):
    Membership.objects.filter(person=city.owner.person).delete()
    client = Api(city.owner)
    assert client.get("/account/tokens/new/").status_code == 403
    from kezhuan.kernel.access import actor_for

    with pytest.raises(NotAllowed):
        make(actor_for(city.owner.person))


def form(client, **changed):
    seed = client.get("/account/tokens/new/").context["form"]["seed"].value()
    day = today() + timedelta(days=10)
    return {"name": "夜间同步", "reads": ["*"], "expires_on": day.isoformat(), "seed": seed} | changed


def test_token_is_made_listed_and_ended_on_the_account_page(city):
    client = Api(city.owner)
    assert "/account/tokens/" in client.get("/account/").content.decode()
    sent = form(client, reads=["need"], writes=["need", "achievement"])
    made = client.post("/account/tokens/new/", sent)
    assert made.status_code == 200
    secret = made.context["secret"]
    assert secret in made.content.decode()
    assert "no-store" in made.headers["Cache-Control"]
    again = client.post("/account/tokens/new/", sent)
    assert again.context["secret"] == secret
    assert Token.objects.get().writes == ["achievement", "need"]
    listed = client.get("/account/tokens/").content.decode()
    assert "夜间同步" in listed
    assert secret[3:] not in listed
    assert "never" in listed
    api_of(secret).read("/needs")
    assert "never" not in client.get("/account/tokens/").content.decode()
    number = Token.objects.get().pk
    assert Api(city.rival).post(f"/account/tokens/{number}/end/").status_code == 404
    assert client.post(f"/account/tokens/{number}/end/").status_code == 302
    api_of(secret).read("/needs", 401)
    assert "夜间同步" not in Api(city.rival).get("/account/tokens/").content.decode()


@pytest.mark.parametrize(
    "changed",
    [{"name": ""}, {"reads": []}, {"reads": ["dragon"]}, {"expires_on": "gestern"}, {"expires_on": "2999-01-01"},
     {"seed": "short"}],
)  # fmt: skip
def test_form_tells_what_is_wrong_and_keeps_what_was_typed(city, changed):
    client = Api(city.owner)
    answer = client.post("/account/tokens/new/", form(client, **changed))
    assert answer.status_code == 422
    assert answer.context["problems"] or answer.context["form"].errors
    assert not Token.objects.exists()


def test_visitor_is_sent_to_sign_in(city):
    for address in ("/account/tokens/", "/account/tokens/new/"):
        assert Client().get(address).headers["Location"] == f"/sign-in/?next={quote(address, safe='')}"
    assert Client().post("/account/tokens/1/end/").status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_list_of_tokens_takes_the_same_queries_for_one_and_three(city, count):
    for _ in range(count):
        make(city.owner)
    client = Api(city.owner)
    client.get("/account/tokens/")
    with CaptureQueriesContext(connection) as made:
        client.get("/account/tokens/")
    assert len([query for query in made.captured_queries if "kernel_token" in query["sql"]]) == 1


def test_route_without_a_guard_stops_the_start(monkeypatch):
    from django.core.exceptions import ImproperlyConfigured

    operation = next(site.operations())
    monkeypatch.setattr(operation, "auth_callbacks", [])
    with pytest.raises(ImproperlyConfigured, match=operation.operation_id):
        site.require_guards()
