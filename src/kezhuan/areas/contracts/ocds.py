"""Registered contracts as releases of the Open Contracting Data Standard 1.1: facts of the register, and nothing else.

Turnover (合同成交总额) is the value of a contract; the technology amount (技术交易额) stands beside it as
`technologyValue`, and the two are never added. A contract that was concluded without a tender has an award of its
own, as the standard asks.
"""

import json
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import QuerySet

from kezhuan.areas.contracts.models import REGISTERED, Contract, registered_of
from kezhuan.areas.contracts.queries import CHINA
from kezhuan.kernel.access import Actor, visible_to
from kezhuan.kernel.text import SHANGHAI, now

VERSION = "1.1"
STAGES = REGISTERED | {"cancelled", "revoked"}
"""Stages of contracts that have been registered."""
ENDED = {"cancelled": "terminated", "revoked": "cancelled"}
"""How the standard calls the state of a contract whose registration has ended."""
SCHEME = "CN-USCC"
"""统一社会信用代码 (GB 32100-2015)."""


def prefix() -> str:
    """With what the ids of contracting processes begin: the publisher's registered prefix, else the site's name."""
    return settings.OCID_PREFIX or urlsplit(settings.SITE_URL).hostname or "localhost"


def release_of(row: Contract) -> dict[str, Any]:
    """The release of a contract as it is registered, whatever change is under way; empty fields are left out."""
    row = registered_of(row)
    ocid = f"{prefix()}-{row.record.uid}"
    ended = ENDED.get(row.record.stage)
    seller, buyer = _party(row, "seller", "supplier"), _party(row, "buyer", "buyer")
    value = _value(row.registered_turnover_fen)
    contract = {
        "id": row.reg_no,
        "awardID": row.reg_no,
        "title": row.record.title,
        "status": ended or "active",
        "period": {"startDate": _moment(row.valid_from), "endDate": _moment(row.valid_to)},
        "value": value,
        "technologyValue": _value(row.registered_technology_fen),
        "dateSigned": _moment(row.signed_on),
    }
    award = {
        "id": row.reg_no,
        "title": row.record.title,
        "status": "active",
        "value": value,
        "suppliers": [{"id": seller["id"], "name": seller["name"]}],
    }
    told = {
        "ocid": ocid,
        "id": f"{ocid}-{row.record.version}",
        "date": _moment(row.record.closed_on if ended else row.registered_on),
        "language": "zh",
        "tag": ["contractTermination" if ended else "contract"],
        "initiationType": "tender",
        "parties": [buyer, seller],
        "buyer": {"id": buyer["id"], "name": buyer["name"]},
        "awards": [award],
        "contracts": [contract],
    }
    filled: dict[str, Any] = _filled(told)
    return filled


def _party(row: Contract, side: str, role: str) -> dict[str, Any]:
    name, code, country, region = (getattr(row, f"{side}_{end}") for end in ("name", "code", "country", "region"))
    number = f"{SCHEME}-{code}" if code else f"{row.reg_no}-{role}"
    return {
        "id": number,
        "name": name,
        "identifier": {"scheme": SCHEME, "id": code, "legalName": name} if code else {},
        "address": {"region": region, "countryName": "CN" if country == CHINA else country},
        "roles": [role],
    }


def _value(fen: int | None) -> dict[str, Any]:
    return {"amount": fen / 100, "currency": "CNY"} if fen is not None else {}


def _moment(day: date | None) -> str:
    return datetime.combine(day, time(), SHANGHAI).isoformat() if day is not None else ""


def _filled(told: Any) -> Any:
    """Without what is not known: the standard has no empty fields."""
    if isinstance(told, dict):
        kept = {name: _filled(value) for name, value in told.items()}
        return {name: value for name, value in kept.items() if value not in ("", None, {}, [])}
    return [_filled(one) for one in told] if isinstance(told, list) else told


def releasable(actor: Actor) -> QuerySet[Contract]:
    """The contracts that have been registered, as far as the actor reads them."""
    rows = visible_to(actor, Contract.objects.select_related("record"), "full")
    return rows.filter(record__stage__in=STAGES, registered_on__isnull=False)


def head_of(address: str, published: datetime) -> dict[str, Any]:
    """What a release package says of itself; `address` is where it is fetched."""
    return {
        "uri": address,
        "version": VERSION,
        "publishedDate": published.astimezone(SHANGHAI).replace(microsecond=0).isoformat(),
        "publisher": {
            "name": settings.OPEN_DATA_PUBLISHER or settings.CITY_NAME or prefix(),
            "uri": settings.SITE_URL,
        },
        **({"license": settings.OPEN_DATA_LICENCE} if settings.OPEN_DATA_LICENCE else {}),
    }


def package(rows: Iterable[Contract], address: str) -> Iterator[str]:
    """A release package, piece by piece."""
    yield json.dumps(head_of(address, now()), ensure_ascii=False)[:-1] + ', "releases": ['
    for place, row in enumerate(rows):
        yield (",\n" if place else "\n") + json.dumps(release_of(row), ensure_ascii=False)
    yield "\n]}\n"
