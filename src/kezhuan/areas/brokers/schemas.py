"""Brokers and pairs in their queues as the API shows them."""

from kezhuan.api.schemas import RecordRef, RecordShown


class BrokeredPairShown(RecordShown):
    """A pair in a broker's queue; each side for whoever may know of it. `registered` is whether a contract that names
    its introduction is registered."""

    broker: str = ""
    need: RecordRef | None = None
    supply: RecordRef | None = None
    introduction: RecordRef | None = None
    score: float = 0
    fit: float = 0
    because: str = ""
    registered: bool = False
