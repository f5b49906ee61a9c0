"""A record's page tells each thing that was done, and what somebody wrote at one sitting once."""

import pytest
from django.utils import translation

from kezhuan.areas.projects.lifecycle import PROJECT
from kezhuan.kernel import journal
from kezhuan.kernel.history import entries_of
from kezhuan.kernel.lifecycle import touch
from kezhuan.web.history import history_lines
from tests.factories import city, projects

pytestmark = pytest.mark.django_db


def test_what_was_written_at_one_sitting_is_one_line_and_each_thing_done_is_its_own():
    officer = city.bureau()
    row = projects.project(by=officer)
    for done in ("book", "book", "milestones", "payments", "payments", "book", "book"):
        with journal.writing():
            touch(PROJECT, row, actor=officer, fields=[done])
    with translation.override("en"):
        told = [line.label for line in history_lines(officer, row.record, entries_of(row.record, 50))]
    assert told[:5] == ["edited", "payment noted", "payment noted", "milestone reported or judged", "edited"]
    assert told[5:].count("edited") == 0
