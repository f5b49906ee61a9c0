"""Technology contracts: the registration form (技术合同登记表), the way it goes, and what the registry gave."""

import copy
from datetime import date
from typing import Any

from django.db import models

from kezhuan.engines import contracts as engine
from kezhuan.kernel.models import Filing, Person, Record

NUMBER_SCHEME = "technology-contract"
"""Under which a record keeps its 合同登记编号: a contract is registered once."""
REGISTERED = frozenset({"registered", "amending", "changed"})
"""Stages in which a registration stands; a change of it takes its place once the registry has it."""
ENDS = ("name", "code", "kind", "country", "region", "legal", "address", "phone")
"""What the form tells of a party; see `engines.contracts.Party`."""
SAME = (
    "kind", "subkind", "form", "signed_on", "applied_on", "valid_from", "valid_to", "field", "plan", "goal", "industry",
    "payment", "relief", "undetermined", "related", "disputed", "agency", "text", "benefit_on",
)  # fmt: skip
"""Columns that the engine's contract calls the same."""
MONEY = {
    "turnover_fen": "turnover", "technology_fen": "technology", "new_investment_fen": "new_investment",
    "new_output_fen": "new_output", "paid_fen": "paid", "equipment_fen": "equipment", "revenue_fen": "revenue",
}  # fmt: skip
"""Columns of money in 分, and what the engine's contract calls them."""


def _word(length: int, **more: Any) -> "models.CharField[str, str]":
    return models.CharField(max_length=length, blank=True, **more)


def _fen() -> "models.BigIntegerField[int | None, int | None]":
    return models.BigIntegerField(null=True)


class Contract(models.Model):
    """技术合同. The record's title is 项目名称; codes are those of `engines.contracts.tables`, money is in 分.

    `turnover_fen` (合同成交总额) and `technology_fen` (技术交易额) are what the form says, the `registered_` ones what
    the registry printed: two measures that are never added. `registrar` looked first, `reviewer` second. On
    `ordered_on` the province had it registered after a refusal, and nobody here refuses it again. `numbered` says that
    number, day and amounts of the registry were read for the form as it stands. `text_key` is equal for two
    texts that say the same of other parties; of a form without a text it is that of its files, as they were handed in.
    `filing` is what its unit filed at an instance of its own, where this was opened of that.
    """

    record = models.OneToOneField(Record, on_delete=models.PROTECT, primary_key=True, related_name="contract")
    kind = _word(40)
    subkind = _word(40)
    form = _word(40)
    signed_on = models.DateField(null=True)
    applied_on = models.DateField(null=True)
    valid_from = models.DateField(null=True)
    valid_to = models.DateField(null=True)
    seller_name = _word(200)
    seller_code = _word(40)
    seller_kind = _word(40)
    seller_country = _word(40)
    seller_region = _word(40)
    seller_legal = _word(80)
    seller_address = _word(300)
    seller_phone = _word(60)
    buyer_name = _word(200)
    buyer_code = _word(40)
    buyer_kind = _word(40)
    buyer_country = _word(40)
    buyer_region = _word(40)
    buyer_legal = _word(80)
    buyer_address = _word(300)
    buyer_phone = _word(60)
    field = _word(40)
    rights = models.JSONField(default=list)
    plan = _word(40)
    goal = _word(40)
    industry = _word(120)
    payment = _word(40)
    relief = _word(40)
    turnover_fen = _fen()
    technology_fen = _fen()
    undetermined = models.BooleanField(default=False)
    deductions = models.JSONField(default=dict)
    instalments = models.JSONField(default=list)
    new_investment_fen = _fen()
    new_output_fen = _fen()
    content = models.JSONField(default=dict)
    text = models.TextField(blank=True)
    text_key = _word(64)
    related = models.BooleanField(default=False)
    disputed = models.BooleanField(default=False)
    agency = _word(120)
    paid_fen = _fen()
    equipment_fen = _fen()
    revenue_fen = _fen()
    benefit_on = models.DateField(null=True)
    achievement = models.ForeignKey(Record, on_delete=models.PROTECT, null=True, related_name="+")
    need = models.ForeignKey(Record, on_delete=models.PROTECT, null=True, related_name="+")
    introduction = models.ForeignKey(Record, on_delete=models.PROTECT, null=True, related_name="+")
    agreement = models.ForeignKey(Record, on_delete=models.PROTECT, null=True, related_name="+")
    filing = models.ForeignKey(Filing, on_delete=models.PROTECT, null=True, related_name="+")
    extra = models.JSONField(default=dict)
    # The way through registration.
    supplemented_on = models.DateField(null=True)
    ordered_on = models.DateField(null=True)
    accepted_on = models.DateField(null=True)
    rule_set = _word(40)
    registrar = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    reviewer = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    experts_heard = models.BooleanField(default=False)
    # What the registry gave.
    numbered = models.BooleanField(default=False)
    reg_no = _word(40)
    registered_on = models.DateField(null=True)
    registered_turnover_fen = _fen()
    registered_technology_fen = _fen()
    registered_form = models.JSONField(default=dict, help_text="what was registered, while a change of it is under way")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(registered_technology_fen=None)
                | models.Q(
                    registered_technology_fen__gte=0,
                    registered_turnover_fen__gte=models.F("registered_technology_fen"),
                ),
                name="contract_technology_within_turnover",
            ),
            models.CheckConstraint(
                condition=models.Q(numbered=False)
                | (~models.Q(reg_no="") & ~models.Q(registered_on=None))
                & (models.Q(undetermined=True) | ~models.Q(registered_turnover_fen=None)),
                name="contract_numbered_has_number",
            ),
            models.CheckConstraint(
                condition=models.Q(registrar=None)
                | models.Q(reviewer=None)
                | ~models.Q(registrar=models.F("reviewer")),
                name="contract_looked_at_by_two",
            ),
        ]
        indexes = [
            models.Index(fields=["seller_code"], name="contract_seller"),
            models.Index(fields=["buyer_code"], name="contract_buyer"),
            models.Index(fields=["reg_no"], name="contract_number"),
            models.Index(fields=["text_key"], condition=~models.Q(text_key=""), name="contract_text"),
        ]


