"""A list of many items, narrowed by a technical field and by words, as the address of its page says."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from kezhuan.areas.calls.models import Call, CallItem
from kezhuan.kernel.text import clean
from kezhuan.kernel.vocabulary import Field

MOST_WORDS, LONGEST = 8, 80


@dataclass(frozen=True)
class ListNarrowed:
    """The field and the words that were asked for, and how many items of the whole list are of each field."""

    field: str
    words: str
    counts: Mapping[str, int]

    @classmethod
    def asked(cls, query: Mapping[str, str], call: Call) -> "ListNarrowed":
        """As an address asks; one query."""
        rows = call.items.order_by().values_list("field").annotate(count=Count("pk"))
        words = clean(query.get("item_words", ""))[:LONGEST]
        return cls(query.get("item_field", "")[:20], words, dict(rows))

    def among(self, items: QuerySet[CallItem]) -> QuerySet[CallItem]:
        """The items of the field whose title or problem has every word."""
        found = items.filter(field=self.field) if self.field else items
        for word in self.words.split()[:MOST_WORDS]:
            found = found.filter(Q(title__icontains=word) | Q(problem__icontains=word))
        return found

    def is_offered(self, most: int) -> bool:
        """Whether the list is longer than a page, or was narrowed."""
        return bool(sum(self.counts.values()) > most or self.field or self.words)

    @property
    def fields(self) -> list[tuple[str, str, int, bool]]:
        """The fields of the list: value, in words, how many items, and whether it was asked for."""
        return [
            (value, str(label), self.counts[value], value == self.field)
            for value, label in Field.choices
            if self.counts.get(value)
        ]
