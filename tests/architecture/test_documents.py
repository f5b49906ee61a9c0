"""The documents' generated parts agree with the code, and every decision is listed."""

from pathlib import Path

from kezhuan.config import stages

DOCS = Path(__file__).parents[2] / "docs"


def test_generated_parts_agree_with_the_code():
    stale = [path.name for path, text in stages.documents(DOCS).items() if path.read_text(encoding="utf-8") != text]
    assert stale == [], "run tools/stages"


def test_every_decision_is_listed():
    folder = DOCS / "decisions"
    listed = (folder / "README.md").read_text(encoding="utf-8")
    assert [path.name for path in sorted(folder.glob("0*.md")) if path.name not in listed] == []
