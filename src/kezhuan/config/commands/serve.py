"""`./kezhuan serve`: run the web site on the configured data folder."""

import argparse

from kezhuan.config.start import bring_up_to_date, start_django


def run(argv: list[str]) -> int:
    """Serve until interrupted; exit code 2 for unusable settings."""
    parser = argparse.ArgumentParser(prog="./kezhuan serve", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine only)")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--threads", type=int, default=8)
    given = parser.parse_args(argv)
    if not start_django() or not bring_up_to_date():
        return 2
    from kezhuan.config.serving import serve  # inline: Django must be set up first

    return serve(given.host, given.port, threads=given.threads)
