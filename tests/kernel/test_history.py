"""Histories in English say of every move what happened, not what its button asks for."""

import pytest
from django.utils import translation

from kezhuan.kernel import history, registry


@pytest.mark.parametrize(
    ("move", "happened"),
    [
        ("Publish", "published"),
        ("Decide on the price", "decided on the price"),
        ("Apply for the grant", "applied for the grant"),
        ("Submit again", "submitted again"),
        ("Send it back", "sent it back"),
        ("Do not accept", "did not accept"),
        ("Uphold", "upheld"),
        ("Registered outside", "registered outside"),
        ("The trial is over", "the trial is over"),
        ("Appeal: have it judged anew", "appealed: have it judged anew"),
    ],
)
def test_a_move_is_told_in_the_past(move, happened):
    assert history.done(move) == happened


def test_every_history_in_english_begins_in_lower_case_and_a_chinese_one_names_the_move():
    for kind in registry.kinds():
        for name, move in kind.lifecycle.moves.items():
            with translation.override("en"):
                assert history.label(kind, f"{kind.slug}.{name}") == history.done(str(move.label))
            with translation.override("zh-hans"):
                assert history.label(kind, f"{kind.slug}.{name}") == str(move.label)
