"""Webhooks against a real server: called for what their owner may see, signed, in order, until they answer."""

import base64
import hashlib
import hmac
import json
import time
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db.models.functions import Now

from kezhuan.areas.needs.lifecycle import NEED
from kezhuan.kernel import followers, jobs, outbox
from kezhuan.kernel.errors import Missing, NotAllowed, Refused
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Entry, Job, JobState, Message, MessageState, Webhook
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.outbox import hooks, sending, webhooks
from kezhuan.kernel.text import now
from tests.factories import city
from tests.factories.servers import web_server

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _outside(settings, monkeypatch):
    settings.PRIVATE_WEBHOOKS = True
    settings.SITE_URL = "https://kezhuan.example.gov.cn"
    monkeypatch.setattr(sending, "_resting", {})


@pytest.fixture
def posts():
    with web_server() as opened:
        yield opened


@pytest.fixture
def admin():
    return city.member(city.organisation(), Role.ADMINISTRATOR)


def follow():
    """What a worker does: the followers, then the jobs."""
    followers.run_pending()
    Job.objects.exclude(due_at=None).update(due_at=Now())
    jobs.run_pending()


def hook(actor, posts, **more):
    made = webhooks.add_webhook(
        **{"actor": actor, "form": "signed", "url": f"{posts.url}/in?a=1", "kinds": ["need"], **more}
    )
    follow()
    posts.requests.clear()
    return made


def codes(posts):
    return [json.loads(body)["data"]["code"] for _, _, body in posts.requests]


