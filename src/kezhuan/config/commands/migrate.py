"""`./kezhuan migrate`: bring the database up to this version and remake the journal's guards."""

import argparse

from kezhuan.config.start import bring_up_to_date, start_django


def run(argv: list[str]) -> int:
    """Apply missing migrations."""
    argparse.ArgumentParser(prog="./kezhuan migrate", description=__doc__).parse_args(argv)
    return 0 if start_django() and bring_up_to_date() else 2
