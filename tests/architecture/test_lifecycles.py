"""Reads the tables of stages and moves that the areas register."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from django.utils import translation

ROOT = Path(__file__).resolve().parents[2]


def lifecycles():
    from kezhuan.kernel import registry

    return {kind.slug: kind.lifecycle for kind in registry.kinds()}


@pytest.fixture(scope="module")
def glossary():
    return (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")


def openings():
    """Stages at which an import opens a record on purpose: `stage = "listed"` of its table."""
    tables = (path.read_text(encoding="utf-8") for path in (ROOT / "src/kezhuan/areas").glob("*/tables.py"))
    return {stage for text in tables for stage in re.findall(r'^ +stage = "(\w+)"', text, re.MULTILINE)}


def test_every_move_starts_at_a_stage_that_can_be_reached():
    found = []
    for slug, life in lifecycles().items():
        reached = {next(iter(life.stages)), *(openings() & set(life.stages))}
        while grown := {end for move in life.moves.values() if move.source & reached for end in move.ends} - reached:
            reached |= grown
        found += [f"{slug}: {stage}" for stage in life.stages if stage not in reached]
    assert found == []


def test_every_stage_has_a_way_out_or_is_final():
    from kezhuan.kernel.models.records import Phase

    final = {Phase.DONE, Phase.FAILED, Phase.WITHDRAWN, Phase.VOID}
    found = []
    for slug, life in lifecycles().items():
        left = {stage for move in life.moves.values() for stage in move.source}
        found += [
            f"{slug}: {name}" for name, stage in life.stages.items() if name not in left and stage.phase not in final
        ]
    assert found == []


def test_every_kind_stage_and_move_is_in_the_glossary_in_both_languages(glossary):
    from kezhuan.kernel import registry

    missing = []
    for kind in registry.kinds():
        parts = [*kind.lifecycle.stages.values(), *kind.lifecycle.moves.values()]
        for code, label in [(kind.slug, kind.label), *((f"{kind.slug}.{part.name}", part.label) for part in parts)]:
            for language in ("zh-hans", "en"):
                with translation.override(language):
                    if str(label) not in glossary:
                        missing.append(f"{code} ({language}): {label}")
    assert missing == []


def test_every_move_is_tested():
    told = [*(ROOT / "tests").rglob("test_*.py"), ROOT / "tests" / "areas" / "moves_table.py"]
    tests = "\n".join(path.read_text(encoding="utf-8") for path in told)
    moves = {f"{slug}.{name}": name for slug, life in lifecycles().items() for name in life.moves}
    assert [code for code, name in moves.items() if not re.search(rf"[\"'/.]{re.escape(name)}[\"'/]", tests)] == []


def test_codes_of_every_kind_begin_with_a_letter_of_their_own():
    from kezhuan.kernel import registry

    need = registry.kind_of("need")
    with pytest.raises(ValueError, match="are those of 'need'"):
        registry.register(replace(need, slug="other"))
