"""Who has technology contracts with whom: read when conflicts of interest are looked for."""

from collections.abc import Iterator

from kezhuan.areas.contracts.models import Contract
from kezhuan.engines.conflicts import Relation, Tie
from kezhuan.kernel.models import Identifier
from kezhuan.kernel.models.records import Phase

_NONE = (Phase.DRAFT, Phase.VOID, Phase.WITHDRAWN)


def contracted(_people: frozenset[int], units: frozenset[int]) -> Iterator[Relation]:
    """The contracts between two of these organisations, known by their credit codes; two queries."""
    rows = Identifier.objects.filter(record__in=units, scheme="uscc", active=True)
    codes = dict(rows.values_list("value", "record"))
    found = Contract.objects.filter(seller_code__in=codes, buyer_code__in=codes).exclude(record__phase__in=_NONE)
    for contract, seller, buyer, until in found.order_by("pk").values_list(
        "pk", "seller_code", "buyer_code", "valid_to"
    ):
        for code in dict.fromkeys((seller, buyer)):
            yield Relation(Tie.PARTY, str(codes[code]), str(contract), until)
