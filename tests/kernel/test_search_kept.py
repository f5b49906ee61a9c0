"""Answers of the index are kept for the same question alone, and no longer than the index stays as it is."""

from kezhuan.kernel.search import kept


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
