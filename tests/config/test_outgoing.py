"""Settings by which messages leave: what they take, and one sentence for everything else."""

import pytest

from kezhuan.config import outgoing
from kezhuan.config.environment import BadSetting, mail_address
from kezhuan.config.outgoing import MailServer

SMS = '[sms]\nurl = "https://sms.example.cn/send"\nper_day = 100\njson = { to = "{to}" }\n'


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("", None),
        ("smtp://relay", MailServer("relay", 25, "none")),
        ("smtps://u:p%40w@mail.example.cn", MailServer("mail.example.cn", 465, "whole", "u", "p@w")),
        ("smtp+starttls://u@mail.example.cn:2525", MailServer("mail.example.cn", 2525, "start", "u")),
    ],
)
def test_a_mail_server_is_read_from_its_address(given, expected):
    assert outgoing.mail_server("X", {"X": given}) == expected


@pytest.mark.parametrize(
    "given", ["http://mail", "smtp://", "smtp://u:secret@mail:x", "smtp://u:secret@mail/path", "mail"]
)
def test_an_address_that_is_no_mail_server_is_told_without_its_password(given):
    with pytest.raises(BadSetting, match="X") as told:
        outgoing.mail_server("X", {"X": given})
    assert "secret" not in str(told.value)


@pytest.mark.parametrize("given", ["kezhuan", "//x", "ftp://x", "https://x/?a=1"])
def test_the_sites_address_is_an_address(given):
    assert outgoing.site_url("X", "https://a.cn/", {}) == "https://a.cn"
    with pytest.raises(BadSetting, match="X"):
        outgoing.site_url("X", "https://a.cn", {"X": given})


def test_messages_that_leave_need_the_sites_address():
    assert outgoing.service_url("X", {"X": "https://a.cn/b?c=1"}) == "https://a.cn/b?c=1"
    assert outgoing.service_url("X", {}) == ""
    with pytest.raises(BadSetting):
        outgoing.service_url("X", {"X": "javascript:alert(1)"})
    outgoing.require_site_url("X", False, {})
    outgoing.require_site_url("X", True, {"X": "https://a.cn"})
    with pytest.raises(BadSetting, match="X"):
        outgoing.require_site_url("X", True, {})


def test_the_senders_address_is_a_mail_address():
    assert mail_address("X", "a@b.cn", {}) == "a@b.cn"
    with pytest.raises(BadSetting, match="X"):
        mail_address("X", "a@b.cn", {"X": "科转 <a@b.cn>"})


def test_gateways_are_read_from_their_file(tmp_path):
    file = tmp_path / "g.toml"
    file.write_text(SMS, encoding="utf-8")
    assert outgoing.gateways("X", {"X": str(file)})["sms"]["per_day"] == 100
    assert outgoing.gateways("X", {}) == {}


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("[fax]\n", "fax"),
        ("sms = 1", "sms"),
        (SMS.replace("per_day = 100\n", ""), "per_day"),
        (SMS + "speed = 3\n", "speed"),
        (SMS.replace("https://sms.example.cn/send", "sms"), "url"),
        (SMS + 'form = { to = "{to}" }\n', "form"),
        (SMS + '[sms.answer]\nfield = "x"\n', "value"),
        ("not = [toml", "X"),
    ],
)  # fmt: skip
def test_a_gateway_that_cannot_work_stops_the_start(tmp_path, content, named):
    file = tmp_path / "g.toml"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(BadSetting, match=named):
        outgoing.gateways("X", {"X": str(file)})
    with pytest.raises(BadSetting, match="X"):
        outgoing.gateways("X", {"X": str(tmp_path / "gone.toml")})
