"""What a site must not be served with, and what is worth a second look: one sentence each."""

import ipaddress
import os
from collections.abc import Iterator
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.hashers import check_password

from kezhuan.config.speech import told
from kezhuan.demo.build import ACCOUNTS, PASSWORD
from kezhuan.kernel.models import User

_GUESSED = ("secret", "changeme", "change-me", "password", "insecure", "example", "kezhuan", "0123456789", "abcdefgh")
"""Words by which a key that somebody copied from a page is known."""
_KNOWN_PASSWORDS = frozenset({"", "password", "postgres", "kezhuan", "changeme", "admin", "123456"})
FEWEST_CHARACTERS = 10
"""Different characters that a key made by chance has at least: 48 of 64 at random have 33 on average."""


def is_local(host: str) -> bool:
    """Whether a host or address is this machine alone."""
    name = host.strip("[]")
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def refusals(host: str, *, plain_http: bool = False) -> list[str]:
    """Why the site must not be served at this address with these settings; empty when it may."""
    named = [one for one in settings.ALLOWED_HOSTS if not is_local(one)]
    is_open = not is_local(host) or bool(named)
    return [
        *_secrets(),
        *_encoder(),
        *(_openness(host, named, plain_http) if is_open else ()),
        *_demo_accounts(host, named),
    ]


def _secrets() -> Iterator[str]:
    key = os.environ.get("KEZHUAN_SECRET_KEY", "").strip()
    if key and (len(set(key)) < FEWEST_CHARACTERS or any(word in key.lower() for word in _GUESSED)):
        yield told(
            "KEZHUAN_SECRET_KEY：密钥可被猜到；请改用随机密钥，或去掉该变量，由系统在数据文件夹中生成。",
            "KEZHUAN_SECRET_KEY: the key can be guessed; use one made by chance, or leave the variable out and one is"
            " made in the data folder.",
        )
    address = urlsplit(os.environ.get("KEZHUAN_DATABASE_URL", "").strip())
    database = settings.DATABASES["default"]
    hosts = str(database.get("HOST", "")).split(",")
    elsewhere = address.scheme and not all(is_local(one) for one in hosts if one and not one.startswith("/"))
    if elsewhere and database.get("PASSWORD", "") in _KNOWN_PASSWORDS:
        yield told(
            "KEZHUAN_DATABASE_URL：数据库在另一台机器上，密码却是常见的默认值或空白；请先更改密码。",
            "KEZHUAN_DATABASE_URL: the database is on another machine and its password is a usual default or empty;"
            " change it first.",
        )


def _encoder() -> Iterator[str]:
    if settings.ENCODER:
        from kezhuan.engines.matching.encoder import Encoder  # inline: hardly anybody has one
        from kezhuan.engines.matching.encoder_files import UnusableEncoder

        try:
            Encoder(settings.ENCODER).check()
        except UnusableEncoder as problem:
            yield told(f"KEZHUAN_ENCODER：{problem.say('zh')}", f"KEZHUAN_ENCODER: {problem.say('en')}")


def _openness(host: str, named: list[str], plain_http: bool) -> Iterator[str]:
    where = host if not is_local(host) else named[0]
    if settings.DEBUG:
        yield told(
            f"KEZHUAN_DEBUG=true 会把出错细节显示给 {where} 的所有访问者；请关闭，或只在本机使用。",
            f"KEZHUAN_DEBUG=true would show details of faults to everybody at {where}; switch it off, or serve this"
            " machine only.",
        )
    if not settings.HTTPS and not plain_http:
        yield told(
            f"{where} 可从其他机器访问，但未使用 HTTPS，密码会明文传输；请在前面放一个 HTTPS 反向代理并设置"
            " KEZHUAN_HTTPS=true，或在可信网络中加 --plain-http。",
            f"{where} can be reached from other machines without HTTPS, and passwords would go in clear: put a reverse"
            " proxy with HTTPS before it and set KEZHUAN_HTTPS=true, or in a trusted network add --plain-http.",
        )


def _demo_accounts(host: str, named: list[str]) -> Iterator[str]:
    if settings.DEMO_CITY and is_local(host) and not named:
        return  # the demo city on one's own machine
    emails = [account.email for account in ACCOUNTS]
    known = [
        user.email
        for user in User.objects.filter(email__in=emails, is_active=True).order_by("email")
        if check_password(PASSWORD, user.password)
    ]
    if known:
        yield told(
            f"示范账号 {known[0]} 仍可用公开的密码登录；请用 ./kezhuan set-password 更改，或使用另一个数据文件夹。",
            f"The demo account {known[0]} can still be entered with its public password: change it with"
            " ./kezhuan set-password, or use another data folder.",
        )


def advice(host: str) -> list[str]:
    """What can be served and yet looks forgotten."""
    named = [one for one in settings.ALLOWED_HOSTS if not is_local(one)]
    found = []
    if named and is_local(urlsplit(settings.SITE_URL).hostname or ""):
        found.append(
            told(
                f"KEZHUAN_SITE_URL 仍是 {settings.SITE_URL}，信件中的链接将打不开；请写网站的地址。",
                f"KEZHUAN_SITE_URL is still {settings.SITE_URL}: links in messages lead nowhere; give the site's"
                " address.",
            )
        )
    if named and not settings.MAIL_SERVER:
        found.append(
            told(
                "未设置 KEZHUAN_MAIL_URL，信件只写入数据文件夹的 outbox。",
                "KEZHUAN_MAIL_URL is not set: mail is written to files in the data folder only.",
            )
        )
    if not is_local(host) and "*" in settings.ALLOWED_HOSTS:
        found.append(
            told("KEZHUAN_HOSTS 含 *，网站会应答任何主机名。", "KEZHUAN_HOSTS holds *: the site answers to any name.")
        )
    return found
