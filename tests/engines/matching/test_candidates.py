"""Candidates: beyond some size only what tells most is looked up, and the first are found all the same."""

from copy import copy
from dataclasses import replace

import numpy as np
import pytest

from kezhuan.bench.synthetic import needs, records
from kezhuan.engines.matching import FROZEN, Facts, Item, Matcher
from kezhuan.engines.matching.weights import read_query

RECORDS = 1200
PRUNED = replace(FROZEN, exact_most=RECORDS - 1, pruned_share=3.0, pruned_least=100)
FIELDS = ("新材料", "生物医药", "海洋")


def stated(items: list[Item]) -> list[Item]:
    """The same with a field and a price each."""
    facts = [Facts(field=FIELDS[n % 3], money_fen=n % 7 * 10_000) for n in range(len(items))]
    return [replace(item, facts=one) for item, one in zip(items, facts, strict=True)]


def test_pruned_answers_are_those_of_looking_up_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    exact, pruned, asked = Matcher().fit(stated(list(records(RECORDS)))), Matcher(PRUNED), list(needs(6, RECORDS))
    pruned._index = copy(exact._index)
    pruned._index.config = PRUNED
    statistics = exact._index.statistics
    query = read_query(asked[0], exact._index.vocabulary, statistics, PRUNED)
    telling = query.telling(statistics, 3 * RECORDS)
    assert RECORDS < statistics.counts(telling.numbers).sum() <= 3 * RECORDS < statistics.counts(query.numbers).sum()
    assert query.telling(statistics, 10**9) is query
    allowed, few = np.arange(RECORDS) % 4 != 0, np.arange(RECORDS) % 15 == 0
    alike = 0
    for need in asked + stated(asked):
        for mask in (None, allowed):
            [all_of_them], [found] = (one.kneighbors([need], 10, allowed=mask) for one in (exact, pruned))
            assert len(found) == 10
            known = {match.supply: (match.score, match.parts) for match in all_of_them}
            ours = {match.supply: (match.score, match.parts) for match in found}
            both = known.keys() & ours.keys()
            assert {one: known[one] for one in both} == {one: ours[one] for one in both}
            assert all(mask is None or mask[pruned.slot_of(one)] for one in ours)
            alike += len(both)
        # So few are scored at once, and nobody is missed; the corpus is not looked through for where they stand.
        with monkeypatch.context() as patch:
            patch.setattr(pruned._index, "word_scores", None)
            found_of_few = pruned.kneighbors([need], 10, allowed=few)
        assert found_of_few == exact.kneighbors([need], 10, allowed=few)
    assert alike >= 0.98 * 10 * 2 * 2 * len(asked)
    assert pruned.why_not(asked[0], 3, 5) == exact.why_not(asked[0], 3, 5)
