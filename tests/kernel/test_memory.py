"""What a process keeps until the journal grows."""

import pytest

from kezhuan.kernel.access import VISITOR
from kezhuan.kernel.memory import UntilNextEntry
from kezhuan.kernel.search import Asked, search
from tests.factories import city

FIRST, SECOND = (1, "a" * 64), (2, "b" * 64)


def test_an_answer_is_worked_out_once_for_each_head_and_question():
    made: list[str] = []
    memory: UntilNextEntry[int] = UntilNextEntry(8)

    def ask(head, question):
        return memory.get(head, question, lambda: made.append(question) or len(made))

    assert [ask(FIRST, "x"), ask(FIRST, "x"), ask(FIRST, "y"), ask(SECOND, "x"), ask((1, "c" * 64), "x")] == [
        1,
        1,
        2,
        3,
        4,
    ]
    assert made == ["x", "y", "x", "x"]


def test_the_oldest_answers_are_let_go():
    memory: UntilNextEntry[int] = UntilNextEntry(2)
    for number in range(3):
        memory.get(FIRST, number, lambda number=number: number)
    assert [memory.get(FIRST, number, lambda: -1) for number in (2, 1, 0)] == [2, 1, -1]


def test_an_answer_of_nothing_is_kept_too():
    memory: UntilNextEntry[int] = UntilNextEntry(2)
    assert memory.get(FIRST, "x", lambda: 0) == 0
    assert memory.get(FIRST, "x", lambda: 1) == 0


@pytest.mark.django_db
def test_who_sees_what_is_asked_again_after_the_next_entry_and_of_nobody_else():
    owner = city.organisation()
    member, other = city.member(owner), city.member(city.organisation())
    city.need(owner, by=member, title="碳化硅衬底")
    for actor, seen in ((member, 1), (other, 0), (VISITOR, 0), (member, 1)):
        assert len(search(actor, Asked(words="碳化硅", kinds=("need",))).records) == seen
    later = city.need(
        owner, by=member, title="碳化硅抛光", confidentiality="closed_door"
    )  # of an audience not yet known
    found_by = search(member, Asked(words="碳化硅", kinds=("need",))).records
    assert (len(found_by), found_by.count(later.pk)) == (2, 1)
