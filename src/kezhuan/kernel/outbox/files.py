"""The file outbox: messages as files in the data folder, for a city that has no mail server or gateway yet."""

import os
from collections.abc import Callable
from pathlib import Path

from django.conf import settings

from kezhuan.kernel.outbox.ways import Outgoing
from kezhuan.kernel.text import today


class FileOutbox:
    """Writes each message under its number; the same one written again is the same file."""

    name = "files"
    repeatable = True

    def send(self, out: Outgoing, begin: Callable[[], None]) -> None:
        """Leave the message for whoever carries it on."""
        begin()
        lines = [f"To: {out.to}", f"Subject: {out.subject}"]
        lines += [f"Link: {out.link}"] if out.link else []
        lines += [f"Stop: {out.stop}"] if out.stop else []
        keep(f"{out.channel}-{out.number}.txt", "\n".join([*lines, "", out.text, ""]).encode())


def keep(name: str, content: bytes) -> Path:
    """Write a file of today's folder, whole or not at all, readable by the program's own account alone."""
    folder: Path = settings.DATA / "outbox" / today().isoformat()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = folder / name
    written = file.with_suffix(f".{os.getpid()}.part")
    with os.fdopen(os.open(written, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())
    written.replace(file)
    return file
