"""Numbers of records, by which people name them."""

from kezhuan.kernel.models import CodeCounter
from kezhuan.kernel.text import today


def give_codes(prefix: str, count: int = 1, year: int | None = None) -> list[str]:
    """The next codes `<prefix>-<year>-<seq>`; the counter stays locked until the transaction ends."""
    key = f"{prefix}-{year or today().year}"
    locked = CodeCounter.objects.select_for_update(no_key=True).filter(key=key)
    if (counter := locked.first()) is None:  # the first of its year; two may begin it at once
        CodeCounter.objects.bulk_create([CodeCounter(key=key)], ignore_conflicts=True)
        counter = locked.get()
    counter.last += count
    counter.save(update_fields=["last"])
    return [f"{key}-{number:05d}" for number in range(counter.last - count + 1, counter.last + 1)]
