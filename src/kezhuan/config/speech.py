"""What commands say in the terminal: one language at a time, and help that argparse would give in English only."""

import argparse
import os
from collections.abc import Callable
from typing import Any, NoReturn


def prefers_english() -> bool:
    """Whether the terminal's locale asks for English; Chinese is the default, also for the neutral C locale."""
    locale = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    return locale.startswith("en")


def told(chinese: str, english: str) -> str:
    """The sentence in the language of the terminal."""
    return english if prefers_english() else chinese


class _Layout(argparse.HelpFormatter):
    def add_usage(self, usage: str | None, actions: Any, groups: Any, prefix: str | None = None) -> None:
        super().add_usage(usage, actions, groups, told("用法：", "Usage: ") if prefix is None else prefix)


class Parser(argparse.ArgumentParser):
    """Arguments of a command, with help in the language of the terminal and one sentence for what does not fit."""

    def __init__(self, command: str, chinese: str, english: str) -> None:
        super().__init__(
            f"./kezhuan {command}",
            description=told(chinese, english),
            formatter_class=_Layout,
            add_help=False,
            allow_abbrev=False,
        )
        self._positionals.title = told("参数", "Arguments")
        self._optionals.title = told("选项", "Options")
        self.add_argument("-h", "--help", action="help", help=told("显示本说明", "show this help"))

    def error(self, message: str) -> NoReturn:
        """End with one sentence and exit code 2."""
        zh = f"用法不对（{message}）；{self.prog} --help 查看用法。"
        en = f"This cannot be understood ({message}); {self.prog} --help tells how."
        self.exit(2, told(zh, en) + "\n")


def whole_number(least: int, most: int) -> Callable[[str], int]:
    """An argument's type: a whole number from `least` to `most`."""

    def read(word: str) -> int:
        if not (word.isascii() and word.isdecimal() and least <= int(word) <= most):
            raise argparse.ArgumentTypeError(
                told(f"“{word}”不是 {least} 到 {most} 的整数", f"“{word}” is no whole number from {least} to {most}")
            )
        return int(word)

    return read
