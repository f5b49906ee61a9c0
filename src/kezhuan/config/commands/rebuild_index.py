"""`./kezhuan rebuild-index`: make the search index anew from the database."""

import time

from tqdm import tqdm

from kezhuan.config.speech import Parser, told
from kezhuan.config.start import bring_up_to_date, start_django


def run(argv: list[str]) -> int:
    """Rebuild, save, and print how many documents the index holds."""
    parser = Parser("rebuild-index", "由数据库重新建立检索索引。", "Make the search index anew from the database.")
    parser.add_argument("--quiet", action="store_true", help=told("不显示进度", "no progress"))
    given = parser.parse_args(argv)
    if not start_django() or not bring_up_to_date():
        return 2
    from kezhuan.kernel import search  # inline: Django must be set up first
    from kezhuan.kernel.models import Record

    started = time.monotonic()
    unit = told(" 条", " records")
    with tqdm(total=Record.objects.count(), disable=given.quiet or None, unit=unit, leave=False) as bar:
        status = search.live_index().rebuild(lambda done: bar.update(done - bar.n))
    seconds = time.monotonic() - started
    print(
        told(
            f"索引已重建：{status.documents:,} 份文档，用时 {seconds:.1f} 秒。",
            f"The index is made anew: {status.documents:,} documents, {seconds:.1f} s.",
        )
    )
    return 0
