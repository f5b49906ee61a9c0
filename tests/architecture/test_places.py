"""No file of the project names a machine's folders or where packages come from: it must run anywhere."""

import re
import subprocess
from pathlib import Path

from kezhuan.config.commands.bundle import sources

ROOT = Path(__file__).resolve().parents[2]

# Built from halves, so that this file does not name them either.
HOSTS = re.compile(
    "|".join(["pypi" + r"\.org", "python" + "hosted", "/sim" + "ple/?\\b", "find-" + "links[ =]/", "file:" + "//"])
)
FOLDERS = re.compile(r"(?<![\w.])/(?:" + "wo" + "rk|ho" + "me|ro" + r"ot)/\w")


def lines_with(pattern: re.Pattern[str], names: list[str]) -> list[str]:
    found = []
    for name in names:
        try:
            text = (ROOT / name).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # not a text file
        found += [f"{name}:{n}" for n, line in enumerate(text.splitlines(), 1) if pattern.search(line)]
    return found


def test_lock_files_name_no_index_and_no_folder():
    locks = ["requirements.lock", "requirements-dev.lock", "requirements-cluster.lock", "requirements-encoder.lock"]
    assert lines_with(re.compile(r"://|--(?:extra-)?index|--find|(?:^| )/"), locks) == []


def test_lock_files_pin_every_line_with_hashes():
    for name in (
        "requirements.lock",
        "requirements-dev.lock",
        "requirements-cluster.lock",
        "requirements-encoder.lock",
    ):
        blocks = re.split(r"\n(?=[a-z])", (ROOT / name).read_text())[1:]
        assert [block for block in blocks if "==" not in block or "--hash=sha256:" not in block] == []


def test_development_lock_holds_every_line_of_the_runtime_lock():
    runtime, development = (
        set(re.findall(r"^[a-z].*==.*$", (ROOT / name).read_text(), re.MULTILINE))
        for name in ("requirements.lock", "requirements-dev.lock")
    )
    assert runtime - development == set()


def test_sources_name_no_folder_of_a_machine():
    names = [name for name in sources() if "/vendor/" not in name]
    assert lines_with(FOLDERS, names) == []


def test_sources_name_no_package_index():
    names = [name for name in sources() if "/vendor/" not in name and name != "tests/config/test_launcher.py"]
    assert lines_with(HOSTS, names) == []


def test_shell_scripts_are_accepted_by_the_shells_they_name():
    for name, shell in (("kezhuan", "sh"), ("tools/lock", "sh"), (".ci/run", "bash")):
        assert subprocess.run([shell, "-n", ROOT / name], capture_output=True, check=False).stderr == b""
