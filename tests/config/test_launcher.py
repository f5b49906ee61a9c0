import hashlib
import os
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pip
import pytest

from kezhuan.config import install

pytestmark = pytest.mark.xdist_group("launcher")
ROOT = Path(__file__).resolve().parents[2]
PYTHON = sys._base_executable

DIST = "tiny-1.0.dist-info"


def make_project(folder: Path) -> Path:
    """The real launcher with one small dependency and a program of one line."""
    (folder / "src/kezhuan/config").mkdir(parents=True)
    (folder / "wheels").mkdir()
    shutil.copy(ROOT / "kezhuan", folder)
    shutil.copy(ROOT / "src/kezhuan/config/install.py", folder / "src/kezhuan/config")
    (folder / "src/kezhuan/__init__.py").touch()
    (folder / "src/kezhuan/__main__.py").write_text("import sys, tiny\nprint(tiny.WORD, *sys.argv[1:])\n")
    wheel = folder / "wheels/tiny-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("tiny.py", "WORD = 'hello'\n")
        archive.writestr(f"{DIST}/METADATA", "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n")
        archive.writestr(f"{DIST}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{DIST}/RECORD", f"tiny.py,,\n{DIST}/METADATA,,\n{DIST}/WHEEL,,\n{DIST}/RECORD,,\n")
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    (folder / "requirements.lock").write_text(f"tiny==1.0 \\\n    --hash=sha256:{digest}\n")
    shutil.copy(folder / "requirements.lock", folder / "requirements-dev.lock")
    return folder


