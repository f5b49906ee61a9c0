"""What follows the journal takes as many changed records at once as an import brings."""

import pytest

from kezhuan.areas.approvals.following_actions import follow_changes
from kezhuan.areas.notices.changed_actions import note_changed

MORE_THAN_A_QUESTION_TAKES = range(10**9, 10**9 + 300_000)
"""SQLite takes 250,000 values in a statement, PostgreSQL 65,535."""


@pytest.mark.django_db
@pytest.mark.parametrize("follow", [follow_changes, note_changed])
def test_a_register_of_any_size_is_followed(follow):
    follow(MORE_THAN_A_QUESTION_TAKES, False)
