"""A technology contract as its registration form tells of it; amounts in integer 分, codes of `codes`."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import date

CHINA = frozenset({"156", "cn", "chn", "中国", "china"})
"""How forms write the country of a domestic party; 156 in GB/T 2659."""


@dataclass(frozen=True, slots=True)
class Party:
    """Seller or buyer: name, 统一社会信用代码, kind, country (three digits), region (GB/T 2260), who is behind it."""

    name: str = ""
    code: str = ""
    kind: str = ""
    country: str = ""
    region: str = ""
    legal: str = ""
    address: str = ""
    phone: str = ""

    @property
    def key(self) -> str:
        """By what the party is the same in another contract: its code, else its name."""
        return self.code.upper() or "".join(self.name.split()).casefold()

    @property
    def is_domestic(self) -> bool:
        """Whether it is of the mainland, by its country where that is told, else by its kind."""
        if self.country:
            return self.country.casefold() in CHINA
        return self.kind not in {"200", "300"}


@dataclass(frozen=True, slots=True)
class Contract:
    """One contract. None or an empty text is what the form does not tell.

    `turnover` is 合同成交总额, `technology` 技术交易额; `undetermined` marks a total that is not known yet (royalty).
    `deductions` and `content` hold what is filled in, by kind and clause. `paid` is money received so far, `equipment`
    what the budget holds of equipment, `revenue` the seller's last yearly revenue, `benefit_on` the day on which the
    certificate was used, `achievement` by what it is known whether two are of one. `text_key` is that of a text that
    was read elsewhere, where `text` is empty; see `risks`. What is said of it says what it is `called`, else its row.
    """

    row: int
    name: str = ""
    reg_no: str = ""
    kind: str = ""
    subkind: str = ""
    form: str = ""
    signed_on: date | None = None
    applied_on: date | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    registered_on: date | None = None
    seller: Party = Party()
    buyer: Party = Party()
    field: str = ""
    rights: tuple[str, ...] = ()
    plan: str = ""
    goal: str = ""
    industry: str = ""
    payment: str = ""
    relief: str = ""
    turnover: int | None = None
    technology: int | None = None
    undetermined: bool = False
    deductions: dict[str, int] = dataclasses.field(default_factory=dict)
    instalments: tuple[int, ...] = ()
    new_investment: int | None = None
    new_output: int | None = None
    content: dict[str, str] = dataclasses.field(default_factory=dict)
    text: str = ""
    text_key: str = ""
    related: bool = False
    disputed: bool = False
    agency: str = ""
    registrar: str = ""
    reviewer: str = ""
    paid: int | None = None
    equipment: int | None = None
    revenue: int | None = None
    benefit_on: date | None = None
    achievement: str = ""
    called: str = ""
