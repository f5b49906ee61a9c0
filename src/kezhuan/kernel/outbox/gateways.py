"""Short messages and work cards by HTTP gateways, each described by a template (docs/how-to/messages.md)."""

import json
import re
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, urlencode

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from kezhuan.kernel.models import CodeCounter
from kezhuan.kernel.outbox.http import post
from kezhuan.kernel.outbox.ways import CutOff, Outgoing, Rejected, Unreachable
from kezhuan.kernel.text import today

TIMES = {408, 425, 429, *range(500, 600)}
"""Answers after which the same may be accepted later."""
_tokens: dict[str, tuple[str, float]] = {}


class Gateway:
    """Posts what a template makes of a message. Gateways differ in what they do with a repeat, so none is sent."""

    repeatable = False

    def __init__(self, name: str, template: Mapping[str, Any]) -> None:
        self.name, self.template = name, template

    def send(self, out: Outgoing, begin: Callable[[], None]) -> None:
        """Fill in the template and post it; an answer that the template does not accept is told."""
        words = {
            "to": out.to,
            "subject": out.subject,
            "text": out.text,
            "link": out.link,
            "id": out.number,
            "token": self._token(),
        }
        if "json" in self.template:
            body = json.dumps(_filled(self.template["json"], words), ensure_ascii=False).encode()
            media_type = "application/json; charset=utf-8"
        else:
            body = urlencode(_filled(self.template["form"], words)).encode()
            media_type = "application/x-www-form-urlencoded"
        headers = {"Content-Type": media_type, **_filled(self.template.get("headers", {}), words)}

        def counted() -> None:
            self._count()
            begin()

        status, answer = post(
            _filled(self.template["url"], {name: quote(value, safe="") for name, value in words.items()}),
            body,
            headers,
            private=self.template.get("private", False),
            begin=counted,
        )
        self._judge(status, answer)

    def _judge(self, status: int, answer: bytes) -> None:
        if status in {401, 403} and "token" in self.template:
            _tokens.pop(self.name, None)
            raise Unreachable(_("The gateway did not accept our token."))
        if status in TIMES:
            raise Unreachable(_("The gateway answered %(code)s.") % {"code": status})
        if not 200 <= status < 300:
            raise Rejected(_("The gateway answered %(code)s.") % {"code": status})
        expected = self.template.get("answer")
        if expected and (found := _field(answer, expected["field"])) != expected["value"]:
            _tokens.pop(self.name, None)
            shown = str(found)[:40]
            raise Rejected(
                _("The gateway answered %(field)s = %(value)s.") % {"field": expected["field"], "value": shown}
            )

    def _count(self) -> None:
        """One more today; raises `Rejected` beyond the daily cap, which guards the city's purse against a loop."""
        most = self.template.get("per_day")
        if most is None:
            return
        with transaction.atomic():
            key = f"{self.name}-{today():%y%m%d}"
            CodeCounter.objects.get_or_create(key=key)
            counter = CodeCounter.objects.select_for_update(no_key=True).get(key=key)
            if counter.last >= most:
                raise Rejected(_("Today's %(most)s messages of this way are used up.") % {"most": most})
            CodeCounter.objects.filter(key=key).update(last=counter.last + 1)

    def _token(self) -> str:
        """The access token of gateways that give one out for a while; kept until shortly before its end."""
        wanted = self.template.get("token")
        if not wanted:
            return ""
        held = _tokens.get(self.name)
        if held and held[1] > time.monotonic():
            return held[0]
        try:
            status, answer = post(wanted["url"], b"", {}, private=self.template.get("private", False), method="GET")
        except CutOff as problem:
            raise Unreachable(_("The gateway gave no token.")) from problem
        token = _field(answer, wanted["field"])
        if status != 200 or not isinstance(token, str) or not token:
            raise Unreachable(_("The gateway gave no token."))
        _tokens[self.name] = (token, time.monotonic() + wanted["seconds"])
        return token


def _filled(template: Any, words: Mapping[str, str]) -> Any:
    """The template with every `{name}` replaced, also inside tables and lists; what is no name stays as it is.

    In one pass: a message that holds “{token}” must not be given the token.
    """
    if isinstance(template, str):
        return re.sub(r"\{(\w+)\}", lambda found: words.get(found[1], found[0]), template)
    if isinstance(template, Mapping):
        return {name: _filled(value, words) for name, value in template.items()}
    if isinstance(template, list):
        return [_filled(value, words) for value in template]
    return template


def _field(answer: bytes, path: str) -> Any:
    """The value at a dotted path of a JSON answer; None when there is none."""
    try:
        value = json.loads(answer)
    except ValueError:
        return None
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def configured(channel: str) -> Gateway | None:
    """The gateway of a channel, if the city has one."""
    template = settings.GATEWAYS.get(channel)
    return Gateway(channel, template) if template else None
