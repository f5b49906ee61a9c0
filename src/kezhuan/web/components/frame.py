"""What stands around every page: crumbs, navigation, the account."""

from dataclasses import dataclass

from kezhuan.web.components.words import Text


@dataclass(frozen=True, slots=True)
class Crumb:
    """One step of the way to this page; without a URL it is the page itself."""

    label: Text
    url: str = ""


@dataclass(frozen=True, slots=True)
class NavItem:
    """One entry of the main navigation."""

    label: Text
    url: str
    on: bool = False


@dataclass(frozen=True, slots=True)
class ActingChoice:
    """An organisation the reader may act for, or somebody in whose place."""

    key: str
    label: Text
    on: bool = False


@dataclass(frozen=True, slots=True)
class Account:
    """Who is signed in, and for whom they act."""

    name: Text
    acting_for: Text = ""
    choices: tuple[ActingChoice, ...] = ()
    links: tuple[Crumb, ...] = ()
