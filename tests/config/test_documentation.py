from kezhuan.config import documentation
from kezhuan.config.commandline import COMMANDS
from kezhuan.config.environment import KNOWN


def make(root, **pages):
    (root / "docs").mkdir(exist_ok=True)
    (root / "src").mkdir(exist_ok=True)
    complete = [*(f"./kezhuan {name}" for name in COMMANDS), *KNOWN]
    (root / "README.md").write_text("\n".join(complete), encoding="utf-8")
    for name, text in pages.items():
        (root / "docs" / f"{name}.md").write_text(text, encoding="utf-8")


def test_links_that_lead_nowhere_are_named(tmp_path):
    make(
        tmp_path,
        one="# The 需求 page\n[two](two.md) [up](../README.md#no-such) [web](https://example.org) [gone](gone.md)\n"
        "```\n[code](never.md)\n```\n[here](#the-需求-page) [not](#elsewhere)",
        two="[one](one.md#the-需求-page)",
    )
    assert documentation.faults(tmp_path) == [
        "docs/one.md: ../README.md has no heading for #no-such",
        "docs/one.md: the link to gone.md leads nowhere",
        "docs/one.md: the page has no heading for #elsewhere",
    ]


def test_commands_settings_and_problem_codes_must_be_told(tmp_path):
    make(tmp_path, problems="`budget-missing`: say what it may cost.", other="`shares-sum` stands on another page")
    (tmp_path / "src/checks.py").write_text(
        'Problem("budget-missing", "…")\nProblem(code="shares-sum", message="…")\nerrors.Problem("day-late", "…")\n'
        'Finding("no-core", "…")\nRefused("team-twice", "…")\nRefused("没有网络。")\nRefusal("too-many", 1)\n'
        'one_problem(429, "too-fast", "…")\n'
        'ROW_SENTENCES: dict[str, str] = {"bad-bytes": "…"}\n'
    )
    readme = tmp_path / "README.md"
    readme.write_text(readme.read_text().replace("./kezhuan verify", "").replace("KEZHUAN_CITY", ""))
    assert documentation.faults(tmp_path) == [
        "no document tells of ./kezhuan verify",
        "no document tells of ./kezhuan verify-package",
        "no document tells of the setting KEZHUAN_CITY",
        "problems.md does not tell of the problem `bad-bytes`",
        "problems.md does not tell of the problem `day-late`",
        "problems.md does not tell of the problem `no-core`",
        "problems.md does not tell of the problem `shares-sum`",
        "problems.md does not tell of the problem `team-twice`",
        "problems.md does not tell of the problem `too-fast`",
        "problems.md does not tell of the problem `too-many`",
    ]
