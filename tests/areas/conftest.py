"""What tests of several areas share: a university, and who looks after its contracts."""

import pytest


@pytest.fixture
def unit():
    from tests.factories import city  # inline: conftest is read before Django starts

    return city.organisation("南粤大学", kind="university")


@pytest.fixture
def keeper(unit):
    from kezhuan.kernel.models.parties import Role
    from tests.factories import city

    return city.member(unit, Role.LEGAL)
