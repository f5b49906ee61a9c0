"""Roles of a unit's members: the tokens by which each reads what is kept inside, and what each may do, told from the
same sets that the predicates ask."""

from collections.abc import Iterable
from dataclasses import dataclass

from kezhuan.kernel.errors import Text
from kezhuan.kernel.models.parties import MADE_BY_THE_PROGRAM, Role

UNIT_ROLES = tuple(role for role in Role if role not in MADE_BY_THE_PROGRAM)
"""The roles that a unit's administrators give."""

ASSISTANTS = frozenset({Role.FINANCE, Role.LEGAL})
"""Roles in which somebody reads what all members read and adds documents to it."""
MONEY = frozenset({Role.ADMINISTRATOR, Role.FINANCE})
"""Roles in which a unit's inner figures of money are read and kept: prices, ledger, income."""
PAPERS = frozenset({Role.ADMINISTRATOR, Role.LEGAL})
"""Roles in which a unit's inner papers of rights and contracts are read and kept: minutes, contracts, exemption."""


def organisation_token(organisation_id: int) -> str:
    """The token of everybody who acts for an organisation."""
    return f"org:{organisation_id}"


def role_tokens(organisation_id: int, roles: Iterable[str]) -> frozenset[str]:
    """The tokens of those who act for an organisation in one of these roles: who reads what it keeps inside."""
    return frozenset(f"{organisation_token(organisation_id)}:{role}" for role in roles)


def is_token_of(token: str, organisation_id: int) -> bool:
    """Whether a token is held by nobody but people who act for this organisation: all of them, or those of a role."""
    return f"{token}:".startswith(f"{organisation_token(organisation_id)}:")


@dataclass(frozen=True)
class Right:
    """Something that members do in these roles; the key is known to the test that tries it with each of them."""

    key: str
    label: Text
    roles: frozenset[str]


_rights: list[Right] = []


def tell(*rights: Right) -> None:
    """Say what members may do; called once by the kernel and each area when Django has loaded the models."""
    _rights.extend(rights)


def rights() -> tuple[Right, ...]:
    """Everything that was said, in the order of the areas."""
    return tuple(_rights)
