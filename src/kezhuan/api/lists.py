"""Lists: one page of what an actor may see, as the index finds it, and the questions that a list takes."""

from collections.abc import Callable, Iterable
from typing import Any, Literal

from django.http import HttpRequest
from django.utils.translation import gettext as _
from pydantic import create_model

from kezhuan.api import cursor
from kezhuan.api.identity import actor_of
from kezhuan.api.records import facet_label
from kezhuan.api.schemas import ListQuery
from kezhuan.kernel import search
from kezhuan.kernel.access import Actor
from kezhuan.kernel.errors import Problem, Refused
from kezhuan.kernel.text import listed as in_words

NOT_FILTERS = frozenset(ListQuery.model_fields) - {"stage"}


def staged(query: type[ListQuery], stages: Iterable[str], name: str) -> type[ListQuery]:
    """The question, by a name of its own, whose filter `stage` takes these stages alone: of two questions of one
    name the document would tell the one that was mounted last."""
    return create_model(name, __base__=query, stage=(list[Literal[tuple(stages)]], []))  # type: ignore[misc, arg-type]  # a type made at run time


def list_page(
    request: HttpRequest,
    asked: ListQuery,
    kinds: tuple[str, ...],
    show: Callable[[Actor, list[int]], list[dict[str, Any]]],
) -> dict[str, Any]:
    """One page of what the actor may see of these kinds.

    Raises `Refused` for an unknown parameter or the cursor of another question.
    """
    actor = actor_of(request)
    unknown = sorted(set(request.GET) - set(type(asked).model_fields))
    if unknown:
        known = in_words(type(asked).model_fields)
        raise Refused(
            Problem("parameter-unknown", _("This list takes the parameters %(known)s.") % {"known": known}, unknown[0])
        )
    given = asked.model_dump(mode="json")
    filters = {name: given[name] for name in given if name not in NOT_FILTERS}
    question = [list(kinds), {name: given[name] for name in given if name not in {"cursor", "facets"}}]
    after = cursor.read(asked.cursor, question) if asked.cursor else None
    found = search.search(
        actor,
        search.Asked(
            words=asked.q,
            kinds=kinds,
            chosen=filters,
            facets=tuple(filters) if asked.facets else (),
            order=asked.order,
            size=asked.limit,
            after=after,
        ),
    )
    answer = {
        "items": show(actor, found.records),
        "total": found.total,
        "complete": found.complete,
        "next": cursor.written(found.last, question) if found.last is not None else None,
    }
    if asked.facets:
        answer["facets"] = {
            name: [
                {"value": one.value, "label": facet_label(name, one.value, kinds), "count": one.count} for one in counts
            ]
            for name, counts in found.facets.items()
        }
    return answer
