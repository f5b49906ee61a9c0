"""Signing in by identity providers that run as processes of their own: OpenID Connect and CAS."""

# long: the two provider processes are started once for all of these

import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from django.test import Client

from kezhuan.areas.accounts import openid
from kezhuan.areas.accounts.claims import ClaimMap
from kezhuan.areas.accounts.models import Identity
from kezhuan.areas.accounts.providers import Provider
from kezhuan.areas.people.actions import sign_up
from kezhuan.kernel.access import actor_for
from kezhuan.kernel.models import Entry, Membership, Organisation, User
from kezhuan.kernel.models.parties import Role
from tests.areas.accounts.browsers import EMAIL, PASSWORD, add_app, browser, entered, is_in
from tests.factories import city
from tests.factories.post import last_code, letters_to

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("providers")]
CODE, OTHER_CODE = "91350100M000100Y43", "91440101MA59HUKE2B"


@pytest.fixture(scope="module")
def started():
    """Starts a server process on a free port and waits until it answers."""
    processes = []

    def start(*command):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        environment = {**os.environ, "PYTHONWARNINGS": "ignore"}
        words = [sys.executable, *(part.format(port=port) for part in command)]
        processes.append(subprocess.Popen(words, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", port), 0.2).close()
                break
            except OSError:
                time.sleep(0.05)
        return f"http://127.0.0.1:{port}"

    yield start
    for process in processes:
        process.kill()
        process.wait()


@pytest.fixture(scope="module")
def openid_server(started):
    return started("-m", "oidc_provider_mock", "--port", "{port}", "--require-nonce", "true")


@pytest.fixture(scope="module")
def cas_server(started):
    return started(str(Path(__file__).parent / "cas_server.py"), "{port}")


CLAIMS = ClaimMap(
    mobile="mobile", mobile_verified="mobile_verified", unit="org.uscc", unit_name="org.name",
    legal_person="user_type", legal_person_is=("法人",),
)  # fmt: skip


@pytest.fixture
def at_openid(openid_server, settings):
    openid.forget()

    def set_up(**more):
        scopes = ("openid", "profile", "email", "phone")
        given = {"client": "kezhuan", "secret": "s3cret", "scopes": scopes, "claims": CLAIMS, **more}
        provider = Provider("city", "openid", "市统一身份认证", openid_server, "City sign-in", **given)
        settings.IDENTITY_PROVIDERS = {"city": provider}
        settings.SITE_URL = "http://testserver"

    set_up()
    return set_up


@pytest.fixture
def at_cas(cas_server, settings):
    def set_up(**more):
        claims = ClaimMap(subject="user", email="mail", email_verified="", name="cn", mobile="tel", mobile_verified="")
        provider = Provider("scut", "cas", "大学统一认证", f"{cas_server}/cas", **{"claims": claims, **more})
        settings.IDENTITY_PROVIDERS = {"scut": provider}
        settings.SITE_URL = "http://testserver"

    set_up()
    return set_up


def known_there(server, subject, **claims):
    requests.put(f"{server}/users/{subject}", json=claims, timeout=5).raise_for_status()


def back_from(client, slug="city", subject="u1", target="/needs/", kept=None):
    """Go to the provider, sign in there as the subject, and come back; `kept` takes the ticket of a CAS server."""
    away = client.get(f"/sign-in/with/{slug}/?next={target}")
    assert away.status_code == 302, away.content.decode()
    form = {"sub": subject} if slug == "city" else {"username": subject}
    answer = requests.post(away["Location"], data=form, allow_redirects=False, timeout=5)
    back = urlsplit(answer.headers["Location"])
    if kept is not None:
        kept += parse_qs(back.query)["ticket"]
    return client.get(f"{back.path}?{back.query}")


# -- who is let in, and as whom ----------------------------------------------------------------------------------------


def test_new_person_with_a_proven_address_has_an_account_at_once(at_openid, openid_server):
    known_there(openid_server, "n1", email="New.One@example.com", email_verified=True, name="新来者")
    client = browser()
    assert back_from(client, subject="n1")["Location"] == "/needs/"
    user = User.objects.get()
    assert (user.email, user.person.record.title, user.has_usable_password()) == (
        "new.one@example.com",
        "新来者",
        False,
    )
    assert is_in(client)
    assert Entry.objects.filter(kind="account.sign-in").last().data["methods"] == ["provider:city"]
    # The second time the provider's own name for them suffices, whatever they say of the address.
    known_there(openid_server, "n1", email="changed@example.com", email_verified=False, name="新来者")
    again = browser()
    assert back_from(again, subject="n1")["Location"] == "/needs/"
    assert (User.objects.count(), is_in(again)) == (1, True)


def test_proven_address_ties_to_the_account_that_has_it_and_its_holder_is_told(at_openid, openid_server, user):
    known_there(openid_server, "t1", email=EMAIL, email_verified=True, name="别名")
    client = browser()
    back_from(client, subject="t1")
    assert is_in(client)
    assert Identity.objects.get().user == user
    assert any("identity provider" in text for text in letters_to(EMAIL))


@pytest.mark.parametrize("verified", [False, None, "no"])
def test_unproven_address_never_ties(at_openid, openid_server, user, verified):
    known_there(openid_server, f"v{verified}", email=EMAIL, email_verified=verified, name="冒充者")
    client = browser()
    assert back_from(client, subject=f"v{verified}")["Location"] == "/sign-in/first/"
    assert not is_in(client)
    assert not Identity.objects.exists()
    # Who owns the address proves it by a code, and is then asked once more.
    shown = client.get("/sign-in/first/").content.decode()
    assert EMAIL in shown
    client.post("/sign-in/first/", {"name": "冒充者", "email": EMAIL})
    assert client.post("/sign-in/first/code/", {"code": "000000"}).status_code == 422
    assert client.post("/sign-in/first/code/", {"code": last_code(EMAIL)})["Location"] == "/sign-in/tie/"
    assert not Identity.objects.exists()
    assert client.post("/sign-in/tie/")["Location"] == "/needs/"
    assert Identity.objects.get().user == user


def test_proven_mobile_number_ties_too_and_an_unproven_one_does_not(at_openid, openid_server, user):
    user.mobile = "+8613800138000"
    user.save()
    known_there(openid_server, "m0", mobile="13800138000", mobile_verified=False, name="甲")
    assert back_from(browser(), subject="m0")["Location"] == "/sign-in/first/"
    known_there(openid_server, "m1", mobile="13800138000", mobile_verified=True, name="甲")
    assert back_from(browser(), subject="m1")["Location"] == "/needs/"
    assert Identity.objects.get().user == user


def test_second_proof_of_the_account_comes_before_the_tie(at_openid, openid_server, user, inside):
    secret, step, _recovery = add_app(inside)
    known_there(openid_server, "s1", email=EMAIL, email_verified=True, name="新人")
    client = browser()
    assert back_from(client, subject="s1")["Location"] == "/sign-in/second/"
    assert not Identity.objects.exists()
    from kezhuan.areas.accounts import totp

    answer = client.post("/sign-in/second/", {"code": totp.code_at(secret, step + 1)})
    assert answer["Location"] == "/sign-in/tie/"
    client.post("/sign-in/tie/")
    assert Identity.objects.get().user == user


def test_who_has_an_account_signs_in_with_it_and_ties(at_openid, openid_server, user):
    known_there(openid_server, "w1", name="新人")
    client = browser()
    back_from(client, subject="w1")
    assert b"/sign-in/?next=%2Fsign-in%2Ftie%2F" in client.get("/sign-in/first/").content
    assert entered(client, next="/sign-in/tie/")["Location"] == "/sign-in/tie/"
    shown = client.get("/sign-in/tie/").content.decode()
    assert "新人" in shown
    assert EMAIL in shown
    client.post("/sign-in/tie/")
    again = browser()
    assert back_from(again, subject="w1")["Location"] == "/needs/"
    # The holder takes it away again; nobody else can.
    number = Identity.objects.get().pk
    sign_up(name="外人", email="other@example.com", password=PASSWORD)
    stranger = browser()
    entered(stranger, email="other@example.com")
    assert stranger.post(f"/account/identities/{number}/remove/").status_code == 404
    assert "City sign-in" in client.get("/account/security/").content.decode()
    client.post(f"/account/identities/{number}/remove/")
    assert not Identity.objects.exists()


def test_provider_that_opens_no_accounts_lets_known_people_in_alone(at_openid, openid_server, user):
    at_openid(opens_accounts=False)
    known_there(openid_server, "c1", email="stranger@example.com", email_verified=True, name="外人")
    client = browser()
    assert back_from(client, subject="c1")["Location"] == "/sign-in/first/"
    answer = client.post("/sign-in/first/", {"name": "外人", "email": "stranger@example.com"})
    assert (answer.status_code, User.objects.count()) == (422, 1)
    known_there(openid_server, "c2", email=EMAIL, email_verified=True, name="新人")
    assert back_from(browser(), subject="c2")["Location"] == "/needs/"


def test_closed_account_is_not_opened_by_a_provider(at_openid, openid_server, user):
    known_there(openid_server, "k1", email=EMAIL, email_verified=True, name="新人")
    back_from(browser(), subject="k1")
    User.objects.update(is_active=False)
    answer = back_from(browser(), subject="k1")
    assert (answer.status_code, User.objects.count()) == (422, 1)


# -- legal persons and units -------------------------------------------------------------------------------------------


def legal(openid_server, subject, code=CODE, name="穗芯半导体有限公司", **more):
    claims = {"user_type": "法人", "org": {"uscc": code, "name": name}, "name": "法定代表人", **more}
    known_there(openid_server, subject, email=f"{subject}@example.com", email_verified=True, **claims)


def test_legal_person_of_an_unknown_unit_is_its_administrator_at_once_without_an_officer(at_openid, openid_server):
    legal(openid_server, "l1")
    client = browser()
    back_from(client, subject="l1")
    unit = Organisation.objects.get()
    assert (unit.record.stage, unit.kind, unit.record.title) == ("verified", "enterprise", "穗芯半导体有限公司")
    actor = actor_for(User.objects.get().person)
    assert (actor.organisation, actor.roles) == (unit, {Role.ADMINISTRATOR})
    assert Entry.objects.get(kind="organisation.legal-person").data["provider"] == "city"
    back_from(browser(), subject="l1")
    assert Membership.objects.count() == 1


@pytest.mark.parametrize("stage", ["listed", "unverified"])
def test_legal_person_of_a_known_unit_verifies_and_leads_it(at_openid, openid_server, stage):
    city.officer()
    from kezhuan.areas.people.actions import SYSTEM, register_organisation

    unit = register_organisation(
        actor=SYSTEM, name="穗芯", kind="enterprise", number=CODE, region="440106", stage=stage
    )
    legal(openid_server, f"l-{stage}")
    back_from(browser(), subject=f"l-{stage}")
    unit.record.refresh_from_db()
    assert unit.record.stage == "verified"
    assert Entry.objects.filter(kind="organisation.vouch", actor=None, record=unit.record).count() == 1
    assert Membership.objects.filter(organisation=unit, role=Role.ADMINISTRATOR).count() == 1


@pytest.mark.parametrize("code", ["", CODE[:-1] + "9", "x"])
def test_legal_person_without_a_sound_code_is_refused(at_openid, openid_server, code):
    legal(openid_server, f"bad{len(code)}", code=code)
    assert back_from(browser(), subject=f"bad{len(code)}").status_code == 422
    assert not Membership.objects.exists()


def test_only_the_value_of_the_map_makes_a_legal_person(at_openid, openid_server):
    legal(openid_server, "p1", user_type="个人")
    back_from(browser(), subject="p1")
    assert not Organisation.objects.exists()
    assert not Membership.objects.exists()


def test_officer_is_no_legal_person_of_a_firm(at_openid, openid_server):
    from kezhuan.areas.people.actions import create_officer

    create_officer(name="官员", email="o1@example.com", password=PASSWORD, department="科技局")
    legal(openid_server, "o1")
    assert back_from(browser(), subject="o1").status_code == 422
    assert not Membership.objects.filter(role=Role.ADMINISTRATOR).exists()


def test_people_of_a_provider_join_their_verified_unit_once(at_cas, cas_server):
    from kezhuan.areas.people.actions import SYSTEM, end_membership, register_organisation

    at_cas(unit=CODE, unit_role="member")
    unit = register_organisation(
        actor=SYSTEM, name="南粤大学", kind="university", number=CODE, region="440106", stage="listed"
    )
    user = sign_up(name="教授", email="prof@example.com", password=PASSWORD)
    Identity.objects.create(user=user, provider="scut", subject="2001", made_at=user.person.record.changed_at)
    back_from(browser(), "scut", "2001")
    assert not Membership.objects.exists()
    from kezhuan.areas.people.lifecycle import ORGANISATION
    from kezhuan.kernel.lifecycle import advance

    advance(ORGANISATION, unit, "verify", actor=city.officer())
    city.member(unit, Role.ADMINISTRATOR)
    back_from(browser(), "scut", "2001")
    held = Membership.objects.get(person=user.person)
    assert (held.organisation, held.role) == (unit, Role.MEMBER)
    end_membership(actor=actor_for(user.person), membership=held)
    back_from(browser(), "scut", "2001")
    assert not Membership.objects.filter(person=user.person, until=None).exists()


# -- CAS ---------------------------------------------------------------------------------------------------------------


def told_by_cas(server, name, **attributes):
    requests.put(f"{server}/people/{name}", json=attributes, timeout=5).raise_for_status()


def test_cas_person_gives_an_address_that_a_code_proves(at_cas, cas_server):
    told_by_cas(cas_server, "3001", cn="李同学", mail="li@scut.example")
    client = browser()
    assert back_from(client, "scut", "3001")["Location"] == "/sign-in/first/"
    shown = client.get("/sign-in/first/").content.decode()
    assert "李同学" in shown
    assert "li@scut.example" in shown
    client.post("/sign-in/first/", {"name": "李同学", "email": "li@scut.example"})
    assert client.post("/sign-in/first/code/", {"code": last_code("li@scut.example")})["Location"] == "/needs/"
    assert is_in(client)
    again = browser()
    assert back_from(again, "scut", "3001")["Location"] == "/needs/"
    assert User.objects.count() == 1


def test_cas_server_that_keeps_proven_addresses_only_is_trusted_when_the_city_says_so(at_cas, cas_server, user):
    trusting = ClaimMap(subject="user", email="mail", name="cn", trusts=frozenset({"email"}))
    at_cas(claims=trusting)
    told_by_cas(cas_server, "3002", cn="新人", mail=EMAIL)
    assert back_from(browser(), "scut", "3002")["Location"] == "/needs/"
    assert Identity.objects.get().user == user


def test_who_signs_out_at_the_cas_server_is_signed_out_here_too(at_cas, cas_server, user):
    at_cas(claims=ClaimMap(subject="user", email="mail", name="cn", trusts=frozenset({"email"})))
    told_by_cas(cas_server, "3009", cn="李", mail=EMAIL)
    leaving, staying = browser(), browser()
    tickets = []
    for client in (leaving, staying):
        assert back_from(client, "scut", "3009", kept=tickets)["Location"] == "/needs/"
    told = '<samlp:LogoutRequest xmlns:samlp="x"><samlp:SessionIndex>{}</samlp:SessionIndex></samlp:LogoutRequest>'
    server = Client(enforce_csrf_checks=True)
    for ticket in ("ST-invented", tickets[0]):
        answer = server.post("/sign-in/with/scut/back/", {"logoutRequest": told.format(ticket)})
        assert answer.status_code == 204
        assert is_in(leaving) is (ticket != tickets[0])
    assert is_in(staying)
    assert Entry.objects.filter(kind="account.session-ended", record=user.person.record).count() == 1


def test_ticket_is_good_once_and_for_this_site_alone(at_cas, cas_server):
    told_by_cas(cas_server, "3003", cn="李", mail="l3@scut.example")
    client = browser()
    away = client.get("/sign-in/with/scut/")["Location"]
    answer = requests.post(away, data={"username": "3003"}, allow_redirects=False, timeout=5)
    back = urlsplit(answer.headers["Location"])
    other = browser()
    other.get("/sign-in/with/scut/")
    assert other.get(f"{back.path}?{back.query}").status_code == 422
    assert client.get(f"{back.path}?{back.query}").status_code == 302
    assert client.get(f"{back.path}?{back.query}").status_code == 422
    fresh = browser()
    state = parse_qs(
        urlsplit(parse_qs(urlsplit(fresh.get("/sign-in/with/scut/")["Location"]).query)["service"][0]).query
    )
    assert fresh.get(f"/sign-in/with/scut/back/?state={state['state'][0]}&ticket=ST-invented").status_code == 422


# -- what does not fit -------------------------------------------------------------------------------------------------


def test_nobody_comes_back_who_was_not_sent(at_openid, openid_server):
    known_there(openid_server, "x1", email="x1@example.com", email_verified=True, name="甲")
    client, victim = browser(), browser()
    away = client.get("/sign-in/with/city/")["Location"]
    answer = requests.post(away, data={"sub": "x1"}, allow_redirects=False, timeout=5)
    back = urlsplit(answer.headers["Location"])
    # Somebody else's answer, brought to a browser that asked nothing, or something else.
    assert victim.get(f"{back.path}?{back.query}").status_code == 422
    victim.get("/sign-in/with/city/")
    assert victim.get(f"{back.path}?{back.query}").status_code == 422
    assert not is_in(victim)
    assert client.get(f"{back.path}?{back.query}").status_code == 302


@pytest.mark.parametrize("query", ["", "?state=x", "?error=access_denied", "?code=x&state="])
def test_nonsense_from_a_provider_is_one_sentence(at_openid, query):
    client = browser()
    client.get("/sign-in/with/city/")
    answer = client.get(f"/sign-in/with/city/back/{query}")
    assert (answer.status_code, "could not be accepted" in answer.content.decode()) == (422, True)
    (failed,) = Entry.objects.filter(kind="account.sign-in-failed")
    assert (failed.data, failed.actor) == ({"methods": ["provider:city"], "text_hash": failed.data["text_hash"]}, None)


def test_provider_that_is_away_is_one_sentence(settings):
    openid.forget()
    gone = "http://127.0.0.1:9"
    settings.IDENTITY_PROVIDERS = {"gone": Provider("gone", "openid", "不在", gone, client="x")}
    answer = browser().get("/sign-in/with/gone/")
    assert (answer.status_code, "does not answer" in answer.content.decode()) == (422, True)
    assert browser().get("/sign-in/with/unknown/").status_code == 404


def test_sign_in_page_offers_the_providers(at_openid):
    shown = browser().get("/sign-in/?next=/needs/").content.decode()
    assert "City sign-in" in shown
    assert "/sign-in/with/city/?next=%2Fneeds%2F" in shown
