"""Each broken file gives its sentence and keeps its good rows."""

from pathlib import Path

import pytest

from kezhuan.engines.tables import MATCH_COLUMNS, Problem, Unusable, open_table
from tests.engines.tables.broken_files import BROKEN, Broken, lower_limits


def one_sentence(said: str, name: str) -> bool:
    return (
        said.startswith(name)
        and "\n" not in said
        and "Traceback" not in said
        and "{" not in said.replace('{"title', "")
    )


@pytest.mark.parametrize("broken", BROKEN, ids=lambda one: one.name)
def test_broken_file_is_explained_and_good_rows_stay(
    broken: Broken, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lower_limits(monkeypatch)
    path = broken.make(tmp_path)
    if broken.file_code:
        with pytest.raises(Unusable) as caught:
            list(open_table(path, MATCH_COLUMNS, any_of=("title", "text"), unique="id"))
        assert caught.value.code == broken.file_code
        assert one_sentence(caught.value.say("zh"), path.name)
        assert one_sentence(caught.value.say("en"), path.name)
        return
    rows = list(open_table(path, MATCH_COLUMNS, any_of=("title", "text"), unique="id"))
    problems = [row for row in rows if isinstance(row, Problem)]
    assert tuple(problem.code for problem in problems) == broken.row_codes
    assert len(rows) - len(problems) == broken.good
    assert all(one_sentence(problem.say(language), path.name) for problem in problems for language in ("zh", "en"))
