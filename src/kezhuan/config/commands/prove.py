"""`./kezhuan prove [NAME …]`: the long proofs of what the program promises, each printing its figure."""

import os
import sys
from contextlib import ExitStack

from kezhuan.config import postgres
from kezhuan.config.commands.test import ROOT, pytest
from kezhuan.config.speech import Parser, told

FOLDER = ROOT / "tests" / "proofs"


def run(argv: list[str]) -> int:
    """Run the named proofs, or all of them; `--list` only names them; 0 when all hold, 1, or 2 for a wrong name."""
    parser = Parser(
        "prove",
        "运行长时间的证明，逐项给出数字；不写名称即运行全部。",
        "Run the long proofs, each printing its figure; without names, all of them.",
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=told("证明的名称", "the proofs to run"))
    parser.add_argument("--list", action="store_true", help=told("只列出名称", "only name them"))
    given = parser.parse_args(argv)
    proofs = {path.stem.removeprefix("test_").replace("_", "-"): path for path in sorted(FOLDER.glob("test_*.py"))}
    names = given.names
    if given.list:
        for name, path in proofs.items():
            print(f"{name:<24} {_first_line(path.read_text(encoding='utf-8'))}")
        return 0
    unknown = [name for name in names if name not in proofs]
    if unknown:
        print(f"没有“{unknown[0]}”这项证明；现有：{'、'.join(proofs)}", file=sys.stderr)
        print(f"There is no proof “{unknown[0]}”; there are: {', '.join(proofs)}", file=sys.stderr)
        return 2
    chosen = [str(proofs[name]) for name in names or proofs]
    with ExitStack() as stack:
        binaries = postgres.find_binaries()
        if binaries:
            # A proof that speaks of both databases finds the second one here.
            os.environ["PROOF_POSTGRES_URL"] = stack.enter_context(postgres.temporary_cluster(binaries))
        return 1 if pytest(["-q", "-s", "-m", "proof", *chosen]) else 0


def _first_line(source: str) -> str:
    return source.removeprefix('"""').split("\n", 1)[0].removesuffix('"""')
