"""The index that this process holds."""

import threading
from pathlib import Path

from django.conf import settings

from kezhuan.kernel.search.live import LiveIndex


class _Held:
    """This process's index, and the lock under which it is made."""

    index: LiveIndex | None = None
    making = threading.Lock()


def live_index() -> LiveIndex:
    """This process's index."""
    with _Held.making:
        folder = Path(settings.DATA) / "index"
        if _Held.index is None or _Held.index.folder != folder:
            _Held.index = LiveIndex(folder)
        return _Held.index


def forget_live_index() -> None:
    """Drop this process's index (tests, and a data folder that was put back from a copy)."""
    with _Held.making:
        _Held.index = None
