"""How rows of a file become organisations."""

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q
from stdnum.cn import uscc

from kezhuan.areas.people.checks import (
    ABROAD,
    COUNTRIES,
    OWN_REGIONS,
    check_organisation_number,
    check_origin,
    country_problem,
    kind_abroad,
    kind_from_name,
    normal_number,
)
from kezhuan.areas.people.lifecycle import ORGANISATION
from kezhuan.areas.people.permissions import may_rename
from kezhuan.areas.people.queries import credit_code_of
from kezhuan.areas.people.sheets import SHEET, SHORT_NAMES
from kezhuan.engines.tables.fixes import nearest_word
from kezhuan.exchange.cells import titled
from kezhuan.exchange.kinds import Content, Importable, MatchKey, Words
from kezhuan.kernel.access import Actor
from kezhuan.kernel.bulk import Number
from kezhuan.kernel.errors import Problem
from kezhuan.kernel.models import Identifier, Organisation
from kezhuan.kernel.models.parties import FIRMS, FirmSize, OrganisationKind
from kezhuan.kernel.text import clean, cleaned
from kezhuan.kernel.vocabulary import REGIONS

_COUNTRY_WORDS = {
    "中国": "CN", "china": "CN", "香港": "HK", "中国香港": "HK", "hong kong": "HK", "澳门": "MO", "中国澳门": "MO",
    "macao": "MO", "macau": "MO", "台湾": "TW", "中国台湾": "TW", "taiwan": "TW",
    "美国": "US", "united states": "US", "usa": "US", "加拿大": "CA", "canada": "CA",
    "英国": "GB", "united kingdom": "GB", "uk": "GB", "德国": "DE", "germany": "DE", "法国": "FR", "france": "FR",
    "意大利": "IT", "italy": "IT", "西班牙": "ES", "spain": "ES", "荷兰": "NL", "netherlands": "NL", "比利时": "BE",
    "belgium": "BE", "瑞士": "CH", "switzerland": "CH", "瑞典": "SE", "sweden": "SE", "挪威": "NO", "norway": "NO",
    "丹麦": "DK", "denmark": "DK", "芬兰": "FI", "finland": "FI", "奥地利": "AT", "austria": "AT", "俄罗斯": "RU",
    "russia": "RU", "日本": "JP", "japan": "JP", "韩国": "KR", "korea": "KR", "south korea": "KR", "新加坡": "SG",
    "singapore": "SG", "马来西亚": "MY", "malaysia": "MY", "泰国": "TH", "thailand": "TH", "越南": "VN",
    "vietnam": "VN", "印度": "IN", "india": "IN", "以色列": "IL", "israel": "IL", "澳大利亚": "AU", "australia": "AU",
    "新西兰": "NZ", "new zealand": "NZ", "巴西": "BR", "brazil": "BR", "南非": "ZA", "south africa": "ZA",
}  # fmt: skip
_TAKEN_FOR = str.maketrans("OISZ", "0152")
"""Letters that no credit code has, and the digits they are taken for (GB 32100-2015 leaves them out for this)."""


@dataclass(frozen=True)
class OrganisationFacts:
    """What a file says of an organisation; `guessed` when its kind was read from its name, `country` when it says it.

    `numbers` are those of registers; `uscc` is the credit code, or a body abroad's number in its own registry.
    """

    name: str
    kind: str
    guessed: bool = False
    name_en: str = ""
    summary: str = ""
    region: str = ""
    country: str = ""
    size: str = ""
    uscc: str = ""
    numbers: tuple[Number, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)


