"""`./kezhuan check-database` lets every migration run on the server, in a schema of its own; nothing is left there."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg

from kezhuan.config import features
from tests.config.test_check_database import left_behind
from tests.proofs.measuring import ROOT, variables_for


def test_a_server_is_judged_by_features_and_by_the_whole_program(
    postgres: str, tmp_path: Path, figure: Callable[[str], None]
) -> None:
    variables = variables_for(tmp_path, postgres) | {"LC_ALL": "en_GB.UTF-8"}
    command = [sys.executable, "-P", "-m", "kezhuan", "check-database"]
    done = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("\nok ") + done.stdout.startswith("ok ") == len(features.FEATURES) + 1
    with psycopg.connect(postgres) as session:
        assert left_behind(session) == []
    figure(done.stdout.splitlines()[-1])
