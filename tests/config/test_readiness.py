"""The site is not served with guessed secrets, demo accounts, debug pages or open passwords; each is one sentence."""

import pytest
from django.conf import settings as django_settings

from kezhuan.areas.people.actions import SYSTEM, register_person
from kezhuan.config import readiness, serving
from kezhuan.config.commands import check_settings, serve
from kezhuan.demo.build import ACCOUNTS, PASSWORD
from kezhuan.kernel.models import User

pytestmark = pytest.mark.django_db
OPEN = ["kezhuan.example.org"]


@pytest.fixture(autouse=True)
def _quiet(settings, monkeypatch):
    settings.DEBUG = False
    settings.HTTPS = True
    settings.DEMO_CITY = False
    settings.ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
    monkeypatch.delenv("KEZHUAN_SECRET_KEY", raising=False)
    monkeypatch.delenv("KEZHUAN_DATABASE_URL", raising=False)


def only(sentences):
    assert len(sentences) == 1, sentences
    assert "\n" not in sentences[0]
    return sentences[0]


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("[::1]", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("10.0.0.5", False),
        ("kezhuan.example.org", False),
        ("*", False),
        ("", False),
    ],
)
def test_only_this_machine_is_local(host, local):
    assert readiness.is_local(host) is local


def test_ordinary_city_may_be_served(settings):
    settings.ALLOWED_HOSTS = OPEN
    assert readiness.refusals("127.0.0.1") == []
    assert readiness.refusals("0.0.0.0") == []


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ("a" * 64, True),
        ("ab" * 32, True),
        ("please-changeme-please-changeme-0", True),
        ("django-insecure-kJ3#mQ9$xR2&vT7!wP5@", True),
        ("Q7m2Zr9Xk4Vb8Nw1Ty6Hd3Pf5Gs0Lc7Ja", False),
    ],
)
def test_secret_key_that_can_be_guessed_is_refused_even_at_home(monkeypatch, key, told):
    monkeypatch.setenv("KEZHUAN_SECRET_KEY", key)
    found = readiness.refusals("127.0.0.1")
    assert ("KEZHUAN_SECRET_KEY" in only(found)) if told else found == []
    assert not any(key in sentence for sentence in found)


@pytest.mark.parametrize(
    ("host", "password", "told"),
    [
        ("db.example.org", "password", True),
        ("db.example.org", "", True),
        ("10.0.0.5,10.0.0.6", "postgres", True),
        ("127.0.0.1", "password", False),
        ("/run/postgresql", "", False),
        ("db.example.org", "Q7m2Zr9Xk4Vb", False),
    ],
)
def test_usual_database_password_is_refused_on_another_machine(monkeypatch, host, password, told):
    monkeypatch.setenv("KEZHUAN_DATABASE_URL", "postgres://somewhere/x")
    monkeypatch.setitem(django_settings.DATABASES["default"], "HOST", host)
    monkeypatch.setitem(django_settings.DATABASES["default"], "PASSWORD", password)
    found = readiness.refusals("127.0.0.1")
    assert ("KEZHUAN_DATABASE_URL" in only(found)) if told else found == []


@pytest.mark.parametrize(
    ("host", "hosts", "told"), [("127.0.0.1", [], False), ("0.0.0.0", [], True), ("127.0.0.1", OPEN, True)]
)
def test_debug_pages_are_for_this_machine_only(settings, host, hosts, told):
    settings.DEBUG = True
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, *hosts]
    found = readiness.refusals(host)
    assert ("KEZHUAN_DEBUG" in only(found)) if told else found == []


@pytest.mark.parametrize(
    ("host", "hosts", "plain", "told"),
    [
        ("127.0.0.1", [], False, False),
        ("0.0.0.0", [], False, True),
        ("10.0.0.5", [], False, True),
        ("127.0.0.1", OPEN, False, True),
        ("0.0.0.0", OPEN, True, False),
    ],
)
def test_passwords_do_not_go_in_clear_unless_said_otherwise(settings, host, hosts, plain, told):
    settings.HTTPS = False
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, *hosts]
    found = readiness.refusals(host, plain_http=plain)
    assert ("KEZHUAN_HTTPS" in only(found)) if told else found == []


@pytest.mark.parametrize(
    ("demo_city", "host", "hosts", "told"),
    [
        (True, "127.0.0.1", [], False),
        (True, "0.0.0.0", [], True),
        (True, "127.0.0.1", OPEN, True),
        (False, "127.0.0.1", [], True),
    ],
)
def test_demo_accounts_are_refused_outside_their_own_machine(settings, demo_city, host, hosts, told):
    settings.DEMO_CITY = demo_city
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, *hosts]
    user = User.objects.create_user(ACCOUNTS[0].email, PASSWORD, person=register_person(actor=SYSTEM, name="示范"))
    found = readiness.refusals(host)
    assert (ACCOUNTS[0].email in only(found)) if told else found == []
    user.set_password("another-password-7")
    user.save()
    assert readiness.refusals(host) == []


def test_serve_refuses_with_every_sentence_and_starts_nothing(settings, monkeypatch, capsys):
    settings.DEBUG = True
    settings.HTTPS = False
    monkeypatch.setattr(serve, "start_django", lambda: True)
    monkeypatch.setattr(serve, "bring_up_to_date", lambda: True)
    started = []
    monkeypatch.setattr(serving, "serve", lambda *given, **more: started.append(given) or 0)
    assert serve.run(["--host", "0.0.0.0"]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 2
    assert started == []
    settings.DEBUG = False
    assert serve.run(["--host", "0.0.0.0", "--plain-http"]) == 0
    assert len(started) == 1


def test_check_settings_shows_them_without_secrets(settings, monkeypatch, capsys):
    monkeypatch.setattr(check_settings, "start_django", lambda: True)
    monkeypatch.setattr(check_settings, "is_up_to_date", lambda: True)
    monkeypatch.setenv("KEZHUAN_SECRET_KEY", "Q7m2Zr9Xk4Vb8Nw1Ty6Hd3Pf5Gs0Lc7Ja")
    monkeypatch.setenv("KEZHUAN_MAIL_URL", "smtps://me:geheim@mail.example.org")
    monkeypatch.setenv("KEZHUAN_CITY", "440300")
    settings.ALLOWED_HOSTS = OPEN
    settings.SITE_URL = "http://localhost:8000"
    assert check_settings.run([]) == 0
    said = capsys.readouterr().out
    assert "KEZHUAN_CITY = 440300" in said
    assert "KEZHUAN_SECRET_KEY = （已设置）" in said
    assert "geheim" not in said
    assert "Q7m2" not in said
    assert "KEZHUAN_SITE_URL 仍是" in said
    assert "可以对外服务" in said
    settings.DEBUG = True
    assert check_settings.run([]) == 1
    assert "必须更改" in capsys.readouterr().out