def start(folder: Path, *words: str, path: Path | None = None, **variables: str) -> subprocess.Popen[str]:
    environment = {"PATH": str(path) if path else os.environ["PATH"], "PIP_CONFIG_FILE": os.devnull, **variables}
    if path is None:
        environment.setdefault("KEZHUAN_PYTHON", PYTHON)
    return subprocess.Popen(
        [folder / "kezhuan", *words], env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def finish(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, err = process.communicate()
    return process.returncode, out, err


def fake_path(folder: Path, **scripts: str) -> Path:
    """A PATH with only what the launcher may rely on, and the given stand-ins for Python."""
    folder.mkdir()
    for tool in ("sh", "dirname", "readlink", "sha256sum"):
        (folder / tool).symlink_to(shutil.which(tool))
    for name, script in scripts.items():
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)
    return folder


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A folder with a space in its name, first started by two launchers at the same moment."""
    folder = make_project(tmp_path_factory.mktemp("launcher") / "a folder")
    both = [start(folder, "one"), start(folder, "two")]
    assert [finish(process)[:2] for process in both] == [(0, "hello one\n"), (0, "hello two\n")]
    return folder


def test_second_start_installs_nothing(project):
    before = (project / ".venv/requirements.lock.stamp").stat().st_mtime_ns
    assert finish(start(project, "again")) == (0, "hello again\n", "")
    assert (project / ".venv/requirements.lock.stamp").stat().st_mtime_ns == before


def test_start_through_a_link_from_elsewhere_finds_its_folder(project, tmp_path):
    (tmp_path / "link").symlink_to(project / "kezhuan")
    (tmp_path / "tiny.py").write_text("WORD = 'wrong: taken from the working folder'\n")
    answer = subprocess.run([tmp_path / "link"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (answer.returncode, answer.stdout) == (0, "hello\n")


def test_development_tools_are_added_without_making_the_environment_anew(project):
    made = (project / ".venv/pyvenv.cfg").stat().st_mtime_ns
    shutil.rmtree(project / "wheels")  # the tools never come from a bundle; here everything is installed already
    assert finish(start(project, "check"))[:2] == (0, "hello check\n")
    assert (project / ".venv/requirements-dev.lock.stamp").exists()
    assert (project / ".venv/pyvenv.cfg").stat().st_mtime_ns == made


def test_environment_of_another_place_or_half_installed_is_not_used(project, tmp_path):
    """That it is made anew and whole is the proof `moved-folder`."""
    said = f'case "$2" in *install.py) echo installing "$4"; exit 3 ;; esac; exec {PYTHON} "$@"'
    path = fake_path(tmp_path / "bin", python3=said)
    moved = make_project(project.parent / "moved")
    shutil.copytree(project / ".venv", moved / ".venv", symlinks=True)
    assert finish(start(moved, path=path)) == (3, "installing requirements.lock\n", "")
    stamp = moved / ".venv/requirements.lock.stamp"
    stamp.write_text(f"{install.stamp(moved, install.RUNTIME_LOCK)}\n")
    assert finish(start(moved, "here", path=path)) == (0, "hello here\n", "")
    stamp.unlink()
    assert finish(start(moved, path=path)) == (3, "installing requirements.lock\n", "")


def test_no_network_is_one_sentence_in_each_language(project):
    lock = project / "requirements-dev.lock"
    kept = lock.read_text()
    lock.write_text(f"{kept}absent==1.0 \\\n    --hash=sha256:{'0' * 64}\n")
    code, out, err = finish(start(project, "check", PIP_INDEX_URL="http://127.0.0.1:9/simple", PIP_RETRIES="0"))
    lock.write_text(kept)
    assert (code, out) == (2, "")
    assert err.splitlines()[-2:] == [
        "没有网络，无法下载依赖：请连上网络或设置软件源镜像，或在有网络的机器上用 ./kezhuan bundle 制作离线包。",
        (
            "No network to fetch the dependencies from: connect, set a mirror for pip, "
            "or make an offline archive with ./kezhuan bundle on a machine that has network."
        ),
    ]
    assert "Traceback" not in err


def refusal(folder: Path) -> list[str]:
    """The sentences in which an installation into an environment that has nothing but pip is refused."""
    venv.EnvBuilder(symlinks=True).create(folder / ".venv")
    (library,) = (folder / ".venv").glob("lib/*/site-packages")
    (library / "pip").symlink_to(Path(pip.__file__).parent)
    with pytest.raises(install.Refused) as refused:
        install.install(folder, install.RUNTIME_LOCK)
    return refused.value.sentences.splitlines()


def test_bundle_without_wheels_for_this_machine_names_the_way_out(tmp_path):
    folder = make_project(tmp_path / "project")
    (folder / "wheels/tiny-1.0-py3-none-any.whl").rename(folder / "wheels/tiny-1.0-cp99-cp99-manylinux_2_28_s390x.whl")
    chinese, english = refusal(folder)
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    assert f"./kezhuan bundle FILE --python {version} 重新制作" in chinese
    assert english.startswith(
        f"The bundle has no wheels for this machine (Python {version}, {os.uname().machine}); bundles are for x86_64 "
        f"and aarch64: make one with ./kezhuan bundle FILE --python {version} on a machine with network: "
    )


def test_bundle_that_was_altered_names_the_way_out(tmp_path):
    folder = make_project(tmp_path / "project")
    lock = folder / "requirements.lock"
    lock.write_text(f"tiny==1.0 \\\n    --hash=sha256:{'0' * 64}\n")
    assert "make or unpack the bundle anew" in refusal(folder)[-1]


def test_python_too_old_is_one_sentence_in_each_language(tmp_path):
    path = fake_path(tmp_path / "bin", python3="echo 3.9")
    code, out, err = finish(start(make_project(tmp_path / "project"), path=path))
    assert (code, out) == (2, "")
    assert err.splitlines() == [
        "这里的 Python 是 3.9，本程序需要 3.11 或更新的版本；装好后可用环境变量 KEZHUAN_PYTHON 指明其路径。",
        "Python here is 3.9, 3.11 or newer is needed; once installed, name it in the variable KEZHUAN_PYTHON.",
    ]


def test_newer_python_beside_an_old_one_is_taken(tmp_path):
    newer = f'case "$2" in *install.py) echo installing; exit 3 ;; esac; exec {PYTHON} "$@"'
    path = fake_path(tmp_path / "bin", python3="echo 3.9", **{"python3.11": newer})
    assert finish(start(make_project(tmp_path / "project"), path=path)) == (3, "installing\n", "")


def test_missing_venv_names_the_package_to_install(tmp_path):
    path = fake_path(tmp_path / "bin", python3='case "$2" in *ensurepip*) exit 1 ;; esac; echo 3.11')
    code, out, err = finish(start(make_project(tmp_path / "project"), path=path))
    assert (code, out) == (2, "")
    assert err.splitlines() == [
        "这里的 Python 3.11 缺少 venv 或 ensurepip，请先执行：apt install python3-venv",
        "Python 3.11 here lacks venv or ensurepip; run: apt install python3-venv",
    ]


def test_a_program_that_is_no_python_is_named(tmp_path):
    folder = make_project(tmp_path / "project")
    for said in ("", "echo yes"):
        path = fake_path(tmp_path / f"bin{len(said)}", other=said)
        code, out, err = finish(start(folder, path=path, KEZHUAN_PYTHON=str(path / "other")))
        assert (code, out) == (2, "")
        said = f"The variable KEZHUAN_PYTHON names {path / 'other'}, which is no Python that runs; correct or unset it."
        assert err.splitlines()[1:] == [said]


def test_no_python_names_the_packages_to_install(tmp_path):
    code, _, err = finish(start(make_project(tmp_path / "project"), path=fake_path(tmp_path / "bin")))
    assert code == 2
    assert err.splitlines() == [
        "没有找到 Python，请先执行：apt install python3 python3-venv",
        "No Python found; run: apt install python3 python3-venv",
    ]


def test_folder_that_cannot_be_written_is_one_sentence_in_each_language(tmp_path):
    folder = make_project(tmp_path / "project")
    if os.getuid() == 0:
        (folder / ".venv.lock").mkdir()  # root may write everywhere; this fails at the same place
    else:
        folder.chmod(0o555)
    code, out, err = finish(start(folder))
    assert (code, out) == (2, "")
    assert err.splitlines() == [
        f"文件夹 {folder} 不可写，无法安装依赖；请把它放到可写的位置，或换有写权限的用户运行。",
        (
            f"The folder {folder} cannot be written, so nothing can be installed there; "
            "move it to a writable place or run as a user who may write."
        ),
    ]
