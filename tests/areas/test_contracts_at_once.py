"""Two registrars, one contract, the same second: one registration, and a number is given once."""

import pytest

from kezhuan.areas.contracts.actions import Registration, number_contract
from kezhuan.areas.contracts.lifecycle import CONTRACT
from kezhuan.kernel import journal
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Entry, Identifier
from kezhuan.kernel.text import today
from tests.factories import city
from tests.factories.databases import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def kinds_of(results):
    return sorted(type(result).__name__ for result in results)


def test_registrars_at_once_give_a_contract_one_second_look_and_one_registration():
    row = city.contract(city.organisation(), stage="reviewing")
    registrars = [city.officer() for _ in range(4)]
    results = at_once([lambda actor=actor: advance(CONTRACT, row, "pass", actor=actor) for actor in registrars])
    assert kinds_of(results) == ["Conflict"] * 3 + ["Contract"]
    numbers = [f"{number:016d}" for number in (1, 1, 2, 3)]
    results = at_once(
        [
            lambda actor=actor, number=number: number_contract(
                actor=actor, contract=row, given=Registration(number, today(), 100, 50)
            )
            for actor, number in zip(registrars, numbers, strict=True)
        ]
    )
    assert kinds_of(results) == ["Conflict"] * 3 + ["Contract"]
    assert Entry.objects.filter(record_id=row.pk, kind="contract.register").count() == 1
    (held,) = Identifier.objects.filter(record_id=row.pk, scheme="technology-contract")
    row.refresh_from_db()
    assert held.value == row.reg_no
    assert journal.verify().broken_seq is None


def test_one_number_is_given_to_one_of_two_contracts_at_once():
    unit = city.organisation()
    rows = [city.contract(unit, stage="passed") for _ in range(2)]
    registrars = [city.officer() for _ in rows]
    given = Registration("7" * 16, today(), 100, 50)
    results = at_once(
        [
            lambda actor=actor, row=row: number_contract(actor=actor, contract=row, given=given)
            for actor, row in zip(registrars, rows, strict=True)
        ]
    )
    assert kinds_of(results) == ["Contract", "Refused"]
    assert Identifier.objects.filter(scheme="technology-contract", value="7" * 16, active=True).count() == 1
