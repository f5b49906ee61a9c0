"""Proof: a challenge goes from a firm's need to the accepted result, in a browser, by pressing what stands on pages."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.proofs.challenge_accepted import result_is_accepted
from tests.proofs.challenge_applied import call_is_made, need_is_published, people_come, teams_apply
from tests.proofs.challenge_judged import call_is_decided, panel_judges
from tests.proofs.challenge_raced import one_wins, race_begins
from tests.proofs.challenge_story import Story
from tests.proofs.walkers import Walk

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def story(browser: Any, live_server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Story]:
    told = Story(Walk(tmp_path / "pictures", monkeypatch), browser, live_server.url)
    yield told
    told.close()


def test_a_challenge_goes_from_the_need_to_the_accepted_result(story: Story, figure: Callable[[str], None]) -> None:
    officer = people_come(story)
    call_code = need_is_published(story, officer)
    call_is_made(story, officer, call_code)
    teams_apply(story, officer)
    panel_judges(story, officer)
    call_is_decided(story, officer)
    race_begins(story, officer)
    one_wins(story, officer)
    result_is_accepted(story, officer)
    walk = story.walk
    slow = sorted(walk.slowest.items(), key=lambda one: -one[1])[:5]
    figure(
        f"{walk.steps} steps of {len(story.people)} people, {walk.looked} pages of {len(walk.shapes)} kinds looked at"
        f" in two languages at 1280 and 390 px: {len(walk.wrong)} complaints; slowest"
        f" {', '.join(f'{path} {took:.0f} ms' for path, took in slow)}"
    )
    print(f"pictures: {walk.pictures}")
    assert walk.wrong == {}
