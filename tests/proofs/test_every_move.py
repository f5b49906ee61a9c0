"""Proof: every move of every kind at every stage, tried by everybody who may not take it: refused, nothing written."""

from collections.abc import Callable

import pytest
from django.db import transaction

from tests.areas.test_lifecycles import STAGES, refused_to
from tests.factories.stages import Cast, made


@pytest.mark.django_db
def test_every_move(figure: Callable[[str], None]) -> None:
    """The suite asks at every stage who may; of those who may not one tries each move."""
    cast, tried = Cast.called(), 0
    for kind, stage in STAGES:
        with transaction.atomic():
            tried += refused_to(made(kind, stage, cast), cast, lambda others: others)
            transaction.set_rollback(True)
    assert tried > 5000
    figure(f"{tried:,} moves tried by {len(cast.actors)} people at {len(STAGES)} stages who may not: 0 taken")
