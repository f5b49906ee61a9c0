"""Proof: broken files, each in a process of its own, each one sentence, no traceback, good rows kept."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.engines.tables.broken_files import BROKEN

SCRIPT = "import sys; from kezhuan.config.commandline import main; sys.exit(main(sys.argv[1:]))"
NEED = "碳化硅 氮化镓 result a d"


def test_broken_files_give_one_sentence_each_and_keep_good_rows(tmp_path: Path, figure: Callable[[str], None]) -> None:
    sentences = kept = 0
    for broken in BROKEN:
        folder = tmp_path / broken.name
        folder.mkdir()
        out = folder / "run.csv"
        arguments = ["match", "--need", NEED, str(broken.make(folder)), "--quiet", "--top", "9999", "--out", str(out)]
        done = subprocess.run([sys.executable, "-c", SCRIPT, *arguments], capture_output=True, text=True, check=False)
        said = done.stderr.splitlines()
        assert "Traceback" not in done.stderr, broken.name
        if broken.file_code:
            assert (done.returncode, len(said), out.exists()) == (2, 1, False), broken.name
        else:
            assert (done.returncode, len(said)) == (0, len(broken.row_codes)), broken.name
            kept += broken.good
        sentences += len(said)
    assert len(BROKEN) >= 20
    figure(f"{len(BROKEN)} broken files, {sentences} sentences, 0 tracebacks, {kept:,} good rows kept")
