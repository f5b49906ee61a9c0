"""Addresses of lists: everything that narrows or orders a list stands in the query of its address."""

from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict

PAGE = "page"


def whole_number(typed: str, otherwise: int) -> int:
    """A whole number of at most nine digits as it stands in an address or a form; anything else counts as not given."""
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else otherwise


def changed_query(query: QueryDict, **changes: Any) -> str:
    """The query with parameters set, or removed where the value is None, empty or an empty list.

    Every change but one of ``page`` itself leads back to the first page. Returns ``?`` alone for an empty query,
    so that a link never keeps what it should clear.
    """
    changed = dict(query.lists())  # a copy of the query itself is deep, and a list of facets asks for sixty
    if PAGE not in changes:
        changed.pop(PAGE, None)
    for name, value in changes.items():
        values = value if isinstance(value, list | tuple) else [value]
        kept = [str(one) for one in values if one is not None and one != ""]
        if kept:
            changed[name] = kept
        else:
            changed.pop(name, None)
    return "?" + urlencode(changed, doseq=True)


def toggled_query(query: QueryDict, name: str, value: str) -> str:
    """The query with one value of a parameter that may have several turned on, or off when it was on."""
    values = query.getlist(name)
    return changed_query(
        query, **{name: [one for one in values if one != value] if value in values else [*values, value]}
    )
