"""The archive of `./kezhuan bundle` installs and runs without network, compiler, gettext, pango and fonts."""

import subprocess
import time

from kezhuan.config.commands import bundle


def test_bundle_installs_and_runs_the_demo_on_a_bare_machine(tmp_path, bare_machine, figure):
    archive = tmp_path / "kezhuan.tar.gz"
    assert bundle.run([str(archive)]) == 0
    (tmp_path / "there").mkdir()
    subprocess.run(["tar", "-xzf", archive, "-C", tmp_path / "there"], check=True)
    (folder,) = (tmp_path / "there").iterdir()
    sums = subprocess.run(
        ["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=folder, capture_output=True, check=False
    )
    assert sums.returncode == 0, sums.stdout

    began = time.monotonic()
    version = bare_machine(str(folder / "kezhuan"), "--version", cwd=folder)
    assert (version.returncode, version.stdout) == (0, "kezhuan 0.1.0\n"), version.stderr
    installed = time.monotonic() - began
    demo = bare_machine(str(folder / "kezhuan"), "demo", "--no-serve", cwd=folder)
    assert demo.returncode == 0, demo.stdout[-2000:] + demo.stderr[-2000:]
    took = time.monotonic() - began
    size = archive.stat().st_size / 1e6
    figure(f"{size:.0f} MB; without network installed in {installed:.0f} s, demo ready after {took:.0f} s")


def test_bare_machine_has_no_network_compiler_gettext_or_fonts(tmp_path, bare_machine):
    look = (
        "import os, shutil, socket, subprocess, sys\n"
        "tools = [name for name in ('cc', 'gcc', 'msgfmt', 'fc-list') if shutil.which(name)]\n"
        "empty = [not os.path.getsize(path) for path in ('/usr/bin/gcc', '/usr/bin/msgfmt') if os.path.isfile(path)]\n"
        "fonts = os.listdir('/usr/share/fonts') if os.path.isdir('/usr/share/fonts') else []\n"
        "print(tools, all(empty), fonts, [name for _, name in socket.if_nameindex()])\n"
    )
    python = "/usr/bin/python3"
    assert bare_machine(python, "-c", look, cwd=tmp_path).stdout == "[] True [] ['lo']\n"
