"""Roles of a unit's members: the tokens by which each reads what is kept inside."""

from collections.abc import Iterable

from kezhuan.kernel.models.parties import Role

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
