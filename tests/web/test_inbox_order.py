"""What waits without a term is not hidden behind terms that run for years."""

from datetime import timedelta

import pytest

from kezhuan.kernel.text import today
from kezhuan.web import inbox
from kezhuan.web.components import InboxLine
from tests.factories import city


def _share(*keys):
    def drawn(_actor, ids):
        return {pk: InboxLine(label="", title=str(pk), url="", code="", who="") for pk in ids}

    return inbox.Source(lambda _actor, _most: len(keys), lambda _actor, most: list(keys)[:most], drawn)


@pytest.mark.django_db
def test_what_has_no_term_stands_before_what_is_due_long_after(monkeypatch):
    soon, late = today() + timedelta(days=89), today() + timedelta(days=91)
    monkeypatch.setattr(inbox, "_sources", [_share((soon, 1), (late, 2)), _share((None, 3), (None, 4))])
    actor = city.officer()
    assert [line.title for line in inbox.lines(actor)] == ["1", "3", "4", "2"]
    assert [line.title for line in inbox.lines(actor, 1, 3)] == ["3", "4"]
