"""The city that the stories of the API are told in."""

from typing import Any

import pytest


@pytest.fixture(autouse=True)
def _fresh_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test meets the buckets of another, and what is in hand lasts for a test."""
    from kezhuan.kernel import limits  # inline: conftest is read before Django starts

    monkeypatch.setattr(limits, "HANDFULS", 1)
    limits.limiter.forget()


@pytest.fixture
def city(db: None) -> Any:
    """Named actors, each with a client."""
    from tests.api.actors import make_city  # inline: conftest is read before Django starts

    return make_city()
