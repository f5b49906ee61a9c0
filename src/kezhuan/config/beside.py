"""The process that `serve` keeps beside its web processes: it works until it is told to end or its parent is gone."""

import signal
import sys
import threading

from kezhuan.config.start import start_django


def main() -> None:
    """Work until SIGTERM comes or standard input, which the parent holds open, is closed."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C reaches the parent, which tells this one

    def watch() -> None:
        sys.stdin.buffer.read()
        stop.set()

    threading.Thread(target=watch, name="parent", daemon=True).start()
    if start_django():
        from kezhuan.config.working import work  # inline: Django must be set up first

        work(stop)


if __name__ == "__main__":
    main()