def test_a_changed_record_is_called_for_with_a_signature_that_its_owner_can_check(admin, posts):
    made = hook(admin, posts)
    need = city.need(admin.organisation, by=admin)
    follow()
    (path, headers, body) = posts.requests[0]
    told = json.loads(body)
    assert path == "/in?a=1"
    assert told["type"] == "record.changed"
    assert told["data"] == {
        "kind": "need",
        "code": need.record.code,
        "uid": str(need.record.uid),
        "title": need.record.title,
        "stage": "draft",
        "phase": "draft",
        "version": 1,
        "url": f"https://kezhuan.example.gov.cn/needs/{need.record.code}/",
    }
    # Checked as the standard says, without our own code.
    key = base64.b64decode(hooks.signing_key(made).removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert abs(int(headers["webhook-timestamp"]) - time.time()) < 60


def test_each_change_is_called_for_once_and_as_the_record_stands(admin, posts):
    hook(admin, posts)
    need = city.need(admin.organisation, by=admin)
    advance(NEED, need, "submit", actor=admin)
    for _ in range(2):
        follow()
    assert [json.loads(body)["data"]["stage"] for _, _, body in posts.requests] == ["submitted"]
    advance(NEED, need, "publish", actor=city.officer())
    follow()
    assert [json.loads(body)["data"]["version"] for _, _, body in posts.requests] == [2, 3]


def test_nothing_is_called_for_that_the_owner_may_not_see_or_did_not_ask_for(admin, posts):
    hook(admin, posts)
    other = city.organisation()
    draft = city.need(other)
    city.achievement(admin.organisation, by=admin)
    public = city.need(other, stage="published")
    follow()
    assert codes(posts) == [public.record.code]
    assert draft.record.code not in codes(posts)


def test_what_the_owner_may_not_see_any_more_when_it_is_called_is_dropped(admin, posts):
    made = hook(admin, posts)
    need = city.need(admin.organisation, by=admin)
    followers.run_pending()
    admin.person.memberships.update(until=now().date() - timedelta(days=2))
    jobs.run_pending()
    assert posts.requests == []
    assert Message.objects.get(webhook=made, content__record=need.pk).state == MessageState.DROPPED


def test_a_receiver_that_does_not_answer_is_called_again_with_the_same_number_in_order(admin, posts):
    hook(admin, posts)
    needs = [city.need(admin.organisation, by=admin) for _ in range(2)]
    posts.answers = [(0, b""), (500, b""), (200, b"")]
    for _ in range(3):
        follow()
    first, second = (need.record.code for need in needs)
    assert codes(posts) == [first, first, first, second]
    assert len({headers["webhook-id"] for _, headers, _ in posts.requests}) == 2
    assert set(Message.objects.exclude(webhook=None).values_list("state", flat=True)) == {MessageState.SENT}


def test_a_call_that_is_never_taken_is_given_up_and_the_next_one_is_made(admin, posts):
    hook(admin, posts)
    needs = [city.need(admin.organisation, by=admin) for _ in range(2)]
    posts.answers = [*[(400, b"")] * sending.MOST_CALLS, (200, b"")]
    for _ in range(sending.MOST_CALLS):
        follow()
    calls = Message.objects.exclude(webhook=None).order_by("pk")
    assert list(calls.values_list("state", flat=True)) == [MessageState.FAILED, MessageState.SENT]
    assert "400" in calls[0].error
    assert codes(posts)[-1] == needs[1].record.code


def test_calls_are_made_one_after_the_other_though_two_workers_look(admin, posts):
    made = hook(admin, posts)
    city.need(admin.organisation, by=admin)
    followers.run_pending()
    first = jobs.take(worker="first")
    assert (first.name, first.key) == ("outbox.call", str(made.pk))
    jobs.enqueue("outbox.call", key=str(made.pk), webhook=made.pk)
    assert jobs.run_next(worker="second")
    assert posts.requests == []
    jobs.run(first)
    assert len(posts.requests) == 1


def test_many_calls_leave_others_their_turn(admin, posts, monkeypatch):
    hook(admin, posts)
    for _ in range(3):
        city.need(admin.organisation, by=admin)
    followers.run_pending()
    monkeypatch.setattr(sending, "ONE_TURN", -1.0)
    jobs.run_next()
    assert (len(posts.requests), Job.objects.filter(name="outbox.call", state=JobState.WAITING).count()) == (0, 1)
    monkeypatch.setattr(sending, "ONE_TURN", 30.0)
    jobs.run_pending()
    assert len(posts.requests) == 3


def test_a_call_is_made_again_on_demand_by_its_organisation_and_by_nobody_else(admin, posts):
    made = hook(admin, posts)
    city.need(admin.organisation, by=admin)
    follow()
    message = Message.objects.get(webhook=made)
    with pytest.raises(NotAllowed):
        outbox.send_again(actor=city.member(city.organisation(), Role.ADMINISTRATOR), message=message)
    outbox.send_again(actor=admin, message=message)
    jobs.run_pending()
    assert len(posts.requests) == 2
    assert posts.requests[0][1]["webhook-id"] == posts.requests[1][1]["webhook-id"]


def test_an_ended_webhook_is_called_no_more_and_a_new_key_signs_from_then_on(admin, posts):
    made = hook(admin, posts)
    old = hooks.signing_key(made)
    assert hooks.signing_key(webhooks.renew_key(actor=admin, number=made.pk)) != old
    city.need(admin.organisation, by=admin)
    followers.run_pending()
    webhooks.end_webhook(actor=admin, number=made.pk)
    jobs.run_pending()
    city.need(admin.organisation, by=admin)
    follow()
    assert posts.requests == []
    kinds = Entry.objects.filter(kind__startswith="webhook.").order_by("seq").values_list("kind", flat=True)
    assert list(kinds) == ["webhook.made", "webhook.key", "webhook.ended"]


def test_the_robots_of_a_group_are_sent_a_line(admin, posts):
    posts.answers = [(200, b'{"errcode": 0}')]
    hook(admin, posts, form="wecom")
    hook(admin, posts, form="dingtalk", robot_secret="SEC123")
    need = city.need(admin.organisation, by=admin)
    follow()
    wecom, dingtalk = sorted(posts.requests, key=lambda asked: "timestamp" in asked[0])
    told = json.loads(wecom[2])
    assert told["msgtype"] == "text"
    assert need.record.code in told["text"]["content"]
    assert "草稿" in told["text"]["content"]
    assert f"https://kezhuan.example.gov.cn/needs/{need.record.code}/" in told["text"]["content"]
    assert "webhook-signature" not in wecom[1]
    query = parse_qs(urlsplit(dingtalk[0]).query)
    moment, secret = query["timestamp"][0], b"SEC123"
    signed = hmac.new(secret, f"{moment}\nSEC123".encode(), hashlib.sha256).digest()
    assert query["sign"] == [base64.b64encode(signed).decode()]
    assert query["a"] == ["1"]


@pytest.mark.parametrize(
    ("answer", "state"),
    [(b'{"errcode": 310000}', MessageState.FAILED), (b'{"errcode": 45009}', MessageState.WAITING),
     (b"<html>", MessageState.FAILED)],
)  # fmt: skip
def test_what_a_robot_answers_decides_whether_it_is_tried_again(admin, posts, answer, state):
    made = hook(admin, posts, form="wecom")
    city.need(admin.organisation, by=admin)
    posts.answers = [(200, answer)]
    follow()
    assert Message.objects.get(webhook=made).state == state


@pytest.mark.parametrize(
    "url",
    ["", "x", "ftp://x.cn", "https://", "https://u:p@x.cn/", "https://x.cn:99999/", "https://例子.cn/", "h" * 501],
)
def test_an_address_that_cannot_be_called_is_refused(admin, url):
    with pytest.raises(Refused) as refused:
        webhooks.add_webhook(actor=admin, form="signed", url=url, kinds=[])
    assert {problem.field for problem in refused.value.problems} == {"url"}


@pytest.mark.parametrize(
    "more",
    [
        {"robot_secret": "密级:机密"},
        {"url": "https://x.cn/in?to=密级:机密"},
        {"url": "https://x.cn/in?to=%E5%AF%86%E7%BA%A7%3A%E6%9C%BA%E5%AF%86"},
    ],
    ids=["key", "address", "encoded address"],
)
def test_marked_words_are_kept_in_no_field_of_a_webhook(admin, more):
    with pytest.raises(Refused) as refused:
        webhooks.add_webhook(**{"actor": admin, "form": "dingtalk", "url": "https://x.cn/", "kinds": [], **more})
    assert [problem.code for problem in refused.value.problems] == ["state-secret"]
    assert not Webhook.objects.exists()


def test_an_address_without_encryption_or_inside_the_house_is_for_the_operator_to_allow(admin, posts, settings):
    settings.PRIVATE_WEBHOOKS = False
    with pytest.raises(Refused):
        webhooks.add_webhook(actor=admin, form="signed", url="http://x.cn/", kinds=[])
    made = webhooks.add_webhook(actor=admin, form="signed", url=f"https://127.0.0.1:{posts.port}/", kinds=["need"])
    city.need(admin.organisation, by=admin)
    follow()
    message = Message.objects.get(webhook=made)
    assert (message.state, posts.requests) == (MessageState.FAILED, [])
    assert "127.0.0.1" in message.error


def test_administrators_and_officers_have_webhooks_and_see_their_own_organisations(admin, posts):
    made = hook(admin, posts)
    colleague = city.member(admin.organisation, Role.ADMINISTRATOR)
    member, stranger = city.member(admin.organisation), city.member(city.organisation(), Role.ADMINISTRATOR)
    assert webhooks.get_webhook(colleague, made.pk) == made
    for actor in (member, stranger, city.officer()):
        with pytest.raises(Missing):
            webhooks.get_webhook(actor, made.pk)
        with pytest.raises(Missing):
            webhooks.end_webhook(actor=actor, number=made.pk)
    with pytest.raises(NotAllowed):
        webhooks.add_webhook(actor=member, form="signed", url="https://x.cn/", kinds=[])
    assert hook(city.officer(), posts).pk


def test_an_organisation_has_no_more_webhooks_than_anybody_oversees(admin, posts):
    for _ in range(webhooks.MOST_WEBHOOKS):
        hook(admin, posts)
    with pytest.raises(Refused) as refused:
        hook(admin, posts)
    assert refused.value.problems[0].code == "webhooks-many"
    assert Webhook.objects.count() == webhooks.MOST_WEBHOOKS
