"""The way of a contract through registration (认定登记): stages, who takes each step, and what hinders it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from kezhuan.engines.contracts.contract import Contract
from kezhuan.engines.contracts.rulesets import RuleSet, Term
from kezhuan.engines.findings import Finding, Words


@dataclass(frozen=True, slots=True)
class Step:
    """A step from one stage to another, and who takes it."""

    name: str
    source: str
    target: str
    who: str


STEPS = (
    Step("submit", "draft", "submitted", "seller"),
    Step("ask-supplement", "submitted", "supplementing", "registrar"),
    Step("supplement", "supplementing", "submitted", "seller"),
    Step("accept", "submitted", "accepted", "registrar"),
    Step("classify", "accepted", "reviewing", "registrar"),
    Step("ask-experts", "reviewing", "experts", "registrar"),
    Step("experts-answer", "experts", "reviewing", "experts"),
    Step("register", "reviewing", "registered", "reviewer"),
    Step("refuse", "reviewing", "refused", "reviewer"),
    Step("certify", "registered", "certified", "registrar"),
    Step("amend", "certified", "amending", "seller"),
    Step("hand-in-change", "amending", "changed", "seller"),
    Step("return-change", "changed", "amending", "registrar"),
    Step("amended", "changed", "certified", "reviewer"),
    Step("cancel", "certified", "cancelled", "parties"),
    Step("revoke", "certified", "revoked", "authority"),
    Step("object", "refused", "province", "seller"),
    Step("uphold", "province", "refused", "province"),
    Step("overturn", "province", "registered", "province"),
)


@dataclass(frozen=True, slots=True)
class File:
    """What is known of a contract on its way: stage, people, whether experts were heard and anybody disputes."""

    stage: str
    contract: Contract
    complete: bool = True
    disputed: bool = False
    experts_heard: bool = False
    registrar: str = ""
    reviewer: str = ""


def step_named(name: str) -> Step:
    """The step of a name."""
    return next(one for one in STEPS if one.name == name)


def hindrances(step: Step, file: File, rules: RuleSet, on: date) -> Iterator[Finding]:
    """What keeps a step from being taken on a day."""
    if file.stage != step.source:
        yield Finding(
            "stage",
            Words(f"“{file.stage}”阶段不能进行这一步。", f"This step is not taken from the stage “{file.stage}”."),
            "stage",
        )
    if step.name == "accept":
        yield from refused_at_once(file.contract, rules, on)
        if not file.complete:
            yield Finding(
                "incomplete",
                Words("材料不齐，请先要求补正。", "The papers are incomplete: ask for a supplement first."),
                "stage",
            )
    if step.name in {"register", "amended"}:
        asked = experts_asked(file.contract, rules, disputed=file.disputed)
        if asked is not None and not file.experts_heard:
            yield asked
        if file.reviewer and file.reviewer == file.registrar:
            yield same_reviewer()


def same_reviewer() -> Finding:
    """The second look is never the first one's."""
    return Finding(
        "same-reviewer",
        Words(
            "复核人不能是登记员本人，请换一人复核。",
            "Whoever looks a second time is not who looked first: let another review.",
        ),
        "reviewer",
        "本程序的设计，未见规定",
    )


def refused_at_once(contract: Contract, rules: RuleSet, on: date | None) -> Iterator[Finding]:
    """Why an application is not accepted whatever it holds: an oral contract, or one whose term is over."""
    if contract.form == "oral":
        yield Finding(
            "oral-contract",
            Words(
                "口头合同不予受理；请订立书面合同或电子合同后申请。",
                "An oral contract is not accepted; put it in writing, or sign it electronically, and apply again.",
            ),
            "form",
            rules.form,
        )
    if on is not None and contract.valid_to is not None and on > contract.valid_to:
        yield Finding(
            "after-validity",
            Words(
                f"{on.isoformat()} 申请时合同已于 {contract.valid_to.isoformat()} 到期，不予受理；应在有效期内申请。",
                f"The contract ended on {contract.valid_to.isoformat()}, before the application of {on.isoformat()}:"
                " it is"
                " not accepted; apply while it is valid.",
            ),
            "valid_to",
            rules.validity,
        )


def experts_asked(contract: Contract, rules: RuleSet, *, disputed: bool = False) -> Finding | None:
    """Why experts are asked, by the amount and the measure that the rule set names, or on dispute; None when not."""
    review = rules.review
    if review is None:
        return None
    amount = contract.technology if review.measure == "technology" else contract.turnover
    if amount is not None and amount >= review.amount:
        measure = (
            Words("技术交易额", "technology amount")
            if review.measure == "technology"
            else Words("合同成交总额", "turnover")
        )
        least = review.amount // 1_000_000
        return Finding(
            "experts",
            Words(
                f"{measure.zh}达到 {least:,} 万元，须经专家评审。",
                f"Experts are asked: the {measure.en} reaches CNY {review.amount // 100:,}.",
            ),
            "technology" if review.measure == "technology" else "turnover",
            review.source,
        )
    if disputed and review.on_dispute:
        return Finding(
            "experts",
            Words("有争议，须经专家评审。", "Experts are asked: there is a dispute."),
            "disputed",
            review.source,
        )
    return None


def acceptance_day(accepted: date, supplements: Iterable[date], rules: RuleSet) -> date:
    """The day from which the term runs: of the last completed supplement where the rules say so, else that of
    acceptance."""
    completed = list(supplements)
    return max(completed) if completed and rules.supplement is not None else accepted


def term_of(contract: Contract, rules: RuleSet, *, disputed: bool = False) -> Term:
    """Within how many days of acceptance the contract is registered: longer where experts are asked."""
    longer = rules.longer_days if experts_asked(contract, rules, disputed=disputed) is not None else None
    return Term(longer or rules.term.days, rules.term.day_kind, rules.term.source)


def last_day(accepted: date, term: Term, is_workday: Callable[[date], bool]) -> date:
    """The last day of a term, counted from the day after acceptance."""
    if term.day_kind == "calendar":
        return accepted + timedelta(days=term.days)
    day, left = accepted, term.days
    while left:
        day += timedelta(days=1)
        left -= is_workday(day)
    return day
