"""What tells the site's index which texts are near: the city's own encoder where one is set, else a table of meanings,
the city's own when one was trained, else the one that is shipped."""

import logging
from functools import cache
from pathlib import Path

from django.conf import settings

from kezhuan.engines.matching import Matcher
from kezhuan.engines.matching.encoder import Encoder
from kezhuan.engines.matching.encoder_files import UnusableEncoder
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


def attribution_in_use() -> list[str]:
    """Whose texts tell the site which words are near, as `Table.attribution`; nothing of a city's own encoder."""
    return [] if encoder_in_use() else table_in_use().attribution


def encoder_in_use() -> Encoder | None:
    """The encoder of the setting; a running process keeps the one it has read first."""
    return _opened(settings.ENCODER) if settings.ENCODER else None


@cache
def _opened(folder: str) -> Encoder | None:
    try:
        encoder = Encoder(folder)
        log.info("The encoder of %s gives vectors of %s numbers.", folder, encoder.dimensions)
    except UnusableEncoder as problem:
        log.error("KEZHUAN_ENCODER: %s The table of meanings is used instead.", problem)
        return None
    return encoder


def marks_in_use() -> tuple[str, str]:
    """What tells the table and the encoder; empty without one."""
    encoder = encoder_in_use()
    return table_in_use().mark, encoder.mark if encoder else ""


def new_matcher() -> Matcher:
    """An empty matcher that goes by what is in use."""
    return Matcher(table=table_in_use, encoder=encoder_in_use())
