"""What the demo city's accounts are in charge of."""

from collections import defaultdict

import pytest

from kezhuan.areas.contracts.models import Contract
from kezhuan.areas.needs.models import Need
from kezhuan.demo import build
from kezhuan.kernel.access import actor_for, is_officer, visible_to
from kezhuan.kernel.models import User
from tests.factories import city

pytestmark = pytest.mark.django_db


def test_the_registrar_is_in_charge_of_contracts_alone():
    unit = city.organisation("南粤大学", kind="university")
    build._accounts(build._City(organisations=defaultdict(lambda: unit)))
    registrar = actor_for(User.objects.get(email="registrar@demo.kezhuan").person)
    officer = actor_for(User.objects.get(email="officer@demo.kezhuan").person)
    contract = city.contract(unit, stage="submitted")
    closed = city.need(unit, stage="published", confidentiality="closed_door")
    assert (is_officer.test(registrar, contract), is_officer.test(registrar, closed)) == (True, False)
    assert is_officer.test(officer, closed)
    assert [visible_to(who, Need.objects.all()).exists() for who in (registrar, officer)] == [False, True]
    assert visible_to(registrar, Contract.objects.all()).get() == contract
