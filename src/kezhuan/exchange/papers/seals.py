"""E-seal providers: what any of them must be able to do. Which there are is said where the program is set up."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from django.utils.module_loading import import_string


class ProviderFails(Exception):
    """The provider cannot be reached or answers nonsense; the sentence is shown, and it is asked again later."""


@dataclass(frozen=True)
class Sealed:
    """A paper with its seal, as the provider gives it back."""

    content: bytes


@dataclass(frozen=True)
class Declined:
    """The provider, or whoever holds the seal, will not seal it; `reason` in words."""

    reason: str


class Provider(Protocol):
    """One provider of e-seals."""

    label: str
    """What people call it."""

    def begin(self, key: str, name: str, content: bytes) -> str:
        """Hand a PDF over to be sealed; returns the provider's reference. The same key again is the same request.

        Raises `ProviderFails`.
        """

    def outcome(self, reference: str) -> Sealed | Declined | None:
        """What became of it; None while it waits. Raises `ProviderFails`."""


_providers: dict[str, Provider] = {}


def register(name: str, provider: Provider) -> None:
    """Offer a provider under a lasting name."""
    _providers[name] = provider


def load(named: Mapping[str, str]) -> None:
    """Offer the providers that the city's settings name by class; raises `ImportError` for one that is not there."""
    for name, path in named.items():
        register(name, import_string(path)())


def providers() -> Mapping[str, Provider]:
    """The providers that are offered, by name."""
    return _providers
