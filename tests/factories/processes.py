"""The processes of this machine, as a test that starts or kills some looks at them."""

from pathlib import Path


def children(pid: int) -> dict[int, str]:
    """Processes right below a process, by number, with their command lines."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[1])
            words = (folder / "cmdline").read_bytes().decode(errors="replace").replace("\0", " ")
        except (OSError, ValueError):  # it ended meanwhile
            continue
        if parent == pid:
            found[int(folder.name)] = words
    return found


def descendants(pid: int) -> dict[int, str]:
    """Processes below a process and below these."""
    own = children(pid)
    return own | {number: words for child in own for number, words in descendants(child).items()}


def is_gone(pid: int) -> bool:
    """Whether a process has ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[0] == "Z"
    except OSError:
        return True
