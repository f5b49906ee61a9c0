"""What people change of their own account: fresh proofs, forgotten passwords, addresses, sign-up, sessions."""

import re
import time

import pytest

from kezhuan.areas.accounts.models import Session
from kezhuan.areas.people.actions import sign_up
from kezhuan.kernel.models import User
from tests.areas.accounts.browsers import EMAIL, PASSWORD, browser, entered, is_in, kinds
from tests.factories.post import last_code, letters_to

pytestmark = pytest.mark.django_db


# -- fresh proof ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["security/app/", "security/passkeys/", "email/", "mobile/"])
def test_what_one_signs_in_with_is_changed_after_a_fresh_proof_only(user, inside, monkeypatch, path):
    late = time.time() + 16 * 60
    monkeypatch.setattr("kezhuan.areas.accounts.pages_entering.time.time", lambda: late)
    address = f"/account/{path}"
    answer = inside.get(address)
    assert answer["Location"] == f"/account/prove/?next=%2Faccount%2F{path.replace('/', '%2F')}"
    assert inside.post("/account/prove/", {"password": "wrong", "next": address}).status_code == 422
    assert inside.get(address).status_code == 302
    assert inside.post("/account/prove/", {"password": PASSWORD, "next": address})["Location"] == address
    assert inside.get(address).status_code == 200


def test_fresh_proof_by_a_code_for_who_has_no_password(user, inside, monkeypatch):
    user.set_unusable_password()
    user.save()
    client, late = browser(), time.time() + 16 * 60
    client.force_login(user)
    monkeypatch.setattr("kezhuan.areas.accounts.pages_entering.time.time", lambda: late)
    assert client.get("/account/prove/?next=/account/password/")["Location"].startswith("/account/prove/code/")
    client.get("/account/prove/code/?next=/account/password/")
    answer = client.post("/account/prove/code/", {"code": last_code(EMAIL)})
    assert answer["Location"] == "/account/password/"
    assert client.post("/account/password/", {"password": "a-new-long-secret"}).status_code == 302
    assert User.objects.get().check_password("a-new-long-secret")


# -- forgotten passwords, addresses, numbers --------------------------------------------------------------------------


def test_forgotten_password_is_set_by_a_link_that_works_once_and_ends_every_session(user, inside):
    client = browser()
    for email in (EMAIL, "nobody@example.com"):
        answer = client.post("/password/forgotten/", {"email": email})
        assert (answer.status_code, email in answer.content.decode()) == (200, False)
    assert letters_to("nobody@example.com") == []
    link = re.search(r"http://localhost:8000(/password/new/\S+)", letters_to(EMAIL)[-1])[1]
    assert client.post(link, {"password": "short"}).status_code == 422
    assert client.post(link, {"password": "a-new-long-secret"})["Location"] == "/sign-in/"
    assert client.post(link, {"password": "another-long-secret"}).status_code == 403
    assert not is_in(inside)
    assert (entered(browser()).status_code, entered(browser(), "a-new-long-secret").status_code) == (422, 302)


@pytest.mark.parametrize("link", ["x/y", "MQ/abc-def", "%00/x", "8J-YgA/c-d"])
def test_invented_links_set_no_password(user, link):
    assert browser().get(f"/password/new/{link}/").status_code in {403, 404}


def test_mobile_number_is_proven_and_then_signs_in(user, inside):
    assert inside.post("/account/mobile/", {"mobile": "12345"}).status_code == 422
    assert inside.post("/account/mobile/", {"mobile": "138 0013 8000"})["Location"] == "/account/mobile/code/"
    assert User.objects.get().mobile is None
    code = last_code("+8613800138000")
    assert inside.post("/account/mobile/code/", {"code": code}).status_code == 302
    client = browser()
    assert entered(client, email="+86 13800138000").status_code == 302
    assert is_in(client)
    # The number of one account is not proven for another; the page does not tell.
    other = sign_up(name="外人", email="other@example.com", password=PASSWORD)
    stranger = browser()
    stranger.force_login(other)
    session = stranger.session
    session["proved_at"] = time.time()
    session.save()
    before = len(letters_to("+8613800138000"))
    assert stranger.post("/account/mobile/", {"mobile": "13800138000"})["Location"] == "/account/mobile/code/"
    assert len(letters_to("+8613800138000")) == before
    inside.post("/account/mobile/remove/")
    assert User.objects.get(pk=user.pk).mobile is None


