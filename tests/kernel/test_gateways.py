"""Short messages and work cards by HTTP gateways: what a template makes of a message, and what answers mean."""

import json

import pytest
from django.db.models.functions import Now

from kezhuan.kernel import jobs, outbox
from kezhuan.kernel.models import Job, Message, MessageState
from kezhuan.kernel.outbox import gateways, sending, words
from tests.factories import city
from tests.factories.servers import web_server

pytestmark = pytest.mark.django_db
WORDS = "您的验证码是 123456。"


@pytest.fixture(autouse=True)
def _nothing_rests(monkeypatch):
    monkeypatch.setattr(sending, "_resting", {})


@pytest.fixture
def posts():
    with web_server() as opened:
        yield opened


@pytest.fixture
def sms(settings, posts):
    """A city whose short messages go by a gateway; returns the template."""
    template = {
        "url": f"{posts.url}/send?to={{to}}",
        "json": {"phones": ["{to}"], "content": "{text}", "id": "{id}", "other": "{nothing}"},
        "headers": {"Authorization": "Bearer abc"},
        "answer": {"field": "result.code", "value": 0},
        "per_day": 3,
        "private": True,
    }
    settings.GATEWAYS = {"sms": template}
    posts.answers = [(200, b'{"result": {"code": 0}}')]
    return template


def short(key="k1", text=WORDS):
    return outbox.send(channel="sms", to="+86 13800000000", subject="", text=text, key=key)


def state_of(message):
    return Message.objects.get(pk=message.pk).state


def again():
    Job.objects.exclude(due_at=None).update(due_at=Now())
    jobs.run_pending()


def test_a_short_message_goes_as_the_template_says(sms, posts):
    message = short()
    jobs.run_pending()
    (path, headers, body) = posts.requests[0]
    assert path == "/send?to=%2B86%2013800000000"
    assert headers["authorization"] == "Bearer abc"
    sent = json.loads(body)
    assert (sent["phones"], sent["content"], sent["other"]) == (["+86 13800000000"], WORDS, "{nothing}")
    assert len(sent["id"]) == 32
    assert state_of(message) == MessageState.SENT


def test_words_cannot_ask_the_template_for_more(sms, posts):
    sms["token"] = {"url": f"{posts.url}/token", "field": "t", "seconds": 60}
    gateways._tokens.clear()
    posts.answers = [(200, b'{"t": "geheim"}'), (200, b'{"result": {"code": 0}}')]
    short(text="{token} {to}")
    jobs.run_pending()
    assert json.loads(posts.requests[-1][2])["content"] == "{token} {to}"


def test_a_form_is_posted_where_the_template_says_so(sms, posts):
    del sms["json"]
    sms["form"] = {"mobile": "{to}", "msg": "{text}"}
    short()
    jobs.run_pending()
    assert posts.requests[0][2].decode().startswith("mobile=%2B86+13800000000&msg=%E6")


@pytest.mark.parametrize(
    ("answer", "state", "told"),
    [
        ((200, b'{"result": {"code": 7}}'), MessageState.FAILED, "7"),
        ((200, b"not json"), MessageState.FAILED, "None"),
        ((400, b"{}"), MessageState.FAILED, "400"),
        ((503, b"{}"), MessageState.WAITING, "503"),
        ((429, b"{}"), MessageState.WAITING, "429"),
        ((302, b""), MessageState.FAILED, "302"),
        ((0, b""), MessageState.UNCLEAR, ""),
    ],
)
def test_what_the_gateway_answers_decides_whether_it_is_tried_again(sms, posts, answer, state, told):
    posts.answers = [answer, (200, b'{"result": {"code": 0}}')]
    message = short()
    jobs.run_pending()
    message.refresh_from_db()
    assert message.state == state
    assert told in message.error
    again()
    assert len(posts.requests) == (2 if state == MessageState.WAITING else 1)


def test_no_more_than_the_days_cap_is_sent_and_the_rest_is_told(sms, posts):
    made = [short(key=f"k{number}") for number in range(5)]
    jobs.run_pending()
    assert [state_of(one) for one in made] == [MessageState.SENT] * 3 + [MessageState.FAILED] * 2
    assert "3" in Message.objects.get(pk=made[3].pk).error
    assert len(posts.requests) == 3


def test_without_a_gateway_a_short_message_is_a_file(settings, tmp_path):
    settings.DATA, settings.GATEWAYS = tmp_path, {}
    short()
    jobs.run_pending()
    (file,) = (tmp_path / "outbox").rglob("sms-*.txt")
    assert WORDS in file.read_text(encoding="utf-8")


def test_a_gateway_inside_the_house_is_called_only_when_the_template_allows_it(sms, posts):
    del sms["private"]
    message = short()
    jobs.run_pending()
    assert (state_of(message), posts.requests) == (MessageState.FAILED, [])


def test_a_work_card_goes_to_whom_the_citys_platform_knows_with_a_token_fetched_once(settings, posts, monkeypatch):
    """The message interface of 政务微信 / 粤政易, which is that of 企业微信: gettoken, then message/send."""
    settings.SITE_URL = "https://kezhuan.example.gov.cn"
    settings.GATEWAYS = {
        "card": {
            "url": f"{posts.url}/cgi-bin/message/send?access_token={{token}}",
            "json": {
                "touser": "{to}",
                "msgtype": "textcard",
                "agentid": 1000002,
                "textcard": {"title": "{subject}", "description": "{text}", "url": "{link}", "btntxt": "查看"},
            },
            "answer": {"field": "errcode", "value": 0},
            "token": {"url": f"{posts.url}/cgi-bin/gettoken?corpid=a&corpsecret=b", "field": "access_token",
                      "seconds": 7000},
            "private": True,
        }
    }  # fmt: skip
    gateways._tokens.clear()
    monkeypatch.setattr(words, "_letters", {})
    outbox.register_letter("t", lambda actor, content: outbox.Letter("待办", "一项待办", "/inbox/"), label="t")
    actor = city.member(city.organisation())
    outbox.set_card(actor, " zhangsan ")
    outbox.prefer(actor.person, channel="card")
    posts.answers = [(200, b'{"access_token": "T1"}'), (200, b'{"errcode": 0}')]
    for key in ("a", "b"):
        assert outbox.tell(actor.person, "t", key=key).channel == "card"
    jobs.run_pending()
    assert [path.split("?")[0] for path, _, _ in posts.requests] == [
        "/cgi-bin/gettoken", "/cgi-bin/message/send", "/cgi-bin/message/send",
    ]  # fmt: skip
    card = json.loads(posts.requests[1][2])
    assert posts.requests[1][0].endswith("access_token=T1")
    assert (card["touser"], card["agentid"]) == ("zhangsan", 1000002)
    assert card["textcard"]["url"] == "https://kezhuan.example.gov.cn/inbox/"
    # A token that is not accepted any more is fetched anew.
    posts.answers = [(401, b"{}"), (200, b'{"access_token": "T2"}'), (200, b'{"errcode": 0}')]
    message = outbox.tell(actor.person, "t", key="c")
    jobs.run_pending()
    again()
    assert state_of(message) == MessageState.SENT
    assert posts.requests[-1][0].endswith("access_token=T2")
