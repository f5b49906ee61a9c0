"""The other way round: of the needs in the index none is missed for which a record may be worth suggesting."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kezhuan.engines.matching import Item, Matcher

from .cases import CITY, few, needs, supplies, texts


@given(supplies(2), st.lists(needs, min_size=1, max_size=5), texts, st.floats(0.05, 0.9), st.booleans())
@few
def test_no_need_is_missed(items: list[Item], asked: list[Item], english: str, least: float, live: bool) -> None:
    asked = [replace(need, id=f"n{number}") for number, need in enumerate(asked)]
    # As the index holds them: with an English title beside, and the code in the text.
    held = [
        replace(need, title=f"{need.title}\nWafers polishing gear for {need.id}", text=f"{need.text}\nN-2026-00001")
        for need in asked
    ]
    matcher = Matcher().fit(items if live else [*items, *held])
    if live:
        matcher.partial_fit(held)
    among = np.array([str(one).startswith("n") for one in matcher.ids])
    for item in items:
        found = set(matcher.may_ask(item.id, least, among))
        wanted = {need.id for need in asked if matcher.explain(need, item.id).score >= least}
        assert wanted <= found <= {need.id for need in asked}


def test_what_has_nothing_in_common_does_not_ask() -> None:
    matcher = Matcher().fit([*CITY, Item("rice-need", "耐盐水稻品种", "沿海滩涂种植")])
    among = np.array([one == "rice-need" for one in matcher.ids])
    assert matcher.may_ask("battery", 0.2, among) == []
    assert matcher.may_ask("rice", 0.2, among) == ["rice-need"]
    assert matcher.may_ask("rice", 0.2, ~among & False) == []
    with pytest.raises(KeyError):
        matcher.may_ask("unknown", 0.2, among)
