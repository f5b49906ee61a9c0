"""A machine with less on it: no network, no compiler, no gettext, no pango, no fonts."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

# Replaced by an empty file, or for a folder by an empty folder, for the process that runs there.
HIDDEN = (
    "/usr/bin/cc", "/usr/bin/c++", "/usr/bin/gcc*", "/usr/bin/g++*", "/usr/bin/cpp*", "/usr/bin/c89*", "/usr/bin/c99*",
    "/usr/bin/clang*", "/usr/bin/make", "/usr/bin/ld*", "/usr/bin/as", "/usr/bin/*-linux-gnu-*",
    "/usr/bin/msg*", "/usr/bin/xgettext", "/usr/bin/fc-*", "/usr/bin/git",
    "/usr/lib/*/libpango*", "/usr/lib/*/libcairo*", "/usr/lib/*/libfontconfig*", "/usr/lib/*/libharfbuzz*",
    "/usr/include", "/usr/share/fonts", "/etc/fonts",
)  # fmt: skip

HIDE = """
set -eu
for place in $HIDDEN; do
    if [ -d "$place" ]; then mount -t tmpfs none "$place"
    elif [ -f "$place" ] && ! [ -L "$place" ]; then mount --bind /dev/null "$place"
    fi
done
exec env -i PATH="$BARE_PATH" HOME="$HOME" KEZHUAN_PYTHON="$KEZHUAN_PYTHON" "$@"
"""


@pytest.fixture
def postgres(figure: Callable[[str], None]) -> str:
    """The address of a server, for what is proved on both databases. Without one the figures say that it was left out,
    and under CI the proof fails: what ran on one database proves nothing of the other."""
    address = os.environ.get("PROOF_POSTGRES_URL", "")
    if not address:
        if os.environ.get("CI") == "true":
            pytest.fail("PostgreSQL is not installed; under CI nothing is left out.")
        figure("PostgreSQL left out: none is installed here")
        pytest.skip("no PostgreSQL here")
    return address


@pytest.fixture
def bare_machine(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs a command where only coreutils and Python are left; without namespaces the proof is left out."""
    unshare = ["unshare", "--mount", "--net", *([] if os.getuid() == 0 else ["--map-root-user"])]
    if subprocess.run([*unshare, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine does not let a process have a network and file tree of its own")
    tools = tmp_path / "bare-bin"
    tools.mkdir()
    for name in ("sh", "dirname", "readlink", "sha256sum"):
        (tools / name).symlink_to(shutil.which(name))
    home = tmp_path / "home"
    home.mkdir()
    debian = Path("/usr/bin/python3")
    has_pip = debian.exists() and not subprocess.run([debian, "-c", "import ensurepip"], check=False).returncode
    python = str(debian) if has_pip and sys.version_info[:2] == (3, 11) else sys._base_executable

    def run(*command: str, cwd: Path) -> subprocess.CompletedProcess[str]:
        variables = {"HIDDEN": " ".join(HIDDEN), "BARE_PATH": str(tools), "HOME": str(home), "KEZHUAN_PYTHON": python}
        return subprocess.run(
            [*unshare, "sh", "-c", HIDE, "sh", *command],
            cwd=cwd, env={"PATH": os.environ["PATH"], **variables}, capture_output=True, text=True, check=False,
        )  # fmt: skip

    return run
