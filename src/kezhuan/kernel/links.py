"""Links: two records belong together in a role; each page names the other as far as its reader may know of it."""

from collections.abc import Sequence

from kezhuan.kernel.models import Link, Record


def link_records(source: Record, target: Record, role: str) -> None:
    """Tie two records together in a role; tying them twice is tying them once."""
    Link.objects.get_or_create(source=source, target=target, role=role)


def set_links(source: Record, targets: Sequence[Record], role: str) -> None:
    """Tie a record in a role to these and to no others."""
    held = Link.objects.filter(source=source, role=role)
    held.exclude(target__in=targets).delete()
    tied = set(held.values_list("target", flat=True))
    for target in targets:
        if target.pk not in tied:
            link_records(source, target, role)
