"""Which steps of a route wait, whatever its shape: the order holds, nothing is skipped, and it comes to an end."""

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from kezhuan.kernel.approvals import waiting_steps


@dataclass
class Step:
    position: int
    closed_at: bool | None = None


routes = st.lists(st.integers(1, 5), min_size=1, max_size=12).map(lambda positions: [Step(one) for one in positions])


@given(routes, st.randoms(use_true_random=False))
def test_signed_in_any_order_that_is_open_every_step_is_closed_once_in_the_order_of_positions(steps, random):
    closed = []
    while waiting := waiting_steps(steps):
        assert len({step.position for step in waiting}) == 1
        # Side by side: all open steps of the position wait, and nothing before them is open.
        here = waiting[0].position
        assert waiting == [step for step in steps if step.position == here and step.closed_at is None]
        assert all(step.closed_at for step in steps if step.position < here)
        chosen = random.choice(waiting)
        chosen.closed_at = True
        closed.append(chosen.position)
    assert closed == sorted(step.position for step in steps)
    assert all(step.closed_at for step in steps)


@given(routes, st.integers(0, 11), st.integers(0, 3), st.booleans())
def test_a_signer_added_on_the_way_neither_skips_nor_reopens_a_step(steps, signed, added, after):
    for _number in range(min(signed, len(steps) - 1)):
        waiting_steps(steps)[0].closed_at = True
    done = [step for step in steps if step.closed_at]
    here = waiting_steps(steps)[0].position
    for _number in range(added):
        if after:
            for step in steps:
                step.position += step.position > here
        steps.append(Step(here + after))
    assert all(step.closed_at for step in done)
    waiting = waiting_steps(steps)
    assert {step.position for step in waiting} == {here}
    assert sum(step in waiting for step in steps[len(steps) - added :]) in {0, added} or not after
    left = sum(step.closed_at is None for step in steps)
    while waiting := waiting_steps(steps):
        waiting[0].closed_at = True
        left -= 1
    assert left == 0


def test_of_no_steps_none_waits():
    assert waiting_steps([]) == []
    assert waiting_steps([Step(1, True)]) == []