class OrganisationRows(Importable[OrganisationFacts]):
    """Imported organisations are listed, not verified; one that is known by number or name is added to, not doubled."""

    lifecycle = ORGANISATION
    model = Organisation
    stage = "listed"
    needs_one_of = ("name",)
    column_of = {"number": "uscc"}
    own_themselves = True
    for_members = False
    match_by_title = True
    sheet = SHEET
    match_keys = {
        "uscc": MatchKey(
            lambda facts: normal_number(facts.uscc),
            lambda values: (
                Identifier.objects.filter(value__in=values, active=True, record__kind=ORGANISATION.kind)
                .filter(Q(scheme="uscc") | Q(scheme__startswith="registry:"))
                .values_list("value", "record__owner", "record")
            ),
        )
    }

    def facts(self, content: Content) -> OrganisationFacts:
        """See the base."""
        values = content.values
        content.keep("secrecy", values["secrecy"])
        name = titled(values["name"] or "", "", content.extra)
        scheme = _scheme(content)
        kind = content.code("kind", OrganisationKind.values)
        guessed = not kind and not scheme
        if not kind:
            kind = {"moe": "university", "stock": "enterprise"}.get(scheme) or kind_from_name(name)
        country = _country(values["country"] or "")
        if country in COUNTRIES and country != "CN" and (kind not in ABROAD or country in OWN_REGIONS):
            # Where it is registered tells more than the word for its kind.
            content.keep("kind", values["kind"])
            kind = kind_abroad(country)
        code = clean(values["id"] or "")
        return OrganisationFacts(
            name=name,
            kind=kind,
            guessed=guessed,
            name_en=content.fitted("name_en", 400),
            summary=values["summary"] or "",
            region=content.code("region", REGIONS),
            country=country,
            size=_size(content, kind),
            uscc=values["uscc"] or "",
            numbers=(Number(scheme, code),) if scheme else (),
            extra=content.extra | ({"kind_from_name": True} if guessed else {}),
        )

    def check(self, facts: OrganisationFacts, content: Content) -> list[Problem]:
        """Kind, country and number belong together, and a credit code has a sound check digit."""
        if facts.country and facts.country not in COUNTRIES:
            return [country_problem()]
        scheme = _number_scheme(facts)
        return [
            *check_origin(facts.kind, facts.country or "CN", scheme),
            *(dataclasses.replace(one, field="uscc") for one in check_organisation_number(facts.uscc, scheme)[1]),
        ]

    def fix(self, problem: Problem, facts: OrganisationFacts, content: Content) -> str | None:
        """A code with letters taken for digits put right, or the one by which the organisation is registered; the
        country that the words name. A check digit that does not fit is no fault of the digit alone: none is made up."""
        if problem.field == "country":
            return nearest_word(content.values["country"] or "", _COUNTRY_WORDS)
        if _number_scheme(facts) != "uscc":
            return None
        reread = normal_number(facts.uscc).translate(_TAKEN_FOR)
        return reread if uscc.is_valid(reread) else credit_code_of(facts.name)

    def may_open(self, actor: Actor, owner: Organisation | None, facts: OrganisationFacts, stage: str | None) -> bool:
        """Officers in charge of the district that the row names."""
        return actor.is_in_charge(facts.region, self.lifecycle.kind)

    def may_renew(self, actor: Actor, row: Any, *, from_file: bool) -> bool:
        """Whoever may correct its names on its page."""
        return bool(may_rename.test(actor, row))

    def words(self, facts: OrganisationFacts) -> Words:
        """The names."""
        return Words(clean(facts.name), clean(facts.name_en), clean(facts.summary))

    def identity(self, facts: OrganisationFacts) -> str:
        """An organisation without an id is known by its name."""
        return clean(facts.name)

    def numbers(self, facts: OrganisationFacts) -> tuple[Number, ...]:
        """The credit code, and the number of a register that the file's columns show it to be."""
        scheme = _number_scheme(facts)
        normal, _problems = check_organisation_number(facts.uscc, scheme)
        return (*((Number(scheme, normal),) if normal else ()), *facts.numbers)

    def own(self, facts: OrganisationFacts) -> dict[str, Any]:
        """All own columns."""
        return {
            "kind": facts.kind,
            "region": facts.region,
            "country": facts.country or "CN",
            "size": facts.size,
            "extra": cleaned(facts.extra),
        }

    def renew(self, row: Any, facts: OrganisationFacts) -> None:
        """Add what the file knows; what it does not say or only guesses stays."""
        record = row.record
        # Once somebody speaks for it, its own words stand and a file only fills what is empty.
        is_listed = record.stage == self.stage
        title_en, summary = clean(facts.name_en), clean(facts.summary)
        record.title = clean(facts.name) if is_listed else record.title
        record.title_en = (title_en or record.title_en) if is_listed else (record.title_en or title_en)
        record.summary = (summary or record.summary) if is_listed else (record.summary or summary)
        row.region = (facts.region or row.region) if is_listed else (row.region or facts.region)
        if row.kind in FIRMS:
            row.size = (facts.size or row.size) if is_listed else (row.size or facts.size)
        kept = {name: value for name, value in row.extra.items() if facts.guessed or name != "kind_from_name"}
        if is_listed and not facts.guessed and (facts.country or row.kind not in ABROAD):
            row.kind, row.country = facts.kind, facts.country or "CN"
        row.extra = {**kept, **{name: value for name, value in facts.extra.items() if name != "kind_from_name"}}


def _size(content: Content, kind: str) -> str:
    """A firm's size class; what a list calls the size of other bodies is none."""
    if kind not in FIRMS:
        content.keep("size", content.values["size"])
        return ""
    return content.code("size", FirmSize.values)


def _country(words: str) -> str:
    """The code of a country or region as a file names it; words that are not known stay, for the check to refuse."""
    word = " ".join(words.split())
    return _COUNTRY_WORDS.get(word.casefold(), word.upper())


def _number_scheme(facts: OrganisationFacts) -> str:
    """The scheme of the number under 统一社会信用代码: a body abroad has there the number of its own registry."""
    return f"registry:{facts.country}" if facts.kind in ABROAD else "uscc"


def _scheme(content: Content) -> str:
    """Whose number the row's code is: the ministry's list of universities, a stock exchange's, or the file's own."""
    code, headers = clean(content.values["id"] or ""), content.headers
    if re.fullmatch(r"[34]\d{9}", code):
        return "moe"
    listed = headers.get("name") in SHORT_NAMES or headers.get("id") in {"证券代码", "股票代码"}
    return "stock" if listed and re.fullmatch(r"\d{6}(\.[A-Z]{2})?", code) else ""


ROWS = OrganisationRows()