class Certificate(models.Model):
    """登记证明: what this city certified of a contract as its registration agency, at its registration and anew at each
    change. `said` are its lines as printed, `sha256` their hash, of which `code` is made; of a contract's certificates
    the last is in force.
    """

    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="certificates")
    version = models.PositiveSmallIntegerField()
    code = models.CharField(max_length=19, unique=True)
    said = models.JSONField()
    sha256 = models.CharField(max_length=64)
    issued_at = models.DateTimeField()
    issued_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["contract", "version"], name="certificate_once")]

    @property
    def number(self) -> str:
        """Its number: that of the registration, and which certificate of it this is."""
        return f"{self.contract.reg_no}-{self.version}"


class Counted(models.Model):
    """What a registered contract counts as in the yearly tables: kept so that a change takes out what it put in."""

    contract = models.OneToOneField(Contract, on_delete=models.PROTECT, primary_key=True, related_name="counted")
    year = models.PositiveSmallIntegerField()
    month = models.PositiveSmallIntegerField()
    place = _word(6, help_text="the seller's district, empty outside the city")
    kind = _word(40)
    values = models.JSONField(help_text="its value by dimension")
    turnover_fen = models.BigIntegerField()
    technology_fen = models.BigIntegerField()


class Tally(models.Model):
    """A maintained total of the yearly tables: contracts of a kind, in a month, of sellers of a district, with one
    value of one dimension. Turnover and technology amount in 分, never added to each other."""

    year = models.PositiveSmallIntegerField()
    month = models.PositiveSmallIntegerField()
    place = _word(6)
    kind = _word(40)
    dimension = models.CharField(max_length=20)
    value = _word(40)
    contracts = models.BigIntegerField(default=0)
    turnover_fen = models.BigIntegerField(default=0)
    technology_fen = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["dimension", "year", "month", "place", "kind", "value"], name="tally_once"),
        ]


