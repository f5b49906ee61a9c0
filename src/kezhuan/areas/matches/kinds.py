"""Registers introductions with the kernel, and the follower that keeps suggestions fresh."""

from collections.abc import Iterator, Sequence
from datetime import time

from django.utils.translation import gettext_lazy as _

from kezhuan.areas.matches.actions import FEW, follow_sides, match_after, refresh_suggestions
from kezhuan.areas.matches.choosing import declare_rules
from kezhuan.areas.matches.exposure_actions import COUNT, EVERY, count_exposure, is_owed
from kezhuan.areas.matches.holdings import HOLDINGS
from kezhuan.areas.matches.lifecycle import INTRODUCTION
from kezhuan.areas.matches.lifting_actions import follow_room
from kezhuan.areas.matches.models import FOLLOWER, Introduction
from kezhuan.areas.matches.nightly_actions import MATCH_ALL, match_all
from kezhuan.areas.matches.queries import (
    concerned_in_introduction,
    hidden_sides,
    needs_after,
    shows_contacts,
    unnamed_sides,
)
from kezhuan.areas.matches.supply import introduced_kinds, profiles
from kezhuan.areas.matches.tables import ROWS
from kezhuan.exchange import kinds as importables
from kezhuan.kernel import followers, holdings, jobs, registry, search


def introduction_documents(ids: Sequence[int]) -> Iterator[search.SearchDocument]:
    """Introductions as search reads them: by their own code alone, for those who may see them."""
    for row in Introduction.objects.filter(pk__in=ids).select_related("record"):
        yield from search.by_group(row.record, public_text="")


def _refresh(changed: Sequence[int], anew: bool) -> None:
    refresh_suggestions(changed, anew)


def _count_after(number: int) -> int:
    return needs_after(number).count()


def register() -> None:
    """Called once when Django has loaded the models."""
    registry.register(
        registry.Kind(
            slug="introduction",
            label=_("introduction"),
            plural=_("introductions"),
            model=Introduction,
            lifecycle=INTRODUCTION,
            page="introduction",
            list_page="introductions",
            documents=introduction_documents,
            hidden_parties=hidden_sides,
            unnamed_people=unnamed_sides,
            concerned=concerned_in_introduction,
            confidential=lambda actor, row: "contact" if shows_contacts(actor, row) else "",
        )
    )
    importables.register(ROWS)
    declare_rules()
    holdings.hold(*HOLDINGS)
    jobs.register(MATCH_ALL, match_all, label=_("match all needs anew"), long=True)
    jobs.every(MATCH_ALL, time(2, 30))
    jobs.register(COUNT, count_exposure, label=_("count how suggestions spread"))
    jobs.every(COUNT, EVERY, owed=is_owed)
    sweep = followers.Sweep(_("match all needs anew"), match_after, _count_after, beyond=FEW)
    registry.follow(FOLLOWER, ["need", *profiles()], _refresh, sweep)
    registry.follow("room", [INTRODUCTION.kind], follow_room)
    registry.follow("introductions", ["need", *(kind.slug for kind in introduced_kinds())], follow_sides)
