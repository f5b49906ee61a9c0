"""The documents' generated parts agree with the code, and every setting, command and decision is told."""

from pathlib import Path

import pytest

from kezhuan.config import stages
from kezhuan.config.commandline import COMMANDS
from kezhuan.config.environment import KNOWN

DOCS = Path(__file__).parents[2] / "docs"


def test_generated_parts_agree_with_the_code():
    stale = [path.name for path, text in stages.documents(DOCS).items() if path.read_text(encoding="utf-8") != text]
    assert stale == [], "run tools/stages"


@pytest.mark.parametrize("name", sorted(KNOWN))
def test_setting_is_documented(name):
    assert f"`{name}`" in (DOCS / "how-to" / "settings.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_command_is_documented(name):
    assert f"`./kezhuan {name}`" in (DOCS / "how-to" / "commands.md").read_text(encoding="utf-8")


def test_every_decision_is_listed():
    folder = DOCS / "decisions"
    listed = (folder / "README.md").read_text(encoding="utf-8")
    assert [path.name for path in sorted(folder.glob("0*.md")) if path.name not in listed] == []
