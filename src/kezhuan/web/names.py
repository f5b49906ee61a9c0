"""Names of records in the reader's language."""

from django.utils.translation import get_language

from kezhuan.kernel.models import Record


def name_of(record: Record) -> str:
    """A record's title in the reader's language, as far as it has one."""
    if record.title_en and not (get_language() or "").startswith("zh"):
        return record.title_en
    return record.title
