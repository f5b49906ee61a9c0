"""How the seal of an application is taken."""

from kezhuan.areas.calls.models import Application
from kezhuan.areas.calls.sealing import TEXTS, put_words
from kezhuan.kernel.access import Actor
from kezhuan.kernel.documents import open_files
from kezhuan.kernel.sealing import key_of, take_words


def take_seal(row: Application, key: bytes) -> None:
    """Let a sealed application and its files be read by this key of it, unsaved; from then on it is as any other."""
    put_words(row, take_words(row.record, key))
    row.sealed = False
    open_files(row.record, key)


def open_own(row: Application, _actor: Actor) -> None:
    """A step after a move: its unit opens it, for which the site's sealing key is enough."""
    key = key_of(row.pk)
    if key is not None:
        take_seal(row, key)
        row.record.save(update_fields=list(TEXTS))
        row.save(force_update=True)
