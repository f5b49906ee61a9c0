"""Calls to webhooks: signed JSON as Standard Webhooks has it, or what a robot of WeCom or DingTalk takes."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from urllib.parse import quote

from django.conf import settings
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from kezhuan.kernel.models import Webhook, WebhookForm
from kezhuan.kernel.outbox.http import post
from kezhuan.kernel.outbox.ways import Away, CutOff, Outgoing, Rejected, Unreachable

TOO_FAST = {45009, 130101, 410100, 660026}
"""Error codes by which the robots of 企业微信 and 钉钉 say that messages came too fast."""


def signing_key(webhook: Webhook) -> str:
    """The key its owner checks signatures with: made from the site's key, so it is kept nowhere."""
    made = salted_hmac("kezhuan.webhook", f"{webhook.pk}:{webhook.key_number}", algorithm="sha256").digest()
    return "whsec_" + base64.b64encode(made).decode()


def signature(key: str, number: str, moment: str, body: bytes) -> str:
    """The value of `webhook-signature`: HMAC-SHA256 over number, moment and body (standardwebhooks.com)."""
    secret = base64.b64decode(key.removeprefix("whsec_"))
    signed = f"{number}.{moment}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(secret, signed, "sha256")).decode()


def robot_url(url: str, secret: str, moment: int) -> str:
    """The address of a DingTalk robot with its signature: HMAC-SHA256 over milliseconds and secret."""
    signed = hmac.new(secret.encode(), f"{moment}\n{secret}".encode(), hashlib.sha256).digest()
    joint = "&" if "?" in url else "?"
    return f"{url}{joint}timestamp={moment}&sign={quote(base64.b64encode(signed).decode(), safe='')}"


class Hook:
    """One webhook. Its receiver tells repeats apart by their number, so a call without an answer is made again."""

    repeatable = True

    def __init__(self, webhook: Webhook) -> None:
        self.webhook = webhook
        self.name = f"webhook {webhook.pk}"

    def send(self, out: Outgoing, begin: Callable[[], None]) -> None:
        """Post it; anything but 2xx is tried again."""
        url, headers, body = self._request(out)
        try:
            status, answer = post(url, body, headers, private=settings.PRIVATE_WEBHOOKS, begin=begin)
        except CutOff as problem:
            raise Away(_("The other side did not answer.")) from problem
        if not 200 <= status < 300:
            raise Unreachable(_("The other side answered %(code)s.") % {"code": status})
        if self.webhook.form != WebhookForm.SIGNED:
            self._judge_robot(answer)

    def _request(self, out: Outgoing) -> tuple[str, dict[str, str], bytes]:
        headers = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "Kezhuan"}
        if self.webhook.form == WebhookForm.SIGNED:
            body, moment = out.text.encode(), str(int(time.time()))
            signed = signature(signing_key(self.webhook), out.number, moment, body)
            named = {"webhook-id": out.number, "webhook-timestamp": moment, "webhook-signature": signed}
            return self.webhook.url, headers | named, body
        words = "\n".join(part for part in (out.text, out.link) if part)
        body = json.dumps({"msgtype": "text", "text": {"content": words}}, ensure_ascii=False).encode()
        url = self.webhook.url
        if self.webhook.form == WebhookForm.DINGTALK and self.webhook.robot_secret:
            url = robot_url(url, self.webhook.robot_secret, int(time.time() * 1000))
        return url, headers, body

    def _judge_robot(self, answer: bytes) -> None:
        try:
            code = json.loads(answer).get("errcode")
        except (ValueError, AttributeError):
            code = None
        if code == 0:
            return
        sentence = _("The robot answered errcode %(code)s.") % {"code": str(code)[:20]}
        raise Unreachable(sentence) if code in TOO_FAST else Rejected(sentence)
