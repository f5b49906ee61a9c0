"""Addresses of lists change one thing and keep the rest."""

from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from kezhuan.web.query import changed_query, toggled_query

WORDS = st.text(min_size=1, max_size=6)


def test_query_change_leads_back_to_the_first_page() -> None:
    assert changed_query(QueryDict("q=a&page=3"), sort="new") == "?q=a&sort=new"
    assert changed_query(QueryDict("q=a&page=3"), page=4) == "?q=a&page=4"


def test_query_emptied_still_clears_the_address() -> None:
    assert changed_query(QueryDict("q=a"), q=None) == changed_query(QueryDict("q=a"), q="") == "?"


@given(st.lists(WORDS, unique=True, max_size=4), WORDS)
def test_query_toggled_twice_holds_the_same_values(values: list[str], value: str) -> None:
    query = QueryDict(mutable=True)
    query.setlist("field", values)
    once = QueryDict(toggled_query(query, "field", value)[1:])
    assert (value in once.getlist("field")) != (value in values)
    twice = QueryDict(toggled_query(once, "field", value)[1:])
    assert set(twice.getlist("field")) == set(values)
