"""Whose a row's record becomes when the row itself names a unit: looked up once per name among those we know."""

from django.db.models import QuerySet

from kezhuan.kernel.models import Organisation
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.text import clean, fold, listed

KNOWN = frozenset({Phase.PUBLIC, Phase.ACTIVE})
"""Only units in the public list or verified: whoever merely claims a name is given nothing by a file."""
_MOST_NAMED = 3


class Owners:
    """Organisations by exact name or credit code, remembered; and which words named none."""

    def __init__(self) -> None:
        self._known: dict[str, Organisation | None] = {}
        self._names: dict[str, int | None] | None = None
        self.unknown: dict[str, int] = {}
        """How many rows name each unit that is not known."""

    def named(self, words: tuple[str, ...]) -> Organisation | None:
        """The organisation that the first fitting words name; None for no words, and for words that name none or many.

        Words that name none are counted under the last ones given, which is the name.
        """
        for one in words:
            if (found := self.known(one)) is not None:
                return found
        if words:
            self.unknown[words[-1]] = self.unknown.get(words[-1], 0) + 1
        return None

    def known(self, word: str) -> Organisation | None:
        """The one organisation of this name or credit code; None for a word that names none or many."""
        if word not in self._known:
            self._known[word] = _of_code(word) or self._of_name(clean(word))
        return self._known[word]

    def _of_name(self, name: str) -> Organisation | None:
        """The one organisation of a name. All names are read at once: asked for one by one, each would be sought among
        the records of every kind, and a register of a million rows names tens of thousands of units."""
        if self._names is None:
            self._names = {}
            for one, title in _known().values_list("pk", "record__title").iterator():
                self._names[title] = None if title in self._names else one
        pk = self._names.get(name)
        return None if pk is None else _known().select_related("record").filter(pk=pk).first()

    def some_unknown(self) -> str:
        """A few of the words that named nobody."""
        names = list(self.unknown)
        return listed(names[:_MOST_NAMED]) + ("…" if len(names) > _MOST_NAMED else "")


def _known() -> QuerySet[Organisation]:
    return Organisation.objects.filter(record__phase__in=KNOWN)


def _of_code(words: str) -> Organisation | None:
    code = fold(words).replace("-", "").upper()
    held = _known().filter(
        record__identifiers__scheme="uscc", record__identifiers__value=code, record__identifiers__active=True
    )
    found = held.select_related("record")[:2]
    return found[0] if len(found) == 1 else None
