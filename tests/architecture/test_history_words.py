"""What is done by an edit is told in words: an edit that always touches the same has a name, or its parts have."""

import ast
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest

from kezhuan.kernel import history, registry
from kezhuan.kernel.models import Entry
from tests.architecture.test_sources import called, calls, trees

pytestmark = pytest.mark.xdist_group("sources")
TOLD_BESIDE = {"call.edit:opened_at", "call.edit:shortlist", "approval.edit:asked_by", "race.edit:steps"}
"""Beside these an entry of their own says what was done."""


def touches() -> Iterator[tuple[str, list[str]]]:
    """By kind what each edit touches whose parts stand in the program as they are."""
    for name in trees():
        for call in calls(name):
            given = {one.arg: one.value for one in call.keywords}
            parts, lifecycle = given.get("fields"), call.args[0] if call.args else None
            if called(call) != "touch" or "step" in given or not isinstance(lifecycle, ast.Name):
                continue
            if isinstance(parts, ast.List) and all(isinstance(one, ast.Constant) for one in parts.elts):
                module: Any = import_module(f"kezhuan.{name.removesuffix('.py').replace('/', '.')}")
                yield getattr(module, lifecycle.id).kind, sorted(ast.literal_eval(parts))


def test_every_edit_of_one_thing_says_what_was_done():
    unsaid = []
    for kind, fields in touches():
        name = f"{kind}.edit"
        said = history.said_of(registry.kind_of(kind), Entry(kind=name, data={"fields": fields}))
        finer = f"{name}:{','.join(fields)}"
        if said == history.label(registry.kind_of(kind), name) and not set(fields) <= set(history.PARTS):
            unsaid.append(finer)
    assert set(unsaid) == TOLD_BESIDE
