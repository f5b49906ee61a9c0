"""`./kezhuan bundle FILE`: one archive with the program and all its wheels, to install where there is no network."""

import gzip
import hashlib
import io
import os
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from kezhuan import __version__
from kezhuan.config.speech import Parser, told

ROOT = Path(__file__).resolve().parents[4]

ARCHITECTURES = ("x86_64", "aarch64")

# glibc 2.28 is what the oldest servers still in service have; wheels for older ones fit them as well.
GLIBC = ("_2_28", "_2_27", "_2_26", "_2_24", "_2_17", "2014", "_2_12", "2010", "_2_5", "1")

# Left behind when the sources do not come from git.
NOT_SOURCE = {".git", ".venv", ".venv.lock", "data", "data-demo", "wheels", "dist", "__pycache__"}


class Refused(Exception):
    """The archive cannot be made; the message says why and what to do, in Chinese and in English."""


def run(argv: list[str]) -> int:
    """Write the archive; returns 0, 1 when wheels cannot be fetched, 2 for a name that is neither .tar.gz nor .zip."""
    parser = Parser(
        "bundle",
        "把程序及其全部依赖打成一个压缩包，供无网络的机器安装。",
        "Write one archive with the program and all its wheels, to install where there is no network.",
    )
    archive = told("压缩包：FILE.tar.gz 或 FILE.zip", "the archive: FILE.tar.gz or FILE.zip")
    python = told(
        "目标机器的 Python 版本（缺省 3.11），可多次给出", "a Python version of the target (default: 3.11); repeatable"
    )
    parser.add_argument("file", type=Path, metavar="FILE", help=archive)
    parser.add_argument("--python", action="append", metavar="VERSION", help=python)
    arguments = parser.parse_args(argv)
    target: Path = arguments.file
    if not target.name.endswith((".tar.gz", ".tgz", ".zip")):
        print(
            f"{target}：请以 .tar.gz 或 .zip 结尾。\n{target}: the name must end in .tar.gz or .zip.", file=sys.stderr
        )
        return 2
    try:
        with tempfile.TemporaryDirectory(prefix="kezhuan-bundle-") as folder:
            wheels = Path(folder)
            for version in arguments.python or ["3.11"]:
                for architecture in ARCHITECTURES:
                    print(f"下载依赖 Fetching wheels: Python {version}, {architecture}", file=sys.stderr, flush=True)
                    fetch(wheels, version, architecture)
            files = {f"wheels/{path.name}": path for path in sorted(wheels.iterdir())} | sources()
            write(target, files)
    except Refused as refused:
        print(refused, file=sys.stderr)
        return 1
    except OSError as error:
        print(
            f"{target}：无法写入（{error.strerror}）；请换一个可写、空间足够的位置。\n"
            f"{target}: cannot be written ({error.strerror}); name a place that can be, with room enough.",
            file=sys.stderr,
        )
        return 2
    size = target.stat().st_size / 1e6
    print(f"{target}  {size:.0f} MB  {len(files)} files, wheels for {' and '.join(ARCHITECTURES)}")
    print("解包后执行 ./kezhuan demo 即可，无需网络；可用 sha256sum -c SHA256SUMS 核对。")
    print("Unpack it and run ./kezhuan demo: no network is needed; sha256sum -c SHA256SUMS checks it.")
    return 0


def fetch(wheels: Path, version: str, architecture: str) -> None:
    """Fetch every wheel of the lock file for one kind of machine, hashes checked; raises Refused."""
    tag = version.replace(".", "")
    command = [sys.executable, "-I", "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-input"]
    command += ["--require-hashes", "--only-binary", ":all:", "--no-deps", "--dest", str(wheels)]
    command += ["--implementation", "cp", "--python-version", version]
    command += [part for abi in (f"cp{tag}", "abi3", "none") for part in ("--abi", abi)]
    command += [part for glibc in GLIBC for part in ("--platform", f"manylinux{glibc}_{architecture}")]
    command += ["--requirement", str(ROOT / "requirements.lock")]
    pip = subprocess.run(command, capture_output=True, text=True, check=False)
    if pip.returncode:
        reason = next(
            (line for line in pip.stderr.splitlines() if line.startswith("ERROR: ")), pip.stderr.strip()[-300:]
        )
        raise Refused(
            f"无法取得 Python {version}、{architecture} 的全部依赖，请检查网络后重试：{reason}\n"
            f"Not every wheel for Python {version} on {architecture} could be fetched; "
            f"check the network and repeat: {reason}"
        )


def sources() -> dict[str, Path]:
    """The program's own files by their place in the archive: what git tracks, else the tree without leftovers."""
    tracked: list[str] = []
    if (ROOT / ".git").exists():
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
        tracked = [name for name in listed.stdout.split("\0") if name]
    names = tracked or sorted(_untracked_tree(ROOT))
    return {name: ROOT / name for name in names if (ROOT / name).is_file()}


def _untracked_tree(root: Path) -> Iterator[str]:
    for folder, folders, files in os.walk(root):
        folders[:] = [name for name in folders if name not in NOT_SOURCE and not name.endswith("_cache")]
        for name in files:
            if name not in NOT_SOURCE and not name.endswith((".pyc", ".tar.gz", ".tgz", ".zip")):
                yield str((Path(folder) / name).relative_to(root))


def write(target: Path, files: dict[str, Path]) -> None:
    """Write the archive with its checksums, whole or not at all; the same files give the same bytes."""
    unfinished = target.with_name(f".{target.name}.unfinished")
    try:
        (_write_zip if target.suffix == ".zip" else _write_tar)(unfinished, _entries(files))
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)


def _entries(files: dict[str, Path]) -> Iterator[tuple[str, bytes, int]]:
    """Name, content and permissions of each file in the archive, the checksums last."""
    top = f"kezhuan-{__version__}"
    sums = ""
    for name, path in sorted(files.items()):
        content = path.read_bytes()
        sums += f"{hashlib.sha256(content).hexdigest()}  {name}\n"
        yield f"{top}/{name}", content, 0o755 if os.access(path, os.X_OK) else 0o644
    yield f"{top}/SHA256SUMS", sums.encode(), 0o644


def _write_tar(target: Path, entries: Iterable[tuple[str, bytes, int]]) -> None:
    # Wheels are compressed already; a light pass is enough for the rest.
    with (
        target.open("wb") as raw,
        gzip.GzipFile(filename="", fileobj=raw, mode="wb", compresslevel=1, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        for name, content, mode in entries:
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(content), mode
            archive.addfile(member, io.BytesIO(content))


def _write_zip(target: Path, entries: Iterable[tuple[str, bytes, int]]) -> None:
    with zipfile.ZipFile(target, "w") as archive:
        for name, content, mode in entries:
            member = zipfile.ZipInfo(name)
            member.external_attr = mode << 16
            member.compress_type = zipfile.ZIP_STORED if name.endswith(".whl") else zipfile.ZIP_DEFLATED
            archive.writestr(member, content)
