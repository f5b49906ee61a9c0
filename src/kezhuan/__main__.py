"""Starts the program: `python -m kezhuan COMMAND …`, which is what the launcher calls."""

import sys


def start() -> int:
    """Run the command that is asked for; whoever interrupts it before it has begun is told nothing either."""
    try:
        from kezhuan.config.commandline import main  # inline: reading it is half of the start
    except KeyboardInterrupt:
        return 130
    return main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(start())
