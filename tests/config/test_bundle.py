import hashlib
import stat
import subprocess
import zipfile

import pytest

from kezhuan.config.commands import bundle

TOP = "kezhuan-0.1.0"


@pytest.fixture
def wheels(monkeypatch):
    """Stands in for the download; notes what was asked for."""
    asked = []

    def fetch(folder, version, architecture):
        asked.append((version, architecture))
        (folder / f"tiny-1.0-{version}-{architecture}.whl").write_bytes(b"wheel")

    monkeypatch.setattr(bundle, "fetch", fetch)
    return asked


def test_bundle_holds_program_wheels_and_checksums_of_all(wheels, tmp_path):
    target = tmp_path / "city.tar.gz"
    assert bundle.run([str(target)]) == 0
    subprocess.run(["tar", "-xzf", target, "-C", tmp_path], check=True)
    root = tmp_path / TOP
    sums = dict(reversed(line.split("  ", 1)) for line in (root / "SHA256SUMS").read_text().splitlines())
    files = {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}
    assert files - set(sums) == {"SHA256SUMS"}
    assert {name: hashlib.sha256((root / name).read_bytes()).hexdigest() for name in sums} == sums
    assert {"kezhuan", "requirements.lock", "src/kezhuan/__main__.py"} <= files
    assert sorted(name for name in files if name.startswith("wheels/")) == [
        "wheels/tiny-1.0-3.11-aarch64.whl",
        "wheels/tiny-1.0-3.11-x86_64.whl",
    ]
    assert (root / "kezhuan").stat().st_mode & stat.S_IXUSR
    assert not (root / ".venv").exists()


@pytest.fixture
def few_files(monkeypatch):
    """Only some files are put into it: what is asked of them holds for all."""
    chosen = {name: path for name, path in bundle.sources().items() if "/" not in name}
    assert "kezhuan" in chosen
    monkeypatch.setattr(bundle, "sources", lambda: chosen)


def test_bundle_as_zip_keeps_the_launcher_executable(wheels, few_files, tmp_path):
    target = tmp_path / "city.zip"
    assert bundle.run([str(target), "--python", "3.11", "--python", "3.13"]) == 0
    with zipfile.ZipFile(target) as archive:
        assert archive.testzip() is None
        assert archive.getinfo(f"{TOP}/kezhuan").external_attr >> 16 == 0o755
    assert wheels == [("3.11", "x86_64"), ("3.11", "aarch64"), ("3.13", "x86_64"), ("3.13", "aarch64")]


def test_bundle_of_the_same_files_has_the_same_bytes(wheels, few_files, tmp_path):
    first, second = tmp_path / "1.tar.gz", tmp_path / "2.tar.gz"
    bundle.run([str(first)])
    bundle.run([str(second)])
    assert first.read_bytes() == second.read_bytes()


def test_bundle_with_another_ending_is_refused(wheels, tmp_path, capsys):
    assert bundle.run([str(tmp_path / "city.rar")]) == 2
    assert capsys.readouterr().err.endswith("city.rar: the name must end in .tar.gz or .zip.\n")
    assert wheels == []


def test_bundle_into_a_missing_folder_is_one_sentence(wheels, tmp_path, capsys):
    target = tmp_path / "nowhere" / "city.tar.gz"
    assert bundle.run([str(target)]) == 2
    said = f"{target}: cannot be written (No such file or directory); name a place that can be, with room enough."
    assert capsys.readouterr().err.splitlines()[-1] == said


def test_bundle_that_fails_half_way_leaves_nothing(wheels, tmp_path, monkeypatch):
    def break_off(target, entries):
        target.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(bundle, "_write_tar", break_off)
    assert bundle.run([str(tmp_path / "city.tar.gz")]) == 2
    assert list(tmp_path.iterdir()) == []
