"""Scans for tests: a page on which nothing stands, and reading without a process of its own."""

import io

from PIL import Image

from kezhuan.engines import scans


def blank() -> bytes:
    """A white page as PNG."""
    held = io.BytesIO()
    Image.new("L", (600, 800), "white").save(held, format="PNG")
    return held.getvalue()


def read_here(content: bytes) -> scans.Scan:
    """What `read_scan` answers, read in this process: to start one of its own takes longer than to read."""
    try:
        return scans.Scan(tuple(map(tuple, scans._pages(content))))
    except Exception:  # noqa: BLE001  as where it has a process of its own
        raise scans.Unreadable from None
