"""`./kezhuan migrate`: bring the database up to this version and remake the journal's guards."""

from kezhuan.config.speech import Parser, told
from kezhuan.config.start import bring_up_to_date, start_django


def run(argv: list[str]) -> int:
    """Apply missing migrations."""
    Parser(
        "migrate",
        "把数据库升级到本版本，并重建日志的防护触发器。",
        "Bring the database up to this version and remake the journal's guards.",
    ).parse_args(argv)
    if not start_django() or not bring_up_to_date():
        return 2
    print(told("数据库已是本版本。", "The database is of this version."))
    return 0
