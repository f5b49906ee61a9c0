"""`./kezhuan rebuild-index`: make the search index anew from the database."""

import argparse
import time

from tqdm import tqdm

from kezhuan.config.start import bring_up_to_date, start_django


def run(argv: list[str]) -> int:
    """Rebuild, save, and print how many documents the index holds."""
    parser = argparse.ArgumentParser(prog="./kezhuan rebuild-index", description=__doc__)
    parser.add_argument("--quiet", action="store_true")
    given = parser.parse_args(argv)
    if not start_django() or not bring_up_to_date():
        return 2
    from kezhuan.kernel import search  # inline: Django must be set up first
    from kezhuan.kernel.models import Record

    started = time.monotonic()
    with tqdm(total=Record.objects.count(), disable=given.quiet, unit=" 条") as bar:
        status = search.live_index().rebuild(lambda done: bar.update(done - bar.n))
    print(f"索引已重建:{status.documents} 份文档,用时 {time.monotonic() - started:.1f} 秒。")
    return 0
