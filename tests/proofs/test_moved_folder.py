"""Proof: a moved folder with an interrupted installation has its environment made anew and whole."""

import shutil

from tests.config.test_launcher import finish, make_project, start


def test_interrupted_installation_in_a_moved_folder_is_repaired(tmp_path, figure):
    """That such an environment is not used stands in tests/config/test_launcher.py."""
    folder, moved = make_project(tmp_path / "a folder"), make_project(tmp_path / "moved")
    assert finish(start(folder, "one"))[:2] == (0, "hello one\n")
    shutil.copytree(folder / ".venv", moved / ".venv", symlinks=True)
    (leftover,) = (moved / ".venv").glob("lib/*/site-packages/tiny.py")
    leftover.unlink()
    (moved / ".venv/requirements.lock.stamp").unlink()
    assert finish(start(moved, "repaired"))[:2] == (0, "hello repaired\n")
    assert leftover.exists()
    figure("a moved and half installed environment was made anew at the first start")
