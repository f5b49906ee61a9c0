"""The city that the stories of the API are told in."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest

from tests.factories.databases import rows_for_all


@pytest.fixture(scope="module")
def _made_city(django_db_setup: None, django_db_blocker: Any) -> Iterator[Any]:
    from tests.api.actors import make_city  # inline: conftest is read before Django starts

    with rows_for_all(django_db_blocker):
        yield make_city()


@pytest.fixture
def city(_made_city: Any, db: None) -> Any:
    """Named actors, each with a client."""
    return deepcopy(_made_city)
