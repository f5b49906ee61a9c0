"""Who gets in by password, code or authenticator app, and who does not."""

import re
import time
from types import SimpleNamespace

import pytest

from kezhuan.areas.accounts import totp
from kezhuan.areas.accounts.actions import note_failed
from kezhuan.areas.accounts.models import Factor
from kezhuan.areas.people.actions import create_officer, sign_up
from kezhuan.kernel.models import Entry
from tests.areas.accounts.browsers import EMAIL, PASSWORD, add_app, browser, entered, is_in, kinds
from tests.factories.post import last_code, letters_to

pytestmark = pytest.mark.django_db


# -- passwords --------------------------------------------------------------------------------------------------------


def test_password_lets_in_and_is_noted_with_the_address_erasably(user):
    client = browser()
    answer = entered(client, next="/needs/")
    assert (answer.status_code, answer["Location"], is_in(client)) == (302, "/needs/", True)
    entry = Entry.objects.get(kind="account.sign-in")
    assert (entry.actor_id, entry.data["methods"], entry.record_id) == (user.person_id, ["password"], None)
    assert entry.text.content == {"address": "127.0.0.1"}


def test_whoever_is_signed_in_is_sent_on_from_the_sign_in_page(user):
    client = browser()
    assert client.get("/sign-in/?next=/needs/").status_code == 200
    entered(client)
    assert client.get("/sign-in/")["Location"] == "/"
    assert client.get("/sign-in/?next=/needs/")["Location"] == "/needs/"
    assert client.get("/sign-in/?next=//evil.example")["Location"] == "/"
    # Another account may still come in by this page, as with a form that was open before.
    assert client.post("/sign-in/", {"email": EMAIL, "password": "wrong"}).status_code == 422


def test_password_is_typed_anew_after_a_wrong_one(user):
    field = re.compile(r'<input type="password"[^>]*>')
    client = browser()
    assert "autofocus" not in field.search(client.get("/sign-in/").content.decode())[0]
    shown = entered(client, password="wrong").content.decode()
    assert "autofocus" in field.search(shown)[0]
    assert f'value="{EMAIL}"' in shown
    # Where the name is what is wrong, the password does not pull the reader away from it.
    assert "autofocus" not in field.search(entered(client, email="nobody").content.decode())[0]


@pytest.mark.parametrize("next_page", ["//evil.example", "https://evil.example/", "javascript:alert(1)"])
def test_nobody_is_sent_elsewhere_after_signing_in(user, next_page):
    assert entered(browser(), next=next_page)["Location"] == "/"


def test_wrong_pairs_are_answered_alike_and_noted_without_what_was_typed(user):
    answers = [entered(browser(), email=email, password="Xq9-no-such") for email in (EMAIL, "nobody@example.com")]
    told = [re.findall(r"<li>.*?</li>", answer.content.decode()) for answer in answers]
    assert (told[0], len(told[0]), {answer.status_code for answer in answers}) == (told[1], 1, {422})
    noted = Entry.objects.filter(kind="account.sign-in-failed").order_by("seq").select_related("text")
    assert [(entry.data.get("user"), entry.data["methods"]) for entry in noted] == [
        (user.pk, ["password"]), (None, ["password"])
    ]  # fmt: skip
    assert [entry.text.content for entry in noted] == [{"address": "127.0.0.1"}] * 2
    assert not any("Xq9-no-such" in answer.content.decode() for answer in answers)


@pytest.fixture
def still(monkeypatch):
    """The limits' clock stands still."""
    monkeypatch.setattr("kezhuan.kernel.limits.time", SimpleNamespace(time=lambda: 1_000_000.0))


def test_password_is_closed_after_ten_wrong_ones_and_other_ways_stay_open(still, user):
    client = browser()
    for _ in range(10):
        entered(client, password="wrong")
    answer = entered(client)
    assert (answer.status_code, "Wait 2 minutes" in answer.content.decode()) == (422, True)
    assert not is_in(client)
    client.post("/sign-in/code/", {"email": EMAIL})
    client.post("/sign-in/code/typed/", {"code": last_code(EMAIL)})
    assert is_in(client)


