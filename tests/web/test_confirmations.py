"""What ends for good is asked about once, on a page of its own that needs no script; nothing happens before."""

import ast
import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client

from kezhuan.areas.accounts.models import Factor, Session
from kezhuan.areas.accounts.queries import session_mark
from kezhuan.areas.people.deputy_actions import name_deputy
from kezhuan.areas.people.member_actions import invite_member
from kezhuan.areas.people.queries import open_invitations
from kezhuan.areas.people.token_actions import make_token
from kezhuan.kernel import feeds, tokens, watches
from kezhuan.kernel.access import Actor
from kezhuan.kernel.models import Deputy, Post, Route, Token, User, Watch, Webhook
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.outbox import webhooks
from kezhuan.kernel.text import now, today
from tests.factories import city

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).parents[2]
Ending = tuple[str, str, Callable[[], object]]
"""The page that leads there, the address, and what differs once it was done."""


def signed_in(user: User) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    session = client.session
    session["proved_at"] = time.time()
    session["place"] = {"since": now().isoformat(), "address": "127.0.0.1", "agent": "Firefox/140.0"}
    session.save()
    return client


@pytest.fixture
def owner() -> Actor:
    return city.member(city.organisation(), Role.ADMINISTRATOR)


@pytest.fixture
def user(owner: Actor) -> User:
    return User.objects.create_user("owner@example.com", "x", person=owner.person, mobile="+8613800138000")


def token(owner: Actor, _user: User) -> Ending:
    row, _secret = make_token(
        actor=owner, name="夜间同步", reads={"*"}, writes=set(), expires_on=today(), seed=tokens.new_seed()
    )
    return "/account/tokens/", f"/account/tokens/{row.pk}/end/", lambda: Token.objects.get().ended_at


def watch(owner: Actor, _user: User) -> Ending:
    row = watches.follow_record(actor=owner, record=city.need(owner.organisation, by=owner).record)
    return "/account/watches/", f"/account/watches/{row.pk}/end/", Watch.objects.count


def webhook(owner: Actor, _user: User) -> Ending:
    row = webhooks.add_webhook(actor=owner, form="signed", url="https://example.com/hook", kinds=[])
    here = f"/account/webhooks/{row.pk}/"
    return here, f"{here}end/", lambda: Webhook.objects.get().ended_at


def webhook_key(owner: Actor, user: User) -> Ending:
    here, _end, _told = webhook(owner, user)
    return here, f"{here}key/", lambda: Webhook.objects.get().key_number


def factor(_owner: Actor, user: User) -> Ending:
    row = Factor.objects.create(user=user, kind="passkey", name="手机", secret="x", handle="h", made_at=now())
    return "/account/security/", f"/account/security/factors/{row.pk}/remove/", Factor.objects.count


def recovery(_owner: Actor, user: User) -> Ending:
    for kind, secret in (("passkey", "x"), ("recovery", "former")):
        Factor.objects.create(user=user, kind=kind, secret=secret, made_at=now())
    return (
        "/account/security/",
        "/account/security/recovery/",
        lambda: Factor.objects.filter(secret="former").exists(),
    )


def mobile(_owner: Actor, _user: User) -> Ending:
    return "/account/security/", "/account/mobile/remove/", lambda: User.objects.get().mobile


def session(_owner: Actor, user: User) -> Ending:
    signed_in(user)
    mark = session_mark(Session.objects.get(user=user))
    return "/account/security/", f"/account/sessions/{mark}/end/", Session.objects.filter(user=user).count


def sessions(_owner: Actor, user: User) -> Ending:
    signed_in(user)
    return "/account/security/", "/account/sessions/end/", Session.objects.filter(user=user).count


def deputy(owner: Actor, _user: User) -> Ending:
    colleague = city.member(owner.organisation)
    row = name_deputy(actor=owner, person=colleague.person, since=today(), until=today())
    return "/account/deputies/", f"/account/deputies/{row.pk}/end/", lambda: Deputy.objects.get().ended_at


