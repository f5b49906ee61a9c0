"""One code sent many times at the same moment lets in once."""

import time

import pytest

from kezhuan.areas.accounts import totp
from kezhuan.areas.accounts.actions import use_code
from kezhuan.areas.accounts.factor_actions import add_app
from kezhuan.areas.people.actions import sign_up
from kezhuan.kernel.access import actor_for
from kezhuan.kernel.errors import Refused
from tests.factories.databases import at_once


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["app", "recovery"])
def test_code_sent_four_times_at_once_lets_in_once(kind):
    user = sign_up(name="新人", email="new@example.com", password="long-enough-secret")
    secret, step = totp.new_secret(), int(time.time() // totp.STEP)
    recovery = add_app(actor=actor_for(user.person), secret=secret, typed=totp.code_at(secret, step))
    typed = recovery[0] if kind == "recovery" else totp.code_at(secret, step + 1)
    results = at_once([lambda: use_code(user=user, typed=typed, address="") for _ in range(4)])
    assert [one for one in results if isinstance(one, str)] == ["recovery" if kind == "recovery" else "totp"]
    assert sum(isinstance(one, Refused) for one in results) == 3