def test_wrong_passwords_of_one_account_are_counted_together_by_whichever_name(still, user):
    user.mobile = "+8613800138000"
    user.save(update_fields=["mobile"])
    client = browser()
    for name in (EMAIL, "13800138000", "+86 138 0013 8000", EMAIL.upper(), "0086-13800138000") * 2:
        entered(client, email=name, password="wrong")
    for name in (EMAIL, "13800138000"):
        assert (entered(client, email=name).status_code, is_in(client)) == (422, False)
    # Who has no account is counted by the name that was typed.
    for _ in range(10):
        entered(client, email="nobody@example.com", password="wrong")
    assert "Wait" in entered(client, email="nobody@example.com", password="wrong").content.decode()
    assert "Wait" not in entered(client, email="nobody2@example.com", password="wrong").content.decode()


def test_right_passwords_are_not_counted(user):
    for _ in range(12):
        assert entered(browser()).status_code == 302


def test_many_accounts_from_one_address_are_stopped_too(still, user, settings):
    for number in range(100):
        entered(browser(), email=f"n{number}@example.com", password="wrong")
    assert entered(browser()).status_code == 422
    # Behind a proxy the address is what the proxy saw; what the sender writes further left does not count.
    settings.PROXIES = 1
    away = browser(**{"x-forwarded-for": "127.0.0.1, 198.51.100.7"})
    assert entered(away).status_code == 302


def test_closed_account_is_out_at_once(user, inside):
    from kezhuan.areas.people.lifecycle import PERSON
    from kezhuan.kernel.access import actor_for
    from kezhuan.kernel.lifecycle import advance

    bureau = create_officer(name="官员", email="o@example.com", password=PASSWORD, department="科技局")
    assert is_in(inside)
    advance(PERSON, user.person, "close", actor=actor_for(bureau.person), note="离职")
    assert not is_in(inside)
    assert entered(browser()).status_code == 422


# -- one-time codes ---------------------------------------------------------------------------------------------------


def test_code_works_once_and_only_where_it_was_asked_for(user):
    client, other = browser(), browser()
    for each in (client, other):
        each.post("/sign-in/code/", {"email": EMAIL, "next": "/needs/"})
    first, second = (re.search(r"\d{6}", text)[0] for text in letters_to(EMAIL)[-2:])
    if first != second:
        assert client.post("/sign-in/code/typed/", {"code": second}).status_code == 422
    assert client.post("/sign-in/code/typed/", {"code": first})["Location"] == "/needs/"
    client.post("/sign-out/")
    assert client.post("/sign-in/code/typed/", {"code": first})["Location"] == "/sign-in/code/"


def test_code_for_nobody_looks_the_same_and_sends_nothing(user):
    client = browser()
    assert client.post("/sign-in/code/", {"email": "nobody@example.com"})["Location"] == "/sign-in/code/typed/"
    assert letters_to("nobody@example.com") == []
    assert client.post("/sign-in/code/typed/", {"code": "000000"}).status_code == 422


def test_code_is_closed_after_five_wrong_ones_and_sent_three_times(still, user):
    client = browser()
    client.post("/sign-in/code/", {"email": EMAIL})
    right = last_code(EMAIL)
    for _ in range(5):
        assert client.post("/sign-in/code/typed/", {"code": "x"}).status_code == 422
    assert client.post("/sign-in/code/typed/", {"code": right}).status_code == 422
    answers = [client.post("/sign-in/code/", {"email": EMAIL}).status_code for _ in range(3)]
    assert answers == [302, 302, 422]


def test_wrong_code_is_noted_with_its_account_if_there_is_one(user):
    for email in (EMAIL, "nobody@example.com"):
        client = browser()
        client.post("/sign-in/code/", {"email": email})
        assert client.post("/sign-in/code/typed/", {"code": "000000"}).status_code == 422
    noted = Entry.objects.filter(kind="account.sign-in-failed").order_by("seq")
    assert [(entry.data.get("user"), entry.data["methods"]) for entry in noted] == [
        (user.pk, ["code"]),
        (None, ["code"]),
    ]


def test_journal_is_not_filled_by_failing(still, user):
    for _ in range(103):
        note_failed(user=None, method="password", address="2001:db8::1")
    note_failed(user=None, method="password", address="192.0.2.1")
    assert Entry.objects.filter(kind="account.sign-in-failed").count() == 101


def test_code_grows_old(user, monkeypatch):
    client = browser()
    client.post("/sign-in/code/", {"email": EMAIL})
    code, late = last_code(EMAIL), time.time() + 601
    monkeypatch.setattr("kezhuan.areas.accounts.codes.time.time", lambda: late)
    assert client.post("/sign-in/code/typed/", {"code": code}).status_code == 302
    assert not is_in(client)


