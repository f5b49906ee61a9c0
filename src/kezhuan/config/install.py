"""Makes the environment beside the launcher from a lock file; the launcher runs it with the system's bare Python."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import subprocess
import sys
import venv
from pathlib import Path

RUNTIME_LOCK = "requirements.lock"

# What pip says when it reaches no index; any of these means "no network" to the reader.
UNREACHABLE = re.compile(
    r"NewConnectionError|Max retries exceeded|name resolution|ConnectTimeout|ReadTimeout|ProxyError|"
    r"Network is unreachable|Connection (broken|refused|reset|aborted)|Could not fetch URL|SSLError|"
    r"from versions: none"
)


class Refused(Exception):
    """Installation cannot go on; carries one sentence in Chinese and one in English."""

    def __init__(self, chinese: str, english: str) -> None:
        super().__init__(english)
        self.sentences = f"{chinese}\n{english}"


def main(argv: list[str]) -> int:
    """Bring the environment under `argv[0]` in step with the lock file named `argv[1]`; 0, or 2 with one sentence."""
    root, lock = Path(argv[0]), argv[1]
    try:
        with locked(root):
            if not is_current(root, lock):  # another launcher may have done it while this one waited
                make(root, lock)
    except Refused as refused:
        print(refused.sentences, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return 0


class locked:  # noqa: N801  (reads as a word: `with locked(root):`)
    """Lets one installation at a time work in a folder; a second one waits."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def __enter__(self) -> None:
        try:
            self.file = (self.root / ".venv.lock").open("a")
        except OSError as error:
            raise Refused(
                f"文件夹 {self.root} 不可写，无法安装依赖；请把它放到可写的位置，或换有写权限的用户运行。",
                f"The folder {self.root} cannot be written, so nothing can be installed there; "
                "move it to a writable place or run as a user who may write.",
            ) from error
        try:
            fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("正在等待另一个安装完成… Waiting for another installation to finish…", file=sys.stderr)
            fcntl.flock(self.file, fcntl.LOCK_EX)

    def __exit__(self, *_: object) -> None:
        self.file.close()


def stamp(root: Path, lock: str) -> str:
    """What an environment made now from `lock` would be made from; the launcher writes the same line in shell."""
    digest = hashlib.sha256((root / lock).read_bytes()).hexdigest()
    return f"{digest} {sys.version_info[0]}.{sys.version_info[1]} {root}"


def is_current(root: Path, lock: str) -> bool:
    """Whether the environment is complete and made from exactly this lock file, Python and place."""
    written = root / ".venv" / f"{lock}.stamp"
    return (
        (root / ".venv/bin/python").exists() and written.exists() and written.read_text().strip() == stamp(root, lock)
    )


def make(root: Path, lock: str) -> None:
    """Create the environment, or add the development tools to a good one, and stamp it; raises Refused."""
    place = root / ".venv"
    extends = lock != RUNTIME_LOCK and is_current(root, RUNTIME_LOCK)
    try:
        if not extends:
            for old in place.glob("*.stamp"):
                old.unlink()
            say("创建运行环境 Creating the environment")
            venv.EnvBuilder(clear=True, symlinks=True, with_pip=True).create(place)
        install(root, lock)
        library = place / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}" / "site-packages"
        (library / "kezhuan.pth").write_text(f"{root / 'src'}\n", encoding="utf-8")
        # The development lock holds every line of the runtime lock, so it satisfies both.
        for name in {lock, RUNTIME_LOCK}:
            (place / f"{name}.stamp").write_text(stamp(root, name) + "\n", encoding="utf-8")
    except (OSError, subprocess.CalledProcessError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise Refused(
            f"无法在 {place} 建立运行环境：{reason}；排除后重新运行即可。",
            f"The environment at {place} could not be made: {reason}; put that right and start again.",
        ) from error


def install(root: Path, lock: str) -> None:
    """Install every line of a lock file with its hash checked, from the bundle's wheels when there are any."""
    wheels = root / "wheels"
    bundled = lock == RUNTIME_LOCK and wheels.is_dir()
    source = ["--isolated", "--no-index", "--find-links", str(wheels)] if bundled else []
    # Settings that would put packages elsewhere are dropped; mirrors and certificates of the machine are kept.
    environment = {
        key: value for key, value in os.environ.items() if key not in {"PIP_TARGET", "PIP_PREFIX", "PIP_USER"}
    }
    command = [
        str(root / ".venv/bin/python"),
        "-I",
        "-m",
        "pip",
        "install",
        "--disable-pip-version-check",
        "--no-input",
    ]
    command += ["--progress-bar", "off", "--require-hashes", "--only-binary", ":all:", *source, "-r", str(root / lock)]
    total = sum(1 for line in (root / lock).read_text(encoding="utf-8").splitlines() if re.match(r"[a-z]", line))
    log: list[str] = []
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    ) as pip:
        assert pip.stdout is not None
        done = 0
        for line in pip.stdout:
            log.append(line.rstrip())
            if line.startswith(("Collecting ", "Requirement already satisfied: ")):
                done += 1
                say(f"准备依赖 Fetching {done}/{total} {re.split('[ =]', line.split(maxsplit=1)[1])[0]}")
            elif line.startswith("Installing collected packages"):
                say(f"安装依赖 Installing {total}")
    say("")
    if pip.returncode:
        raise explain(log, bundled=bundled)


def explain(log: list[str], *, bundled: bool) -> Refused:
    """Turn what pip printed into one sentence with the way out."""
    text = "\n".join(log)
    last = next((line.removeprefix("ERROR: ") for line in log if line.startswith("ERROR: ")), log[-1] if log else "pip")
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    if "HASHES" in text:
        return Refused(
            f"取得的依赖与锁定的校验值不符，已停止安装；请换一个软件源镜像，或重新制作、重新解开离线包：{last}",
            "A dependency does not match its pinned hash, so nothing was installed; use another mirror, or make or "
            f"unpack the bundle anew: {last}",
        )
    if bundled:
        return Refused(
            f"离线包里没有适合本机（Python {version}，{os.uname().machine}）的依赖；离线包只支持 x86_64 和 aarch64，"
            f"请在有网络的机器上用 ./kezhuan bundle FILE --python {version} 重新制作：{last}",
            f"The bundle has no wheels for this machine (Python {version}, {os.uname().machine}); bundles are for"
            f" x86_64 and aarch64: make one with ./kezhuan bundle FILE --python {version} on a machine with network:"
            f" {last}",
        )
    if UNREACHABLE.search(text):
        return Refused(
            "没有网络，无法下载依赖：请连上网络或设置软件源镜像，或在有网络的机器上用 ./kezhuan bundle 制作离线包。",
            "No network to fetch the dependencies from: connect, set a mirror for pip, "
            "or make an offline archive with ./kezhuan bundle on a machine that has network.",
        )
    return Refused(
        f"依赖安装失败，按提示排除后重新运行即可：{last}",
        f"Installing the dependencies failed; put right what is said here and start again: {last}",
    )


def say(text: str) -> None:
    """Show progress on one line of the terminal; elsewhere only the beginning of each step."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)
    elif text and not text.startswith("准备依赖"):
        print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
