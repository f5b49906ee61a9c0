"""How rows of a register of technology contracts become records."""

import dataclasses
from collections.abc import Hashable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from kezhuan.areas.agreements.permissions import keeps, keeps_for, keeps_papers
from kezhuan.areas.contracts.actions import ContractFacts, Registration, check_facts, check_registration, own_columns
from kezhuan.areas.contracts.lifecycle import CONTRACT
from kezhuan.areas.contracts.models import NUMBER_SCHEME, Contract
from kezhuan.areas.contracts.sheets import SHEET
from kezhuan.engines import contracts as engine
from kezhuan.exchange.cells import titled
from kezhuan.exchange.kinds import Content, Importable, MatchKey, Words
from kezhuan.kernel.access import Actor, is_officer
from kezhuan.kernel.bulk import Number
from kezhuan.kernel.errors import Problem
from kezhuan.kernel.models import Organisation, Record
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.text import clean

_TIES = ("achievement", "need")


class ContractRows(Importable[ContractFacts]):
    """Officers bring registers of contracts that are registered, each with its number; units bring their own drafts."""

    lifecycle = CONTRACT
    model = Contract
    stage = "registered"
    needs_one_of = ("name",)
    column_of = {"title": "name", "goal": "goal_code"}
    sheet = SHEET
    match_keys = {
        "reg_no": MatchKey(
            lambda facts: clean(facts.form.reg_no),
            lambda values: (
                Contract.objects.filter(reg_no__in=values)
                .exclude(record__phase=Phase.VOID)
                .values_list("reg_no", "record__owner", "pk")
            ),
        )
    }

    def facts(self, content: Content) -> ContractFacts:
        """See the base; at most two queries where the row names records that it came from."""
        values = content.values
        content.keep("secrecy", values["secrecy"])
        for name in ("registrar", "reviewer"):
            content.keep(name, values[name])
        form = engine.contract_from(0, {**values, "name": titled(values["name"] or "", "", content.extra)})
        return ContractFacts(
            form=_known(form, content),
            achievement=_tied(content, "achievement"),
            need=_tied(content, "need"),
            extra=content.extra,
        )

    def check(self, facts: ContractFacts, content: Content) -> list[Problem]:
        """The checks of a form that is typed; the records that it names must be known."""
        problems = check_facts(facts)
        for name in _TIES:
            if (code := clean(content.values[name] or "")) and getattr(facts, name) is None:
                message = _("“%(code)s” is no record of this unit; give its platform code, or leave the cell empty.")
                problems.append(Problem("contract-tie", message % {"code": code[:30]}, name))
        return problems

    def check_entered(self, owner: Organisation | None, stage: str, facts: ContractFacts) -> list[Problem]:
        """What is registered has number, day and both amounts; a draft has none of it."""
        form = facts.form
        if stage == self.stage:
            given = Registration(form.reg_no, form.registered_on, form.turnover, form.technology)
            return check_registration(given, undetermined=form.undetermined)
        if form.reg_no:
            message = _("A draft has no number yet: leave the cell empty. Registers are brought by the registrars.")
            return [Problem("registration-number-early", message, "reg_no")]
        if owner is None:
            return [Problem("owner-missing", _("A draft belongs to a unit; name it with --owner."), "name")]
        return []

    def words(self, facts: ContractFacts) -> Words:
        """Its name; what it says stands in columns of its own."""
        return Words(clean(facts.title), clean(facts.title_en))

    def identity(self, facts: ContractFacts) -> str:
        """Name, parties and day of signing, by which a contract without a number is known again."""
        form = facts.form
        return "\n".join((form.name, form.seller.key, form.buyer.key, str(form.signed_on)))

    def own(self, facts: ContractFacts) -> dict[str, Any]:
        """All own columns; of a registered one also what the registry gave."""
        form = facts.form
        given = bool(form.reg_no)
        return {
            **own_columns(facts),
            "reg_no": clean(form.reg_no),
            "registered_on": form.registered_on if given else None,
            "registered_turnover_fen": form.turnover if given else None,
            "registered_technology_fen": form.technology if given else None,
            "numbered": given,
        }

    def numbers(self, facts: ContractFacts) -> tuple[Number, ...]:
        """The number of its registration: a contract is registered once."""
        return (Number(NUMBER_SCHEME, clean(facts.form.reg_no)),) if facts.form.reg_no else ()

    def owner_named(self, values: Mapping[str, Any]) -> tuple[str, ...]:
        """The seller registers."""
        return tuple(clean(values[name]) for name in ("seller_code", "seller_name") if values[name])

    def alike(self, row: Any) -> Hashable | None:
        """Its unit decides who reads a contract."""
        return (row.record.owner_id,)

    def brought_by(self, actor: Actor) -> bool:
        """Members who keep contracts."""
        return keeps_papers(actor)

    def read_by(self, actor: Actor) -> bool:
        """The same read what others of the unit bring."""
        return keeps_papers(actor)

    def may_open(self, actor: Actor, owner: Organisation | None, facts: ContractFacts, stage: str | None) -> bool:
        """Officers in charge bring what is registered, members of the unit in charge of contracts their drafts."""
        if stage is None:
            return owner is not None and keeps_for(actor, owner.pk)
        return super().may_open(actor, owner, facts, stage)

    def may_renew(self, actor: Actor, row: Any, *, from_file: bool) -> bool:
        """Officers what a file brought and nobody has moved on, nothing that was looked at here; members drafts."""
        if row.record.stage == self.stage:
            return from_file and row.registrar_id is None and bool(is_officer.test(actor, row))
        return row.record.stage == "draft" and bool(keeps.test(actor, row))


def _known(form: engine.Contract, content: Content) -> engine.Contract:
    """The form without words that stand in no code table; they are kept under the header they came with."""
    tables = engine.tables()
    unknown: dict[str, Any] = {}
    for name, table in engine.CODED.items():
        side, _, end = name.partition("_")
        party = getattr(form, side) if side in {"seller", "buyer"} else None
        word = getattr(party, end) if party is not None else getattr(form, "goal" if name == "goal_code" else name)
        if word and word not in tables[table].codes:
            content.keep(name, word)
            if party is not None:
                unknown[side] = dataclasses.replace(party, **{end: ""})
            else:
                unknown["goal" if name == "goal_code" else name] = ""
    others = [one for one in form.rights if one not in tables["rights"].codes]
    content.keep("rights", others)
    kept = tuple(one for one in form.rights if one not in others)
    return dataclasses.replace(form, rights=kept, **unknown)


def _tied(content: Content, name: str) -> Record | None:
    code = clean(content.values[name] or "")
    if not code or content.owner is None:
        return None
    return Record.objects.filter(kind=name, code=code, owner=content.owner).first()


ROWS = ContractRows()
