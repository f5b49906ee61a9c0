"""Starts the program: `python -m kezhuan COMMAND …`, which is what the launcher calls."""

import sys

from kezhuan.config.commandline import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
