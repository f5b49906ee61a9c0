"""Browsers that sign in, as the tests of this area use them."""

import json
import re
import time

from django.test import Client

from kezhuan.areas.accounts import totp
from kezhuan.kernel.models import Entry

PASSWORD = "long-enough-secret"
EMAIL = "new@example.com"


def browser(**headers):
    return Client(headers={"accept-language": "en", **headers})


def entered(client, password=PASSWORD, email=EMAIL, **more):
    return client.post("/sign-in/", {"email": email, "password": password, **more})


def is_in(client):
    return client.get("/account/security/").status_code == 200


def add_app(client):
    """An authenticator app on the account; its secret, the step that is used up, the recovery codes."""
    shown = client.get("/account/security/app/").content.decode()
    secret = re.search(r'<code class="secret">([A-Z2-7 ]+)</code>', shown)[1].replace(" ", "")
    step = int(time.time() // totp.STEP)
    answer = client.post("/account/security/app/", {"code": totp.code_at(secret, step)})
    return secret, step, re.findall(r'<code class="secret">([a-z2-9]{5}-[a-z2-9]{5})</code>', answer.content.decode())


def add_passkey(client, key, name="手机"):
    asked = client.post("/account/security/passkeys/", {"ask": "yes"}).json()
    return client.post("/account/security/passkeys/", {"name": name, "answer": json.dumps(key.make(asked))})


def by_passkey(client, key):
    asked = client.post("/sign-in/passkey/", {"ask": "yes"}).json()
    return client.post("/sign-in/passkey/", {"answer": json.dumps(key.prove(asked))})


def kinds():
    return list(Entry.objects.filter(kind__startswith="account.").order_by("seq").values_list("kind", flat=True))
