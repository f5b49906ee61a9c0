"""The OpenID Connect client: authorization code with PKCE, state and nonce; a signature is always checked."""

import base64
import hashlib
import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import jwt
import requests
from django.utils.translation import gettext as _

from kezhuan.areas.accounts.providers import Provider
from kezhuan.kernel.errors import Problem, Refused

PATIENCE = 10  # seconds
KNOWN_FOR = 3600.0  # seconds
CLOCKS_DIFFER = 60  # seconds
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA")
"""Signatures that are taken: none that the client's own secret could make."""

_known: dict[str, tuple[float, Mapping[str, Any]]] = {}
_lock = threading.Lock()


def provider_silent(provider: Provider) -> Refused:
    """The provider does not answer."""
    sentence = _("%(provider)s does not answer at present. Try again later, or sign in another way.")
    return Refused(Problem("provider-silent", sentence % {"provider": provider.name}))


def provider_refused(provider: Provider) -> Refused:
    """What came back from the provider proves nothing."""
    sentence = _("What %(provider)s answered could not be accepted. Begin again, or sign in another way.")
    return Refused(Problem("provider-refused", sentence % {"provider": provider.name}))


@dataclass(frozen=True)
class Question:
    """What is sent along with somebody to the provider, and remembered until they come back."""

    state: str
    nonce: str
    verifier: str


def new_question() -> Question:
    """Random and never used before."""
    return Question(secrets.token_urlsafe(24), secrets.token_urlsafe(24), secrets.token_urlsafe(48))


def _asked(provider: Provider, method: str, address: str, **options: Any) -> Mapping[str, Any]:
    try:
        answer = requests.request(method, address, timeout=PATIENCE, allow_redirects=False, **options)
        content = answer.json()
    except (requests.RequestException, ValueError):
        raise provider_silent(provider) from None
    if answer.status_code != 200 or not isinstance(content, dict):
        raise provider_refused(provider)
    return content


def _remembered(provider: Provider, address: str, anew: bool = False) -> Mapping[str, Any]:
    """A document of the provider that seldom changes, asked for once an hour at most unless `anew`."""
    with _lock:
        held = _known.get(address)
    if held is not None and not anew and time.monotonic() - held[0] < KNOWN_FOR:
        return held[1]
    content = _asked(provider, "GET", address)
    with _lock:
        _known[address] = (time.monotonic(), content)
    return content


def discovery(provider: Provider) -> Mapping[str, Any]:
    """What the provider says of itself; raises `Refused` when it says to be another."""
    root = provider.address.rstrip("/")
    content = _remembered(provider, f"{root}/.well-known/openid-configuration")
    if str(content.get("issuer", "")).rstrip("/") != root:
        raise provider_refused(provider)
    return content


def address_to_ask(provider: Provider, question: Question, back: str) -> str:
    """Where the browser is sent."""
    digest = hashlib.sha256(question.verifier.encode()).digest()
    query = {
        "response_type": "code",
        "client_id": provider.client,
        "redirect_uri": back,
        "scope": " ".join(provider.scopes),
        "state": question.state,
        "nonce": question.nonce,
        "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    }
    endpoint = str(discovery(provider)["authorization_endpoint"])
    return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(query)}"


def claims_of(provider: Provider, question: Question, code: str, back: str) -> dict[str, Any]:
    """What the provider asserts of who came back with this code; raises `Refused` for anything that does not fit."""
    found = discovery(provider)
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": back, "code_verifier": question.verifier}
    methods = found.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    if provider.secret and "client_secret_basic" in methods:
        options: dict[str, Any] = {"auth": (provider.client, provider.secret)}
    else:
        options = {}
        form |= {"client_id": provider.client} | ({"client_secret": provider.secret} if provider.secret else {})
    tokens = _asked(provider, "POST", str(found["token_endpoint"]), data=form, **options)
    claims = _signed(provider, found, str(tokens.get("id_token", "")), question.nonce)
    if "userinfo_endpoint" in found and tokens.get("access_token"):
        bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
        more = _asked(provider, "GET", str(found["userinfo_endpoint"]), headers=bearer)
        if more.get("sub") != claims["sub"]:
            raise provider_refused(provider)
        claims = {**more, **claims}
    return claims


def _signed(provider: Provider, found: Mapping[str, Any], token: str, nonce: str) -> dict[str, Any]:
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            _key(provider, found, jwt.get_unverified_header(token)),
            algorithms=list(ALGORITHMS),
            audience=provider.client,
            issuer=str(found["issuer"]),
            leeway=CLOCKS_DIFFER,
            options={"require": ["iss", "aud", "exp", "iat", "sub"]},
        )
    except jwt.PyJWTError:
        raise provider_refused(provider) from None
    parties = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
    if claims.get("nonce") != nonce or (len(parties) > 1 and claims.get("azp") != provider.client):
        raise provider_refused(provider)
    return claims


def _key(provider: Provider, found: Mapping[str, Any], header: Mapping[str, Any]) -> jwt.PyJWK:
    """The key that a token names; the provider's keys are asked for anew when it is not among those known."""
    for anew in (False, True):
        keys = jwt.PyJWKSet.from_dict(dict(_remembered(provider, str(found["jwks_uri"]), anew))).keys
        fitting = [one for one in keys if header.get("kid") in {None, one.key_id} and one.key_type != "oct"]
        if len(fitting) == 1 or (fitting and header.get("kid") is not None):
            return fitting[0]
    raise provider_refused(provider)


def forget() -> None:
    """Ask every provider anew."""
    with _lock:
        _known.clear()
