"""Technology contracts."""

from typing import Any

from kezhuan.areas.contracts.actions import EDITED
from kezhuan.areas.contracts.permissions import keeps, keeps_contracts
from kezhuan.kernel.access import Actor, is_officer
from tests.access.rules.rule import EVERYBODY, WITHOUT_LINK, Rule, both, everybody, nobody, sees


def is_with_its_unit(_actor: Actor, row: Any) -> bool:
    """Whether the contract is one that its unit changes now."""
    return bool(row.record.stage in EDITED)


PAGES = {
    **dict.fromkeys(("contracts", "contract-figures", "certificates"), EVERYBODY),
    "contract": Rule(sees, "contract"),
    "contracts-read-back": Rule(lambda actor, _: bool(actor.regions_of("contract"))),
    "contract-new": Rule(lambda actor, _: keeps_contracts(actor)),
    "contract-edit": Rule(both(keeps.test, is_with_its_unit), "contract"),
    "contract-desk": Rule(both(is_officer.test), "contract"),
    "contract-registration": Rule(both(is_officer.test), "contract"),
    # The town is no registration agency.
    "contract-certify": Rule(nobody, "contract"),
    "contract-certificate": Rule(nobody, "contract"),
}  # fmt: skip

OPERATIONS = {
    "contracts-create": Rule(lambda actor, _: keeps_contracts(actor), by="post", form={"title": "草稿"}),
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
