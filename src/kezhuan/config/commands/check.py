"""`./kezhuan check [STEP …]`: everything that can be known without running the program, each step with ok or failed."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from kezhuan.config.speech import Parser

ROOT = Path(__file__).resolve().parents[4]


@dataclass(frozen=True)
class Step:
    """One check: what it looks at, and the work, which returns the faults as text; empty when all is well."""

    chinese: str
    work: Callable[[dict[str, str]], str]


def tool(*words: str) -> Callable[[dict[str, str]], str]:
    """A step that runs a Python tool and takes its output as the faults when it exits with anything but 0."""

    def work(environment: dict[str, str]) -> str:
        command = [sys.executable, "-P", *words]
        done = subprocess.run(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
        )
        return (done.stdout.strip() or f"{' '.join(words)} exited with {done.returncode}") if done.returncode else ""

    return work


def translation_faults(environment: dict[str, str]) -> str:
    """The faults of the Chinese catalogue."""
    from kezhuan.config import translations

    return "\n".join(translations.faults())


def documentation_faults(environment: dict[str, str]) -> str:
    """The faults of README, CHANGELOG and docs/."""
    from kezhuan.config import documentation

    return "\n".join(documentation.faults())


LINT_IMPORTS = (
    "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True, no_logo=True))"
)

STEPS = {
    "format": Step("格式", tool("-m", "ruff", "format", "--check", "--quiet", ".")),
    "lint": Step("规则", tool("-m", "ruff", "check", "--quiet", "--output-format", "concise", ".")),
    "types": Step("类型", tool("-m", "mypy")),
    "imports": Step("分层", tool("-c", LINT_IMPORTS)),
    "migrations": Step("迁移", tool("-m", "django", "makemigrations", "--check", "--dry-run")),
    "translations": Step("翻译", translation_faults),
    "documents": Step("文档", documentation_faults),
}


def run(argv: list[str]) -> int:
    """Run the named steps, or all; returns 0 when all are well, 1 when one failed, 2 for a step that does not exist."""
    parser = Parser(
        "check",
        "检查不运行程序就能知道的一切，逐项给出 ok 或 failed；不写名称即检查全部。",
        "Check everything that can be known without running the program; without names, every step.",
    )
    parser.add_argument("steps", nargs="*", metavar="STEP", help=", ".join(STEPS))
    named = parser.parse_args(argv).steps
    unknown = [name for name in named if name not in STEPS]
    if unknown:
        print(f"没有“{unknown[0]}”这一项；共有：{'、'.join(STEPS)}", file=sys.stderr)
        print(f"There is no step “{unknown[0]}”; there are: {', '.join(STEPS)}", file=sys.stderr)
        return 2
    chosen = {name: STEPS[name] for name in named or STEPS}
    failed = []
    # The steps that import the settings get a data folder of their own.
    with tempfile.TemporaryDirectory(prefix="kezhuan-check-") as data, ThreadPoolExecutor(2) as both_cores:
        environment = {key: value for key, value in os.environ.items() if not key.startswith("KEZHUAN_")}
        environment |= {"KEZHUAN_DATA": data, "DJANGO_SETTINGS_MODULE": "kezhuan.config.settings", "MYPYPATH": "src"}
        running = {name: both_cores.submit(step.work, environment) for name, step in chosen.items()}
        for name, work in running.items():
            faults = work.result()
            print(f"{'failed' if faults else 'ok':<7} {name} {chosen[name].chinese}", flush=True)
            if faults:
                failed.append(name)
                print(faults, flush=True)
    if failed:
        print(f"未通过 Failed: {', '.join(failed)}")
    return 1 if failed else 0
