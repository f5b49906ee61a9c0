"""`./kezhuan verify`: prove the journal's chain, its guards, and that the index is in step."""

import argparse

from kezhuan.config.start import start_django


def run(argv: list[str]) -> int:
    """Print the verdict; exit code 1 when something is broken."""
    argparse.ArgumentParser(prog="./kezhuan verify", description=__doc__).parse_args(argv)
    if not start_django():
        return 2
    from kezhuan.kernel import journal, search  # inline: Django must be set up first

    verdict = journal.verify()
    if verdict.broken_seq is not None:
        print(f"日志链断裂于第 {verdict.broken_seq} 条:{verdict.reason}")
        return 1
    print(f"日志链完整:{verdict.entries} 条。")
    status = search.live_index().catch_up(wait=True)
    print(f"索引已跟上日志第 {status.reached} 条,共 {status.documents} 份文档。")
    return 0