# -- authenticator app and recovery codes -----------------------------------------------------------------------------


def test_known_codes_of_rfc_6238():
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    told = {59: "287082", 1111111109: "081804", 1234567890: "005924", 20000000000: "353130"}
    assert {moment: totp.code_at(secret, moment // 30) for moment in told} == told
    assert totp.matching_step(secret, "287 082", 59 + 30) == 1
    assert totp.matching_step(secret, "287082", 59 + 90) is None
    assert totp.matching_step(secret, "２８７０８２é", 59) is None


def test_app_is_asked_for_after_the_password_and_each_code_works_once(user, inside):
    secret, step, recovery = add_app(inside)
    assert len(recovery) == 10
    assert secret not in Factor.objects.get(kind="totp").secret
    client = browser()
    assert entered(client, next="/needs/")["Location"] == "/sign-in/second/"
    assert not is_in(client)
    assert client.post("/sign-in/second/", {"code": "12345x"}).status_code == 422
    # The code by which the app was added is used up.
    assert client.post("/sign-in/second/", {"code": totp.code_at(secret, step)}).status_code == 422
    answer = client.post("/sign-in/second/", {"code": totp.code_at(secret, step + 1)})
    assert (answer["Location"], is_in(client)) == ("/needs/", True)
    again = browser()
    entered(again)
    assert again.post("/sign-in/second/", {"code": totp.code_at(secret, step + 1)}).status_code == 422
    assert Entry.objects.filter(kind="account.sign-in").last().data["methods"] == ["password", "totp"]


def test_code_by_mail_is_a_first_proof_only(user, inside):
    add_app(inside)
    client = browser()
    client.post("/sign-in/code/", {"email": EMAIL})
    assert client.post("/sign-in/code/typed/", {"code": last_code(EMAIL)})["Location"] == "/sign-in/second/"
    assert not is_in(client)


def test_recovery_code_lets_in_once_however_it_is_typed(user, inside):
    _secret, _step, recovery = add_app(inside)
    for typed, status in ((recovery[0].upper(), 302), (recovery[0], 422), (recovery[1].replace("-", " "), 302)):
        client = browser()
        entered(client)
        assert client.post("/sign-in/second/", {"code": typed}).status_code == status
    assert not any(code.replace("-", "") in factor.secret for code in recovery for factor in Factor.objects.all())
    renewed = re.findall(r'"secret">([^<]+)<', inside.post("/account/security/recovery/").content.decode())
    client = browser()
    entered(client)
    assert client.post("/sign-in/second/", {"code": recovery[2]}).status_code == 422
    assert client.post("/sign-in/second/", {"code": renewed[2]}).status_code == 302


def test_second_proof_is_closed_after_five_wrong_codes(still, user, inside):
    secret, step, _recovery = add_app(inside)
    client = browser()
    entered(client)
    for _ in range(5):
        client.post("/sign-in/second/", {"code": "nothing"})
    assert client.post("/sign-in/second/", {"code": totp.code_at(secret, step + 1)}).status_code == 422


def test_second_proof_waits_ten_minutes_and_needs_a_first_one(user, inside, monkeypatch):
    secret, step, _recovery = add_app(inside)
    assert browser().post("/sign-in/second/", {"code": totp.code_at(secret, step + 1)})["Location"] == "/sign-in/"
    client, late = browser(), time.time() + 601
    entered(client)
    monkeypatch.setattr("kezhuan.areas.accounts.pages_entering.time.time", lambda: late)
    assert client.post("/sign-in/second/", {"code": totp.code_at(secret, step + 1)})["Location"] == "/sign-in/"


def test_removed_app_takes_its_recovery_codes_along(user, inside):
    add_app(inside)
    number = Factor.objects.get(kind="totp").pk
    stranger = browser()
    sign_up(name="外人", email="other@example.com", password=PASSWORD)
    entered(stranger, email="other@example.com")
    assert stranger.post(f"/account/security/factors/{number}/remove/").status_code == 404
    assert inside.post(f"/account/security/factors/{number}/remove/").status_code == 302
    assert not Factor.objects.exists()
    assert entered(browser(), next="/needs/")["Location"] == "/needs/"
    assert kinds()[-2:] == ["account.factor-removed", "account.sign-in"]
    assert len([text for text in letters_to(EMAIL) if "authenticator app" in text or "身份验证器" in text]) == 2
