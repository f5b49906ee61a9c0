"""Which table of meanings the site's index uses: the city's own when one was trained, else the one that is shipped."""

import logging
from functools import cache
from pathlib import Path

from django.conf import settings

from kezhuan.engines.matching.meaning import Table, UnusableTable, shipped

log = logging.getLogger(__name__)


def own_table() -> Path:
    """Where `./kezhuan train` puts the city's table."""
    return Path(settings.DATA) / "meaning.npz"


def table_in_use() -> Table:
    """The table; a running process keeps the one it has read first."""
    return _read(own_table())


@cache
def _read(path: Path) -> Table:
    if not path.is_file():
        return shipped()
    try:
        return Table.load(path)
    except UnusableTable as problem:
        log.warning("%s The table that comes with the program is used instead.", problem)
        return shipped()
