"""The CAS client: the browser brings a ticket, the server says whose it is (CAS 3.0 with attributes)."""

import re
from typing import Any
from urllib.parse import urlencode
from xml.etree.ElementTree import ParseError

import requests
from cas import CASClientV3, CASError

from kezhuan.areas.accounts.openid import PATIENCE, provider_refused, provider_silent
from kezhuan.areas.accounts.providers import Provider

_ENDED = re.compile(r"<(?:[\w-]+:)?SessionIndex>\s*([^<\s]{1,256})\s*</")


def ticket_ended(told: str) -> str:
    """The ticket whose bearer has signed out at the server, of what it posts to the service then (single sign-out, CAS
    protocol 3.0, section 2.3.3); empty when it tells of none."""
    found = _ENDED.search(told)
    return found[1] if found else ""


class _Session(requests.Session):
    """Gives up on a server that does not answer, and follows it nowhere else."""

    def request(self, *arguments: Any, **options: Any) -> Any:
        """See the base."""
        return super().request(*arguments, **({"timeout": PATIENCE, "allow_redirects": False} | options))


def _root(provider: Provider) -> str:
    return provider.address.rstrip("/") + "/"


def address_to_ask(provider: Provider, back: str) -> str:
    """Where the browser is sent."""
    return f"{_root(provider)}login?{urlencode({'service': back})}"


def claims_of(provider: Provider, ticket: str, back: str) -> dict[str, Any]:
    """What the server asserts of the ticket's bearer: `user`, and attributes beside it. Raises `Refused`."""
    client = CASClientV3(service_url=back, server_url=_root(provider), session=_Session())
    try:
        user, attributes, _granting = client.verify_ticket(ticket)
    except requests.RequestException:
        raise provider_silent(provider) from None
    except (CASError, ParseError, ValueError, IndexError, AttributeError):
        raise provider_refused(provider) from None
    if not user:
        raise provider_refused(provider)
    return {**(attributes or {}), "user": user}
