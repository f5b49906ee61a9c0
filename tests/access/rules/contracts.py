"""Agreements and technology contracts."""

from typing import Any

from kezhuan.areas.agreements.actions import EDITED as WRITTEN
from kezhuan.areas.agreements.counting import says_call
from kezhuan.areas.agreements.licence_actions import EDITED as CHANGED
from kezhuan.areas.agreements.lifecycle import STANDING
from kezhuan.areas.agreements.permissions import counts_money, keeps, keeps_papers, may_take
from kezhuan.areas.contracts.actions import EDITED
from kezhuan.kernel.access import Actor, is_officer
from tests.access.rules.rule import EVERYBODY, SIGNED_IN, WITHOUT_LINK, Rule, both, everybody, nobody, sees


def is_with_its_unit(_actor: Actor, row: Any) -> bool:
    """Whether the contract is one that its unit changes now."""
    return bool(row.record.stage in EDITED)


def is_written(_actor: Actor, row: Any) -> bool:
    """Whether a version of the agreement is being written."""
    return bool(row.record.stage in WRITTEN)


def is_changed(_actor: Actor, row: Any) -> bool:
    """Whether the licence can be changed."""
    return bool(row.record.stage in CHANGED)


def is_in_force(_actor: Actor, row: Any) -> bool:
    """Whether a version of the agreement was signed and stands."""
    return row.record.stage in STANDING and row.in_force is not None


def takes(actor: Actor, row: Any) -> bool:
    """Whether the actor takes the licence for another organisation."""
    return may_take(actor, row.record.owner_id)


_PRICE = {"title": "标准许可", "months": 36}
_DEAL = {"title": "许可", "sort": "licence", "binding": "contract", "party_name": "外地公司"}

PAGES = {
    "agreements": EVERYBODY,
    "agreement": Rule(sees, "agreement"),
    "licences": EVERYBODY,
    "licence": Rule(sees, "licence"),
    "licence-new": Rule(lambda actor, _: keeps_papers(actor)),
    "licence-edit": Rule(both(keeps.test, is_changed), "licence"),
    "licence-take": Rule(both(takes), "licence"),
    "agreement-new": Rule(lambda actor, _: keeps_papers(actor)),
    "agreement-edit": Rule(both(keeps.test, is_written), "agreement"),
    **dict.fromkeys(("agreement-paid", "agreement-invoice"), Rule(both(counts_money.test), "payments of agreements")),
    "agreement-milestone": Rule(both(keeps.test), "milestones of agreements"),
    "agreement-counted": Rule(both(says_call), "agreement"),
    "agreement-uncounted": Rule(nobody, "agreement"),  # nobody in the town has agreed
    **dict.fromkeys(("contracts", "contract-figures", "certificates"), EVERYBODY),
    "contract": Rule(sees, "contract"),
    "contracts-read-back": Rule(lambda actor, _: bool(actor.regions_of("contract"))),
    "contracts-ocds": SIGNED_IN,
    "contract-flags": Rule(lambda actor, _: bool(actor.regions_of("contract"))),
    # The town has no hints.
    "contract-flag-looked": Rule(nobody, "years"),
    "contract-answers": Rule(lambda actor, _: bool(actor.regions_of("contract"))),
    # The town is nobody's own instance.
    "contract-withdrawal": Rule(nobody, "contract"),
    # The town's filings were all made in it.
    "contract-filed": Rule(nobody, "filing"),
    "contract-new": Rule(lambda actor, _: keeps_papers(actor)),
    "contract-edit": Rule(both(keeps.test, is_with_its_unit), "contract"),
    "contract-desk": Rule(both(is_officer.test), "contract"),
    "contract-registration": Rule(both(is_officer.test), "contract"),
    # The town is no registration agency.
    "contract-certify": Rule(nobody, "contract"),
    "contract-certificate": Rule(nobody, "contract"),
}  # fmt: skip

OPERATIONS = {
    "licences-create": Rule(
        lambda actor, _: keeps_papers(actor), by="post", form=_PRICE | {"achievement": "A-1999-00001"}
    ),
    "licences-change": Rule(
        both(keeps.test, is_changed), "licence", by="put",
        form=lambda row: _PRICE | {"achievement": row.achievement.code, "version": 1},
    ),
    "licences-take": Rule(both(takes), "licence", by="post", form={"version": 99}),
    "agreements-create": Rule(lambda actor, _: keeps_papers(actor), by="post", form=_DEAL),
    "agreements-change": Rule(both(keeps.test, is_written), "agreement", by="put", form=_DEAL | {"version": 1}),
    "agreements-invoice": Rule(
        both(counts_money.test), "payments of agreements", by="post", form={"invoice": "发票1", "on": "2026-01-01"}
    ),
    "agreements-paid": Rule(
        both(counts_money.test), "payments of agreements", by="post", form={"fen": 1, "on": "2026-01-01"}
    ),
    "agreements-counted": Rule(both(says_call), "agreement", by="put", form={"call": "B-1999-00001"}),
    "agreements-uncounted": Rule(both(says_call), "agreement", by="delete"),
    "agreements-milestone": Rule(
        both(keeps.test, is_in_force), "milestones of agreements", by="post",
        form={"on": "2026-01-01", "evidence": "验收单"}
    ),
    "contract-flags": Rule(lambda actor, _: bool(actor.regions_of("contract"))),
    "contract-answers": Rule(lambda actor, _: bool(actor.regions_of("contract"))),
    "contract-flags-looked": Rule(nobody, "years", by="post", form={"finding": "核对过", "sha256": "0" * 64}),
    "contracts-filed": Rule(nobody, "filing", by="post"),
    **dict.fromkeys(("contract-figures", "contracts-ocds"), EVERYBODY),
    "contracts-create": Rule(lambda actor, _: keeps_papers(actor), by="post", form={"title": "草稿"}),
    "contracts-change": Rule(
        both(keeps.test, is_with_its_unit), "contract", by="put", form={"title": "改名", "version": 1}
    ),
    "certificates-check": Rule(everybody, WITHOUT_LINK),  # told what is missing

    "contracts-certify": Rule(nobody, "contract", by="post"),
    "contracts-registration": Rule(
        both(is_officer.test), "contract", by="post",
        form={"reg_no": "1", "registered_on": "2026-01-01", "turnover_fen": 1, "technology_fen": 1},
    ),
}  # fmt: skip
