"""Answers of the index are kept for the same question alone, and no longer than the index stays as it is."""

import gc
import weakref

import pytest

from kezhuan.areas.achievements.models import SUPPLY_STAGES
from kezhuan.areas.needs.queries import matching_item
from kezhuan.kernel import followers, journal, search
from kezhuan.kernel.access import SYSTEM, VISITOR
from kezhuan.kernel.search import kept
from tests.factories import city
from tests.factories.pairs import Pair


def test_an_answer_is_worked_out_once_for_a_state_and_a_question(monkeypatch):
    monkeypatch.setattr(kept, "MOST", 3)
    answers, asked = kept.Kept(), []

    def ask(state, question):
        return answers.answer(state, question, lambda: asked.append((state, question)) or (state, question))

    assert ask("old", "visitor") == ask("old", "visitor") == ("old", "visitor")
    assert ask("old", "officer") == ("old", "officer")  # whoever sees more asks something else
    assert ask("new", "visitor") == ("new", "visitor")
    assert asked == [("old", "visitor"), ("old", "officer"), ("new", "visitor")]
    for question in ("a", "b", "c", "visitor"):  # full, it begins anew
        ask("new", question)
    assert asked[3:] == [("new", "a"), ("new", "b"), ("new", "c"), ("new", "visitor")]
    for question in ("a", "visitor", "c"):  # full again, it still tells what it holds
        ask("new", question)
    assert asked[7:] == [("new", "a")]


@pytest.mark.django_db
def test_near_misses_are_kept_while_no_document_changes_and_looked_for_again_once_one_does(monkeypatch):
    pair, index = Pair(), search.live_index()
    asked, why_not = [], index.matcher.why_not
    monkeypatch.setattr(index.matcher, "why_not", lambda *given, **more: asked.append(1) or why_not(*given, **more))
    supply = search.Supply("achievement", SUPPLY_STAGES, search.audience_mask(VISITOR))

    def near():
        followers.run_pending()
        index.catch_up(wait=True)
        index.near_misses(matching_item(pair.need), 1, 5, supply, least=0.0)
        return len(asked)

    assert (near(), near()) == (1, 1)
    with journal.writing():
        journal.note("test.noted", actor=SYSTEM)  # an entry about no record that is searched
    assert near() == 1
    city.achievement(pair.unit, stage="listed", title="另一项大尺寸抛光成果")
    assert near() == 2
    monkeypatch.undo()
    why_not, former = None, weakref.ref(index.matcher)
    index.rebuild()
    gc.collect()
    assert former() is None  # what is kept holds no index that gave way
