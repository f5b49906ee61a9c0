"""Reads the syntax trees of the program: the few rules that keep it small, none of which a linter knows."""

import ast
import configparser
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

pytestmark = pytest.mark.xdist_group("sources")  # one process reads them
ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "kezhuan"


@cache
def trees() -> dict[str, ast.Module]:
    """Every module of the program by its path inside the package; migrations are Django's."""
    paths = [path for path in sorted(PACKAGE.rglob("*.py")) if "migrations" not in path.parts]
    return {path.relative_to(PACKAGE).as_posix(): ast.parse(path.read_bytes()) for path in paths}


@cache
def nodes() -> dict[str, list[ast.AST]]:
    """Every node of each module: to walk through all takes half a second."""
    return {name: list(ast.walk(tree)) for name, tree in trees().items()}


def calls(name: str) -> Iterator[ast.Call]:
    return (node for node in nodes()[name] if isinstance(node, ast.Call))


def called(call: ast.Call) -> str:
    """The last word of what is called: `create` of `Need.objects.create(…)`."""
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def test_contract_lists_every_area_folder():
    contract = configparser.ConfigParser()
    contract.read(ROOT / ".importlinter", encoding="utf-8")
    listed = contract["importlinter:contract:inside"]["containers"].split()
    folders = {path.parent.name for path in (PACKAGE / "areas").glob("*/__init__.py")}
    assert sorted(listed) == sorted(f"kezhuan.areas.{name}" for name in folders)


def test_every_folder_with_modules_is_a_package():
    folders = {path.parent for path in PACKAGE.rglob("*.py")}
    assert [str(folder.relative_to(ROOT)) for folder in sorted(folders) if not (folder / "__init__.py").exists()] == []


def test_stage_has_one_writer():
    changed, opened = set(), set()
    for name, found in nodes().items():
        for node in found:
            targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
            parts = [
                part for target in targets for part in (target.elts if isinstance(target, ast.Tuple) else [target])
            ]
            attributes = [part for part in parts if isinstance(part, ast.Attribute) and part.attr in {"stage", "phase"}]
            if [part for part in attributes if ast.unparse(part.value) != "self"]:
                changed.add(name)
            if not isinstance(node, ast.Call):
                continue
            named = {word.arg for word in node.keywords} & {"stage", "phase"}
            if called(node) == "Record" and named:
                opened.add(name)
            if called(node) == "update" and named:
                changed.add(name)
            if called(node) in {"save", "bulk_update"}:
                written = {part.value for part in ast.walk(node) if isinstance(part, ast.Constant)}
                changed |= {name} if written & {"stage", "phase"} else set()
    assert changed == {"kernel/lifecycle.py"}
    assert opened <= {"kernel/lifecycle.py", "kernel/bulk.py"}


def test_journal_has_one_writer():
    found = set()
    for name in trees():
        imports = (node for node in nodes()[name] if isinstance(node, ast.ImportFrom))
        kernel = {
            alias.name for node in imports if (node.module or "").startswith("kezhuan.kernel") for alias in node.names
        }
        for call in calls(name):
            makes = called(call) in {"Entry", "EntryText"} & kernel
            writes = called(call) in {"create", "bulk_create", "get_or_create", "update_or_create", "update", "delete"}
            if makes or (writes and re.search(r"\bEntry(Text)?\.objects", ast.unparse(call.func))):
                found.add(name)
    assert found == {"kernel/journal.py"}


WRITES = {"save", "create", "bulk_create", "bulk_update", "get_or_create", "update_or_create", "delete", "update"}


def test_areas_write_only_in_actions_and_the_steps_of_a_lifecycle():
    found = []
    for name in trees():
        if not name.startswith("areas/") or name.endswith(("actions.py", "lifecycle.py")):
            continue
        for call in calls(name):
            # `update` and `create` of a dict, set or form are no writes; those of a queryset hang on `objects`.
            of_rows = called(call) in {"save", "bulk_create", "bulk_update", "get_or_create", "update_or_create"}
            if called(call) in WRITES and (of_rows or ".objects" in ast.unparse(call.func)):
                found.append(f"{name}:{call.lineno} {called(call)}")
    assert found == []


def test_signals_are_used_only_to_renew_the_triggers_after_a_migration():
    found = {
        (name, alias.name)
        for name in trees()
        for node in nodes()[name]
        if isinstance(node, ast.ImportFrom) and node.module in {"django.db.models.signals", "django.dispatch"}
        for alias in node.names
    }
    assert found == {("kernel/apps.py", "post_migrate")}


def explains_itself(lines: list[str]) -> bool:
    return any(line.strip().startswith("# long:") for line in lines)


def test_files_are_short_or_say_why_not():
    """At most 400 lines, unless a comment near the top begins with `# long:` and gives the reason."""
    found = []
    for path in [*sorted(PACKAGE.rglob("*.py")), *sorted((ROOT / "tests").rglob("*.py"))]:
        lines = path.read_text(encoding="utf-8").splitlines()
        if "migrations" not in path.parts and len(lines) > 400 and not explains_itself(lines[:20]):
            found.append(f"{path.relative_to(ROOT)} has {len(lines)} lines")
    assert found == []


def test_functions_are_short_or_say_why_not():
    """At most 60 lines, unless a comment inside begins with `# long:`; tests tell stories and may be longer."""
    found = []
    for name in trees():
        lines = (PACKAGE / name).read_text(encoding="utf-8").splitlines()
        for node in nodes()[name]:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno - node.lineno >= 60:
                own = lines[node.lineno - 1 : node.end_lineno]
                found += [] if explains_itself(own) else [f"{name}:{node.lineno} {node.name} has {len(own)} lines"]
    assert found == []


def test_types_are_passed_over_with_a_reason_beside():
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        bare = re.findall(r"type: ignore(?!\[[a-z, -]+\]  # \S).*", path.read_text(encoding="utf-8"))
        found += [f"{path.relative_to(PACKAGE)}: {one}" for one in bare]
    assert found == []


def test_marks_of_a_module_are_named_once():
    """`pytestmark` named twice is the second alone: what the first marked would run unmarked."""
    found = []
    for path in sorted((ROOT / "tests").rglob("*.py")):
        named = [line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("pytestmark =")]
        found += [str(path.relative_to(ROOT))] if len(named) > 1 else []
    assert found == []


def test_modules_say_what_they_are_for():
    found = [name for name, tree in trees().items() if tree.body and not ast.get_docstring(tree)]
    assert [name for name in found if not name.endswith("__init__.py")] == []


def test_migrations_write_to_the_database_that_is_being_migrated():
    """A copy or a restored backup is migrated beside the running database: `objects` alone is that one."""
    wrong = []
    for path in sorted(PACKAGE.glob("**/migrations/[0-9]*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Attribute)
                and isinstance(node.value, ast.Attribute)
                and node.value.attr == "objects"
            ):
                wrong += [f"{path.name}:{node.lineno}"] if node.attr != "using" else []
    assert wrong == []


def test_tests_of_one_database_are_tests():
    """A name that no test has any more goes from the list: `tools/both` writes it anew."""
    for name in (ROOT / "tests" / "one_database.txt").read_text(encoding="utf-8").splitlines():
        path, _, function = name.partition("[")[0].partition("::")
        assert f"def {function.rpartition('::')[2]}(" in (ROOT / path).read_text(encoding="utf-8"), name


def test_changelog_says_each_change_once():
    """Two who add to its end at once may leave a line twice."""
    told = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").splitlines()
    assert [line for number, line in enumerate(told) if line and line in told[:number]] == []
