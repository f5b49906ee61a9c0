"""Checks that the documents keep up with the program: links lead somewhere, each command and problem is told."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from kezhuan.config.commandline import COMMANDS
from kezhuan.config.environment import KNOWN

ROOT = Path(__file__).resolve().parents[3]

LINK = re.compile(r"!?\[[^\]]*\]\(<?([^)\s>]+)>?(?: \"[^\"]*\")?\)")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
PROBLEMS = "problems.md"
"""The page that tells of every problem, so that whoever meets a code finds it in one place."""
_TAKE_CODES = {"Problem": 0, "Finding": 0, "Refused": 0, "Refusal": 0, "refuse": 0, "one_problem": 1}
"""What is called with a problem's code, and which of its arguments that is."""
CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
"""A code, beside which some refusals are given a sentence alone."""
HEADING = re.compile(r"^#{1,6} +(.+?) *$", re.MULTILINE)


def faults(root: Path = ROOT) -> list[str]:
    """One sentence per dead link and per command, setting or problem code that is not told of."""
    pages = {path: path.read_text(encoding="utf-8") for path in documents(root)}
    everything = "\n".join(pages.values())
    wrong = [fault for path, text in pages.items() for fault in dead_links(path, text, root)]
    wrong += [f"no document tells of ./kezhuan {name}" for name in COMMANDS if f"./kezhuan {name}" not in everything]
    wrong += [f"no document tells of the setting {name}" for name in KNOWN if name not in everything]
    codes = sorted(set(problem_codes(root / "src")))
    told = "\n".join(text for path, text in pages.items() if path.name == PROBLEMS)
    wrong += [f"{PROBLEMS} does not tell of the problem `{code}`" for code in codes if f"`{code}`" not in told]
    return wrong


def documents(root: Path) -> list[Path]:
    """The README, the change log and every page under docs/."""
    return [path for path in (root / "README.md", root / "CHANGELOG.md") if path.exists()] + sorted(
        root.glob("docs/**/*.md")
    )


def dead_links(path: Path, text: str, root: Path) -> Iterator[str]:
    """Links of a page to files or headings that are not there; addresses on the web are not followed."""
    for target in LINK.findall(FENCE.sub("", text)):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        place = (path.parent / name) if name else path
        if not place.exists():
            yield f"{path.relative_to(root)}: the link to {target} leads nowhere"
        elif anchor and place.suffix == ".md" and anchor not in anchors(place.read_text(encoding="utf-8")):
            yield f"{path.relative_to(root)}: {name or 'the page'} has no heading for #{anchor}"


def anchors(text: str) -> set[str]:
    """The names by which the headings of a page can be linked to."""
    plain = (
        re.sub(r"[`*]|\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
        for heading in HEADING.findall(FENCE.sub("", text))
    )
    return {re.sub(r"[^\w\- ]", "", heading).replace(" ", "-") for heading in plain}


def problem_codes(source: Path) -> Iterator[str]:
    """Every code that the program gives a problem or finding as a constant, or has a sentence for in a table of
    sentences."""
    for path in sorted(source.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.AnnAssign) and isinstance(node.value, ast.Dict):
                if isinstance(node.target, ast.Name) and node.target.id.endswith("_SENTENCES"):
                    yield from (ast.literal_eval(key) for key in node.value.keys if key is not None)
            elif isinstance(node, ast.Call) and (name := ast.unparse(node.func).rpartition(".")[2]) in _TAKE_CODES:
                by_name = (key.value for key in node.keywords if key.arg == "code")
                given = next(iter([*node.args[_TAKE_CODES[name] :], *by_name]), None)
                if isinstance(given, ast.Constant) and isinstance(given.value, str) and CODE.fullmatch(given.value):
                    yield given.value