def test_mail_address_is_changed_when_the_new_one_is_proven_and_the_old_one_is_told(user, inside):
    inside.post("/account/email/", {"email": "Better@example.com"})
    assert inside.post("/account/email/code/", {"code": "000000x"}).status_code == 422
    inside.post("/account/email/code/", {"code": last_code("better@example.com")})
    changed = User.objects.get()
    assert (changed.email, changed.person.email) == ("better@example.com", "better@example.com")
    assert len(letters_to(EMAIL)) >= 1
    assert kinds()[-1] == "account.email"


# -- sign-up ----------------------------------------------------------------------------------------------------------


def test_account_is_opened_when_its_address_is_proven():
    client = browser()
    typed = {"name": "新人", "email": "first@example.com", "phone": "", "password": PASSWORD}
    assert client.post("/sign-up/", typed | {"password": "short"}).status_code == 422
    assert client.post("/sign-up/", typed)["Location"] == "/sign-up/code/"
    assert not User.objects.exists()
    assert not any(PASSWORD in text for text in Session.objects.values_list("session_data", flat=True))
    assert client.post("/sign-up/code/", {"code": "1"}).status_code == 422
    code = last_code("first@example.com")
    assert client.post("/sign-up/code/", {"code": code})["Location"] == "/organisations/claim/"
    assert User.objects.get().check_password(PASSWORD)
    assert is_in(client)


def test_taken_address_is_told_to_its_owner_alone(user):
    client = browser()
    typed = {"name": "冒充", "email": EMAIL, "phone": "", "password": PASSWORD}
    assert client.post("/sign-up/", typed)["Location"] == "/sign-up/code/"
    assert "/password/forgotten/" in letters_to(EMAIL)[-1]
    assert client.post("/sign-up/code/", {"code": "000000"}).status_code == 422
    assert User.objects.count() == 1


def test_strangers_open_no_account_unless_the_city_lets_them(settings):
    settings.SIGN_UP_OPEN = False
    client = browser()
    assert client.get("/sign-up/").status_code == 403
    assert client.post("/sign-up/", {}).status_code == 403
    assert b"/sign-up/" not in client.get("/sign-in/").content


# -- sessions ---------------------------------------------------------------------------------------------------------


def test_sessions_are_listed_and_ended_by_their_holder(user, inside):
    elsewhere = browser(**{"user-agent": "Mozilla/5.0 (iPhone) Safari/604.1"})
    entered(elsewhere)
    shown = inside.get("/account/security/").content.decode()
    assert all(word in shown for word in ("Firefox · Windows", "Safari · iPhone", "127.0.0.1"))
    key = elsewhere.session.session_key
    assert key not in shown
    mark = re.search(r"/account/sessions/([0-9a-f]+)/end/", shown)[1]
    stranger = browser()
    sign_up(name="外人", email="other@example.com", password=PASSWORD)
    entered(stranger, email="other@example.com")
    stranger.post(f"/account/sessions/{mark}/end/")
    assert is_in(elsewhere)
    inside.post(f"/account/sessions/{mark}/end/")
    assert (is_in(elsewhere), is_in(inside), is_in(stranger)) == (False, True, True)
    entered(elsewhere)
    inside.post("/account/sessions/end/")
    assert (is_in(elsewhere), is_in(inside)) == (False, True)
    assert kinds().count("account.session-ended") == 2


def test_changed_password_ends_all_other_sessions(user, inside):
    elsewhere = browser()
    entered(elsewhere)
    inside.post("/account/password/", {"old": PASSWORD, "password": "a-new-long-secret"})
    assert (is_in(elsewhere), is_in(inside)) == (False, True)
    assert Session.objects.filter(user=user).count() == 1


def test_signing_out_is_noted_and_ends_the_session(user, inside):
    inside.post("/sign-out/")
    assert not is_in(inside)
    assert kinds()[-1] == "account.sign-out"
    assert not Session.objects.filter(user=user).exists()


def test_use_of_a_session_is_noted_now_and_then(user, inside, django_assert_num_queries):
    from datetime import timedelta

    row = Session.objects.get(user=user)
    before = row.seen_at
    inside.get("/needs/")
    row.refresh_from_db()
    assert row.seen_at == before
    Session.objects.update(seen_at=before - timedelta(minutes=6))
    inside.get("/needs/")
    row.refresh_from_db()
    assert row.seen_at > before