class Flag(models.Model):
    """风险提示: what should be looked at twice, as it was found: its kind, the sentence in both languages, and a key by
    which it is the same when it is found again. It informs and decides nothing."""

    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=64, unique=True, help_text="hash of its kind and of the contracts it is about")
    zh = models.TextField()
    en = models.TextField()
    found_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["kind"], name="contract_flag_kind")]


class FlagLook(models.Model):
    """That a registrar has looked at a flag, and what was found: of the flag of this key as long as it says this. One
    that comes again saying the same was looked at; one that says something else is open."""

    key = models.CharField(max_length=64)
    zh = models.TextField(help_text="what the flag said when it was looked at")
    finding = models.TextField()
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["key"], name="contract_flag_look_key")]


class FlagOf(models.Model):
    """A contract that a flag is about, with the year it counts in and its seller's district."""

    flag = models.ForeignKey(Flag, on_delete=models.CASCADE, related_name="about")
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="flagged")
    year = models.PositiveSmallIntegerField(null=True)
    place = _word(6, help_text="the seller's district, empty outside the city")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["flag", "contract"], name="contract_flag_of_once")]
        indexes = [models.Index(fields=["year", "place"], name="contract_flag_of_year")]


class Looked(models.Model):
    """What a contract was last looked at as: by its parties, its text and its name others are found beside it. One that
    was not handed in, or was withdrawn, has none."""

    contract = models.OneToOneField(Contract, on_delete=models.PROTECT, primary_key=True, related_name="looked")
    seller = _word(200)
    buyer = _word(200)
    text_key = _word(64)
    name = _word(200)

    class Meta:
        indexes = [
            models.Index(fields=[one], name=f"contract_looked_{one[:6]}")
            for one in ("seller", "buyer", "text_key", "name")
        ]


def columns_of(contract: engine.Contract) -> dict[str, Any]:
    """The own columns that keep what a form says."""
    return {
        **{name: getattr(contract, name) for name in SAME},
        **{column: getattr(contract, name) for column, name in MONEY.items()},
        **{f"{side}_{end}": getattr(getattr(contract, side), end) for side in ("seller", "buyer") for end in ENDS},
        "rights": list(contract.rights),
        "deductions": dict(contract.deductions),
        "instalments": list(contract.instalments),
        "content": dict(contract.content),
        "text_key": engine.text_key(contract),
    }


def kept_form(row: Contract) -> dict[str, Any]:
    """What a contract says, as it is kept while a change of it is under way."""
    said = {**columns_of(form_of(row)), "title": row.record.title, "title_en": row.record.title_en}
    return {name: one.isoformat() if isinstance(one, date) else one for name, one in said.items()}


def registered_of(row: Contract) -> Contract:
    """A contract as it was registered, whatever change of it is under way: what figures and open data tell. It is read
    and not saved."""
    if not row.registered_form:
        return row
    was = copy.copy(row)
    was.record = copy.copy(row.record)
    for name, value in row.registered_form.items():
        if name in {"title", "title_en"}:
            setattr(was.record, name, value)
        else:
            column: Any = Contract._meta.get_field(name)
            setattr(was, name, column.to_python(value))
    return was


def handed_in_of(row: Contract) -> Contract:
    """A contract as others than its unit read it: a change that is being written is nobody else's."""
    return registered_of(row) if row.record.stage == "amending" else row


def form_of(row: Contract, text: str = "") -> engine.Contract:
    """The form of a contract as the engine checks it; its row is the record's number. `text` is what its papers say,
    where the form itself holds none."""
    parties = {side: engine.Party(*(getattr(row, f"{side}_{end}") for end in ENDS)) for side in ("seller", "buyer")}
    return engine.Contract(
        row=row.pk or 0,
        called=row.record.code,
        name=row.record.title,
        reg_no=row.reg_no,
        registered_on=row.registered_on,
        seller=parties["seller"],
        buyer=parties["buyer"],
        rights=tuple(row.rights),
        deductions=dict(row.deductions),
        instalments=tuple(row.instalments),
        content=dict(row.content),
        **{name: getattr(row, name) for name in SAME if name != "text"},
        **{name: getattr(row, column) for column, name in MONEY.items()},
        text=row.text or text,
        text_key=row.text_key,
        achievement=str(row.achievement_id or ""),
    )
