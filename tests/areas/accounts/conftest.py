"""Somebody with an account, and a browser in which they are signed in."""

import pytest


@pytest.fixture
def user(db):
    from kezhuan.areas.people.actions import sign_up
    from tests.areas.accounts.browsers import EMAIL, PASSWORD

    return sign_up(name="新人", email=EMAIL, password=PASSWORD)


@pytest.fixture
def inside(user):
    from tests.areas.accounts.browsers import browser, entered

    client = browser(**{"user-agent": "Mozilla/5.0 (Windows NT 10.0) Firefox/140.0"})
    entered(client)
    return client
