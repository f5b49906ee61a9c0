"""The identity providers of this site: read from one file, each with its claim map; a wrong entry names itself."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, get_origin
from urllib.parse import urlsplit

from kezhuan.areas.accounts.claims import ClaimMap

KINDS = ("openid", "cas")
UNIT_ROLES = ("", "member", "reader")


class BadProvider(Exception):
    """The file of identity providers cannot be used; the message says where and why."""


@dataclass(frozen=True)
class Provider:
    """Who else says who somebody is.

    `address` is an OpenID Connect issuer, or a CAS server's root. `opens_accounts` lets people in who are new here;
    `unit_role` is the role in which people join the unit that the provider names, or `unit` for all of its people.
    """

    slug: str
    kind: str
    name: str
    address: str
    name_en: str = ""
    client: str = ""
    secret: str = ""
    scopes: tuple[str, ...] = ("openid", "profile", "email")
    opens_accounts: bool = True
    unit: str = ""
    unit_role: str = ""
    claims: ClaimMap = field(default_factory=ClaimMap)


def read_providers(file: Path, *, must_exist: bool = False) -> dict[str, Provider]:
    """The providers of a TOML file by slug, in its order; none when there need be no file. Raises `BadProvider`."""
    if not file.exists() and not must_exist:
        return {}
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise BadProvider(f"{file}: {problem}") from None
    entries = content.get("provider")
    if not isinstance(entries, list) or set(content) != {"provider"}:
        raise BadProvider(f"{file}: takes [[provider]] tables and nothing else")
    found: dict[str, Provider] = {}
    for number, entry in enumerate(entries, 1):
        try:
            provider = _provider(entry)
        except ValueError as problem:
            raise BadProvider(f"{file}, provider {number}: {problem}") from None
        if provider.slug in found:
            raise BadProvider(f"{file}, provider {number}: the slug {provider.slug} stands there twice")
        found[provider.slug] = provider
    return found


def _provider(entry: Mapping[str, Any]) -> Provider:
    given = dict(entry)
    claims = given.pop("claims", {})
    kind = given.get("kind", "")
    if kind not in KINDS:
        raise ValueError(f"kind is one of {', '.join(KINDS)}")
    if kind == "cas":  # a ticket names the user; everything else is an attribute
        claims = {"subject": "user", "email": "", "email_verified": "", "mobile": "", "mobile_verified": ""} | claims
    provider: Provider = _built(Provider, given, claims=_built(ClaimMap, claims))
    parts = urlsplit(provider.address)
    if parts.scheme not in {"https", "http"} or not parts.hostname:
        raise ValueError("address is a web address")
    if parts.scheme == "http" and parts.hostname not in {"localhost", "127.0.0.1"}:
        raise ValueError("address begins with https://")
    if not provider.slug.replace("-", "").isalnum() or not provider.slug.isascii() or len(provider.slug) > 40:
        raise ValueError("slug holds letters, digits and hyphens, at most 40")
    if not provider.name:
        raise ValueError("name is missing")
    if kind == "openid" and not provider.client:
        raise ValueError("client is missing")
    if provider.unit_role not in UNIT_ROLES:
        raise ValueError(f"unit_role is one of {', '.join(UNIT_ROLES[1:])}, or left out")
    return provider


def _built(kind: type[Any], given: Mapping[str, Any], **more: Any) -> Any:
    """A dataclass from what a file gives: unknown names and wrong types are told, lists become what the field takes."""
    known = {one.name: one for one in fields(kind)}
    for name in given:
        if name not in known or name in more:
            raise ValueError(f"{name} is not known; known are {', '.join(sorted(set(known) - set(more)))}")
    values: dict[str, Any] = dict(more)
    for name, value in given.items():
        wanted = known[name].type
        several: Any = get_origin(wanted)
        if wanted is str and isinstance(value, str):
            values[name] = value.strip()
        elif wanted is bool and isinstance(value, bool):
            values[name] = value
        elif several in {tuple, frozenset} and isinstance(value, list):
            values[name] = several(str(one) for one in value)
        else:
            raise ValueError(f"{name} is of the wrong type")
    missing = [one for one in ("slug", "name", "address") if kind is Provider and one not in values]
    if missing:
        raise ValueError(f"{missing[0]} is missing")
    return kind(**values)
