"""Scans read back: the squares (QR codes) on the pages of a PDF or a picture.

Files of strangers are drawn in a process of its own, which may die without harm, with limits of memory and time.
"""

import io
import json
import os
import resource
import subprocess
import sys
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MOST_PAGES = 100
MOST_PIXELS = 40_000_000
"""Of one page: A3 at 300 dpi has 17 million."""
SECONDS = 60
_MEMORY = 3 * 1024**3
_RESOLUTION = 200 / 72
"""Pixels for each point of a PDF page."""


@dataclass(frozen=True)
class Scan:
    """What the squares of each page say, page by page."""

    pages: tuple[tuple[str, ...], ...]

    @property
    def found(self) -> tuple[str, ...]:
        """All of it in the order of the pages."""
        return tuple(text for page in self.pages for text in page)


class Unreadable(Exception):
    """The file cannot be drawn, is too large, or took too long."""


def read_scan(content: bytes) -> Scan:
    """Read the squares of a PDF, PNG or JPEG file; raises `Unreadable`."""
    package = Path(__file__).resolve().parents[2]
    environment = {**os.environ, "PYTHONPATH": str(package), "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, "-P", "-m", "kezhuan.engines.scans"]
    try:
        done = subprocess.run(
            command, input=content, capture_output=True, timeout=SECONDS, check=False, env=environment
        )
    except subprocess.TimeoutExpired:
        raise Unreadable from None
    if done.returncode:
        raise Unreadable
    return Scan(tuple(tuple(page) for page in json.loads(done.stdout)))


def _squares(picture: Any) -> list[str]:
    import numpy as np  # here and below: only the process that draws needs them
    import zxingcpp

    found = zxingcpp.read_barcodes(np.asarray(picture), formats=zxingcpp.barcode_formats_from_str("QRCode"))
    return [one.text for one in found]


def _pages(content: bytes) -> list[list[str]]:
    return _pdf_pages(content) if content.startswith(b"%PDF-") else [_squares(_picture(content))]


def _picture(content: bytes) -> Any:
    from PIL import Image

    warnings.simplefilter("error", Image.DecompressionBombWarning)
    with Image.open(io.BytesIO(content), formats=("PNG", "JPEG")) as opened:
        if opened.width * opened.height > MOST_PIXELS:
            raise Unreadable
        return opened.convert("L")


def _pdf_pages(content: bytes) -> list[list[str]]:
    import pypdfium2

    document = pypdfium2.PdfDocument(content)
    if len(document) > MOST_PAGES:
        raise Unreadable
    found = []
    for page in document:
        width, height = page.get_size()
        scale = min(_RESOLUTION, (MOST_PIXELS / max(1.0, width * height)) ** 0.5)
        found.append(_squares(page.render(scale=scale, grayscale=True).to_numpy().squeeze()))
    return found


def main() -> int:
    """Read a file from the standard input and write what its pages say as JSON."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    try:
        pages = _pages(sys.stdin.buffer.read())
    except Exception:  # noqa: BLE001  whatever a stranger's file does, it could not be read
        return 1
    sys.stdout.write(json.dumps(pages))
    return 0


if __name__ == "__main__":
    sys.exit(main())
