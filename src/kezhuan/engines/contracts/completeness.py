"""What a registration form lacks or says wrongly, by kind of contract, each finding with its clause and reason."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from stdnum.cn import uscc

from kezhuan.engines.contracts.amounts import DEDUCTIONS
from kezhuan.engines.contracts.codes import data, tables
from kezhuan.engines.contracts.columns import CODED, UNREADABLE
from kezhuan.engines.contracts.contract import Contract, Party
from kezhuan.engines.contracts.rulesets import RuleSet
from kezhuan.engines.contracts.stages import refused_at_once, same_reviewer
from kezhuan.engines.findings import Finding, Words
from kezhuan.engines.money import yuan

FORM = "技术合同登记表（JJ-001）填表说明（据转载，条号未核实）"
DESIGN = "本程序的设计，未见规定"
_REG_NO = re.compile(r"\d{16}")
_CREDIT_CODE = re.compile(r"[0-9A-Za-z]{18}")
_COUNTRY = re.compile(r"\d{3}")
_REGION = re.compile(r"\d{6}")
Present = Callable[[str], bool]


def check(contract: Contract, rules: RuleSet, present: Present = lambda _column: True) -> Iterator[Finding]:
    """Everything that a form lacks or says wrongly. `present` tells which columns the file has: what it has not is not
    told of each row."""
    yield from _missing(contract, present)
    yield from _unknown_codes(contract)
    yield from refused_at_once(contract, rules, contract.applied_on)
    yield from _dates(contract)
    yield from _amounts(contract, rules, present)
    yield from _parties(contract)
    yield from _content(contract, present)
    if contract.reg_no and not _REG_NO.fullmatch(contract.reg_no):
        yield Finding(
            "registration-number",
            Words(
                f"“{contract.reg_no[:30]}”不是 16 位登记编号。",
                f"“{contract.reg_no[:30]}” is no registration number of 16 digits.",
            ),
            "reg_no",
            FORM,
        )
    if contract.registrar and contract.registrar == contract.reviewer:
        yield same_reviewer()


def required_of(contract: Contract) -> tuple[str, ...]:
    """The columns that a form of this kind must fill."""
    always = (
        "name", "kind", "subkind", "signed_on", "valid_from", "valid_to", "seller_name", "seller_kind", "buyer_name",
        "buyer_kind", "seller_country", "buyer_country", "field", "rights", "plan", "goal_code", "industry", "payment",
    )  # fmt: skip
    sides = (("seller", contract.seller), ("buyer", contract.buyer))
    regions = tuple(f"{side}_region" for side, party in sides if party.is_domestic)
    codes = tuple(f"{side}_code" for side, party in sides if party.is_domestic and party.kind != "400")
    amounts = () if contract.undetermined else ("turnover", "technology")
    transfer = ("new_investment", "new_output") if contract.kind == "transfer" else ()
    return (*always, *regions, *codes, *amounts, *transfer)


def value_of(contract: Contract, column: str) -> Any:
    """What a contract holds of a column."""
    side, _, end = column.partition("_")
    if side in {"seller", "buyer"}:
        return getattr(getattr(contract, side), end)
    return contract.goal if column == "goal_code" else getattr(contract, column)


def _missing(contract: Contract, present: Present) -> Iterator[Finding]:
    for column in required_of(contract):
        value = value_of(contract, column)
        if (value is None or value in ("", ())) and present(column):
            zh = "技术转让合同须填写" if column in {"new_investment", "new_output"} else "须填写"
            yield Finding(
                "field-missing", Words(f"{zh}此项，现为空。", "It is required and empty: fill it in."), column, FORM
            )


def _unknown_codes(contract: Contract) -> Iterator[Finding]:
    for column, name in CODED.items():
        word, table = value_of(contract, column), tables()[name]
        if word and word not in table.codes:
            yield _unknown(column, word, name)
    for word in contract.rights:
        if word not in tables()["rights"].codes:
            yield _unknown("rights", word, "rights")
    if "none" in contract.rights and len(contract.rights) > 1:
        yield Finding(
            "rights-contradict",
            Words("“未涉及知识产权”不能与其他类型同选。", "“None” does not stand beside other kinds."),
            "rights",
            tables()["rights"].source,
        )
    yield from _subkind(contract)


def _subkind(contract: Contract) -> Iterator[Finding]:
    subkinds, kinds = tables()["subkinds"], tables()["kinds"]
    known = contract.subkind in subkinds.codes and contract.kind in kinds.codes
    if known and not contract.subkind.startswith(contract.kind + "-"):
        sub, kind = subkinds.say(contract.subkind), kinds.say(contract.kind)
        yield Finding(
            "subkind-of-another-kind",
            Words(
                f"“{sub.zh}”不属于“{kind.zh}”；请改正其一。",
                f"“{sub.en}” is no kind of “{kind.en}”: correct one of them.",
            ),
            "subkind",
            subkinds.source,
        )


def _unknown(column: str, word: str, name: str) -> Finding:
    table = tables()[name]
    known = [words.zh for words in table.codes.values()], [words.en for words in table.codes.values()]
    return Finding(
        "code-unknown",
        Words(
            f"“{word[:30]}”不在代码表中；可填：{'、'.join(known[0])}。",
            f"“{word[:30]}” is not in the code table; use one of: {', '.join(known[1])}.",
        ),
        column,
        table.source,
    )


def _dates(contract: Contract) -> Iterator[Finding]:
    for earlier, later, zh, en in (
        ("valid_from", "valid_to", "有效期止早于有效期起", "the contract ends before it begins"),
        ("signed_on", "applied_on", "申请日期早于签订日期", "the application is older than the contract"),
        ("signed_on", "registered_on", "登记日期早于签订日期", "the registration is older than the contract"),
    ):
        first, last = getattr(contract, earlier), getattr(contract, later)
        if first is not None and last is not None and first > last:
            yield Finding(
                "days-out-of-order",
                Words(
                    f"{zh}（{last.isoformat()} 早于 {first.isoformat()}），请核对。",
                    f"{en.capitalize()} ({last.isoformat()} before {first.isoformat()}): check both days.",
                ),
                later,
                FORM,
            )


def _amounts(contract: Contract, rules: RuleSet, present: Present) -> Iterator[Finding]:
    turnover, technology = contract.turnover, contract.technology
    if contract.undetermined and contract.payment and contract.payment != "royalty":
        yield Finding(
            "undetermined-without-royalty",
            Words(
                "总额待定只用于提成支付；请填写金额或改支付方式。",
                "Only a royalty leaves the total open: give the amount, or change the payment.",
            ),
            "undetermined",
            FORM,
        )
    if turnover is not None and turnover <= 0 and not contract.undetermined:
        yield Finding("turnover-range", Words("合同成交总额应大于零。", "Turnover is above zero."), "turnover", FORM)
    if technology is not None and technology < 0:
        yield Finding(
            "technology-range",
            Words("技术交易额不能小于零。", "The technology amount is not below zero."),
            "technology",
            FORM,
        )
    if turnover is None or technology is None:
        return
    costs = sum(contract.deductions.values())
    if technology > turnover:
        yield Finding(
            "technology-above-turnover",
            Words(
                f"技术交易额 {yuan(technology)} 元大于合同成交总额 {yuan(turnover)} 元；应为成交总额减去非技术性费用。",
                f"The technology amount, CNY {yuan(technology)}, exceeds the turnover, CNY {yuan(turnover)}: it is"
                " turnover"
                " less the costs that are no technology.",
            ),
            "technology",
            rules.amount,
        )
    elif turnover - costs != technology and (contract.deductions or any(present(kind) for kind in DEDUCTIONS)):
        should = turnover - costs
        yield Finding(
            "amounts-do-not-add-up",
            Words(
                f"成交总额 {yuan(turnover)} 元减去非技术性费用 {yuan(costs)} 元为 {yuan(should)} 元，"
                f"表上技术交易额为 {yuan(technology)} 元。",
                f"Turnover CNY {yuan(turnover)} less CNY {yuan(costs)} is CNY {yuan(should)}; the form says"
                f" CNY {yuan(technology)}.",
            ),
            "technology",
            rules.amount,
        )
    yield from _instalments(contract, turnover)


def _instalments(contract: Contract, turnover: int) -> Iterator[Finding]:
    if UNREADABLE in contract.instalments:
        yield Finding(
            "instalments-unreadable",
            Words(
                "各期金额应为用分号隔开的金额，如 30万元；20万元。",
                "Instalments are amounts apart by semicolons, such as 30万元; 20万元.",
            ),
            "instalments",
            FORM,
        )
    elif contract.instalments and sum(contract.instalments) != turnover:
        total = sum(contract.instalments)
        yield Finding(
            "instalments-do-not-add-up",
            Words(
                f"各期合计 {yuan(total)} 元，不等于合同成交总额 {yuan(turnover)} 元。",
                f"The instalments sum to CNY {yuan(total)}, the turnover is CNY {yuan(turnover)}.",
            ),
            "instalments",
            FORM,
        )


def _parties(contract: Contract) -> Iterator[Finding]:
    for side, party in (("seller", contract.seller), ("buyer", contract.buyer)):
        yield from _party(side, party)
    if contract.seller.key and contract.seller.key == contract.buyer.key:
        yield Finding(
            "same-party", Words("卖方与买方是同一单位。", "Seller and buyer are the same."), "buyer_name", FORM
        )


def _party(side: str, party: Party) -> Iterator[Finding]:
    if party.code and party.is_domestic and party.kind != "400" and not _valid_credit_code(party.code):
        yield Finding(
            "credit-code",
            Words(
                f"“{party.code[:30]}”不是有效的统一社会信用代码（18 位，末位为校验码）。",
                f"“{party.code[:30]}” is no valid unified social credit code (18 characters, the last a check).",
            ),
            f"{side}_code",
            "GB 32100-2015",
        )
    if party.country and not _COUNTRY.fullmatch(party.country) and not party.is_domestic:
        yield Finding(
            "country-code",
            Words(
                f"“{party.country[:30]}”不是三位国别代码。",
                f"“{party.country[:30]}” is no country code of three digits.",
            ),
            f"{side}_country",
            "GB/T 2659",
        )
    if party.region and party.is_domestic and not _REGION.fullmatch(party.region):
        yield Finding(
            "region-code",
            Words(
                f"“{party.region[:30]}”不是六位行政区划代码，如 440106。",
                f"“{party.region[:30]}” is no region code of six digits, such as 440106.",
            ),
            f"{side}_region",
            "GB/T 2260",
        )


@cache
def _valid_credit_code(code: str) -> bool:
    return bool(_CREDIT_CODE.fullmatch(code)) and uscc.is_valid(code.upper())


def _content(contract: Contract, present: Present) -> Iterator[Finding]:
    """Clauses that the text of this kind must hold: filled in as a column, or spoken of in the text."""
    for clause in content_of(contract.kind):
        name = clause["name"]
        if contract.content.get(name):
            continue
        if contract.text:
            text = contract.text.casefold()
            if not any(word in text for word in clause["words"]):
                looked = "、".join(clause["words"][:4])
                yield Finding(
                    "clause-missing",
                    Words(
                        f"合同正文中没有找到{clause['zh']}（查找：{looked}）；{clause['because_zh']}，请补充。",
                        f"The text does not speak of {clause['en']} (looked for {looked}); {clause['because_en']}:"
                        " add it.",
                    ),
                    "text",
                    clause["clause"],
                )
        elif present(f"content_{name}"):
            yield Finding(
                "clause-missing",
                Words(
                    f"缺少{clause['zh']}；{clause['because_zh']}，请补充。",
                    f"Not told: {clause['en']}; {clause['because_en']}. Add it.",
                ),
                f"content_{name}",
                clause["clause"],
            )


@cache
def content_of(kind: str) -> tuple[dict[str, Any], ...]:
    """The clauses that a contract of this kind must hold, each with the clause of the rules that asks for it."""
    content = data("content")
    return tuple({**one, "clause": content[one["source"]]} for one in content["clause"] if kind in one["kinds"])
