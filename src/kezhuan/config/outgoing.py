"""Read the settings by which messages leave the house: the mail server, and gateways described in one file."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from kezhuan.config import environment
from kezhuan.config.environment import BadSetting

PORTS = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}


@dataclass
class MailServer:
    """Where mail is handed over; `tls` is none, start or whole."""

    host: str
    port: int
    tls: str
    user: str = ""
    password: str = ""


def mail_server(name: str, environ: Mapping[str, str] = os.environ) -> MailServer | None:
    """The variable as a mail server; None when it is not set. The password is told by no message."""
    given = environment.text(name, "", environ)
    if not given:
        return None
    trouble = BadSetting(
        f"{name}：须写作 smtp+starttls://用户:密码@主机:端口（也可用 smtps:// 或 smtp://）。",
        f"{name}: takes smtp+starttls://user:password@host:port, or smtps:// or smtp://.",
    )
    try:
        parts = urlsplit(given)
        port = parts.port or PORTS.get(parts.scheme, 0)
    except ValueError:
        raise trouble from None
    if parts.scheme not in PORTS or not parts.hostname or parts.path.strip("/") or parts.query:
        raise trouble
    tls = {"smtp": "none", "smtps": "whole", "smtp+starttls": "start"}[parts.scheme]
    return MailServer(parts.hostname, port, tls, unquote(parts.username or ""), unquote(parts.password or ""))


def site_url(name: str, default: str, environ: Mapping[str, str] = os.environ) -> str:
    """The variable as the address people reach the site at, without a slash at its end."""
    given = environment.text(name, default, environ).rstrip("/")
    parts = urlsplit(given)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise BadSetting(
            f"{name}={given}：须为网站的地址，如 https://kezhuan.example.gov.cn。",
            f"{name}={given}: takes the site's address, such as https://kezhuan.example.gov.cn.",
        )
    return given


def service_url(name: str, environ: Mapping[str, str] = os.environ) -> str:
    """The variable as the address of a service that people are sent to; empty where none is given."""
    given = environment.text(name, "", environ)
    parts = urlsplit(given)
    if given and (parts.scheme not in {"http", "https"} or not parts.hostname):
        raise BadSetting(
            f"{name}={given}：须为以 http:// 或 https:// 开头的地址。",
            f"{name}={given}: takes an address that begins with http:// or https://.",
        )
    return given


def require_site_url(name: str, leaves: bool, environ: Mapping[str, str] = os.environ) -> None:
    """Raise `BadSetting` when messages leave the house and nobody said where their links lead."""
    if leaves and not environment.text(name, "", environ):
        raise BadSetting(
            f"{name}：已配置邮件或网关，请填写网站的地址，否则消息中的链接无法打开。",
            f"{name}: mail or a gateway is configured; give the site's address, or links in messages lead nowhere.",
        )


def gateways(name: str, environ: Mapping[str, str] = os.environ) -> dict[str, dict[str, Any]]:
    """The gateways `sms` and `card` of the TOML file that the variable names; see docs/how-to/messages.md."""
    given = environment.text(name, "", environ)
    if not given:
        return {}
    try:
        content = tomllib.loads(Path(given).read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        raise BadSetting(
            f"{name}={given}：文件无法读取（{problem}）。", f"{name}={given}: the file cannot be read ({problem})."
        ) from None
    for channel, gateway in content.items():
        wrong = _gateway_trouble(channel, gateway)
        if wrong:
            raise BadSetting(f"{name}={given}：{wrong[0]}", f"{name}={given}: {wrong[1]}")
    return content


def _gateway_trouble(channel: str, gateway: Any) -> tuple[str, str] | None:
    if channel not in {"sms", "card"} or not isinstance(gateway, dict):
        return f"没有通道“{channel}”；可用：sms、card。", f"there is no channel “{channel}”; there are sms and card."
    if unknown := set(gateway) - {"url", "json", "form", "headers", "answer", "token", "per_day", "private"}:
        names = ", ".join(sorted(unknown))
        return f"[{channel}] 中没有这些项：{names}。", f"[{channel}] does not know {names}."
    if not isinstance(gateway.get("url"), str) or urlsplit(gateway["url"]).scheme not in {"http", "https"}:
        return f"[{channel}] 缺少 url。", f"[{channel}] lacks url."
    if ("json" in gateway) == ("form" in gateway):
        return f"[{channel}] 须有 json 或 form 之一。", f"[{channel}] takes one of json and form."
    if channel == "sms" and (not isinstance(gateway.get("per_day"), int) or gateway["per_day"] < 1):
        return "[sms] 缺少每日上限 per_day。", "[sms] lacks per_day, the most that are sent in a day."
    for part, wanted in (("answer", {"field", "value"}), ("token", {"url", "field", "seconds"})):
        if part in gateway and set(gateway[part]) != wanted:
            shown = ", ".join(sorted(wanted))
            return f"[{channel}.{part}] 须有 {shown}。", f"[{channel}.{part}] takes {shown}."
    return None