def invitation(owner: Actor, _user: User) -> Ending:
    row = invite_member(actor=owner, organisation=owner.organisation, email="x@example.com", role=Role.MEMBER)
    here = f"/organisations/{owner.organisation.record.code}/"
    return here, f"{here}invitations/{row.pk}/withdraw/", open_invitations().count


def post(owner: Actor, _user: User) -> Ending:
    row = city.post(owner.organisation, "处长")
    here = f"/organisations/{owner.organisation.record.code}/posts/"
    return here, f"/posts/{row.pk}/close/", lambda: Post.objects.get().closed_on


def route(owner: Actor, _user: User) -> Ending:
    row = city.route(city.post(owner.organisation, "处长"), unit=owner.organisation)
    return f"/routes/{row.pk}/", f"/routes/{row.pk}/end/", lambda: Route.objects.get().ended_at


def feed_address(owner: Actor, _user: User) -> Ending:
    feeds.open_feed(owner.person)
    return "/account/watches/", "/account/calendar/new/", lambda: feeds.address(owner.person)


def feed(owner: Actor, _user: User) -> Ending:
    feeds.open_feed(owner.person)
    return "/account/watches/", "/account/calendar/close/", lambda: feeds.address(owner.person)


@pytest.mark.parametrize(
    "thing",
    [
        token,
        watch,
        webhook,
        webhook_key,
        factor,
        recovery,
        mobile,
        session,
        sessions,
        deputy,
        invitation,
        post,
        route,
        feed_address,
        feed,
    ],
    ids=lambda one: one.__name__,
)
def test_it_is_asked_once_and_done_by_the_second_button_alone(
    owner: Actor, user: User, thing: Callable[[Actor, User], Ending]
) -> None:
    here, address, told = thing(owner, user)
    client = signed_in(user)
    before = told()
    html = client.get(here).content.decode()
    assert f'href="{address}"' in html
    assert f'action="{address}"' not in html, "nothing is done from the list itself"
    asked = client.get(address)
    assert asked.status_code == 200
    html = asked.content.decode()
    (form,) = re.findall(r'<form method="post">.*?</form>', html, re.DOTALL)
    assert "<button" in form
    assert ">Cancel</a>" in form
    assert 'class="button danger"' in form
    assert told() == before
    answer = client.post(address)
    assert answer.status_code in {200, 302}
    assert told() != before
    if answer.status_code == 302:
        assert client.get(answer["Location"]).status_code == 200


def test_what_is_nobodys_own_is_not_asked_about(owner: Actor, user: User) -> None:
    places = [thing(owner, user)[1] for thing in (token, watch, webhook, factor)]
    rival = city.member(city.organisation("别的公司"), Role.ADMINISTRATOR)
    stranger = signed_in(User.objects.create_user("rival@example.com", "x", person=rival.person))
    assert [stranger.get(address).status_code for address in places] == [404] * 4


def test_the_last_second_proof_says_what_its_end_means(owner: Actor, user: User) -> None:
    _here, first, _told = factor(owner, user)
    client = signed_in(user)
    assert "last second proof" in client.get(first).content.decode()
    Factor.objects.create(user=user, kind="passkey", name="钥匙", secret="x", handle="i", made_at=now())
    assert "last second proof" not in client.get(first).content.decode()


HARMLESS = {
    "project_new",
    "project_sign_book",
    "project_agree",
    "call_post_again",
    "call_opening_code",
    "panel_assign",
    "panel_draw",
    "ledger_fill",
    "task_need",
}
"""Pages that ask before something begins or is agreed to, which are not red."""


def test_what_only_begins_or_agrees_is_not_asked_in_red() -> None:
    found = set()
    for path in (ROOT / "src" / "kezhuan").rglob("*pages*.py"):
        for made in ast.parse(path.read_text("utf-8")).body:
            for call in ast.walk(made) if isinstance(made, ast.FunctionDef) else ():
                if isinstance(call, ast.Call) and any(one.arg == "grave" for one in call.keywords):
                    found.add(made.name)
    assert found == HARMLESS
