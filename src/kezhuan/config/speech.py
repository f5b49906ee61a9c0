"""What commands say in the terminal: one language at a time, and help that argparse would give in English only."""

import argparse
import getpass
import os
import re
import sys
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, NoReturn


def prefers_english() -> bool:
    """Whether the terminal's locale asks for English; Chinese is the default, also for the neutral C locale."""
    locale = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    return locale.startswith("en")


def asks_for_english(argv: Sequence[str]) -> bool:
    """Whether the words of a command ask for English (`--lang en`), or else the terminal does."""
    for word, after in pairwise([*argv, ""]):
        if word == "--lang" or word.startswith("--lang="):
            return (word.partition("=")[2] or after) == "en"
    return prefers_english()


def told(chinese: str, english: str) -> str:
    """The sentence in the language of the terminal."""
    return english if prefers_english() else chinese


_MISUSE = (
    (r"^(argument .+?): (.*)$", "{0}：{1}"),
    (r"^argument ", "参数 "),
    (r"invalid choice: (.*) \(choose from (.*)\)", "没有 {0} 这个值，可用：{1}"),
    (r"invalid int value: (.*)", "{0} 不是整数"),
    (r"invalid \S+ value: (.*)", "{0} 不合要求"),
    (r"unrecognized arguments: (.*)", "没有这样的参数：{0}"),
    (r"the following arguments are required: (.*)", "缺少 {0}"),
    (r"one of the arguments (.*) is required", "{0} 中须给出一个"),
    (r"expected one argument", "后面要有一个值"),
    (r"expected at least one argument", "后面至少要有一个值"),
    (r"expected (\d+) arguments", "后面要有 {0} 个值"),
    (r"not allowed with argument (.*)", "不能与 {0} 同用"),
    (r"ignored explicit argument (.*)", "不带值，却给了 {0}"),
)


def misuse_in_chinese(message: str) -> str:
    """What argparse says of arguments that do not fit, in Chinese; what this program says of them stays as it is."""
    for pattern, words in _MISUSE:
        if found := re.search(pattern, message):
            message = message[: found.start()] + words.format(*found.groups()) + message[found.end() :]
    return message


class _ChineseLayout(argparse.HelpFormatter):
    def add_usage(self, usage: str | None, actions: Any, groups: Any, prefix: str | None = None) -> None:
        super().add_usage(usage, actions, groups, "用法：" if prefix is None else prefix)


class _EnglishLayout(argparse.HelpFormatter):
    def add_usage(self, usage: str | None, actions: Any, groups: Any, prefix: str | None = None) -> None:
        super().add_usage(usage, actions, groups, "Usage: " if prefix is None else prefix)


class Parser(argparse.ArgumentParser):
    """Arguments of a command, with help in one language (of the terminal, when none is given) and one sentence for what
    does not fit."""

    def __init__(
        self, command: str, chinese: str, english: str, *, in_english: bool | None = None, usage: str | None = None
    ) -> None:
        self.in_english = prefers_english() if in_english is None else in_english
        super().__init__(
            f"./kezhuan {command}",
            usage=usage,
            description=english if self.in_english else chinese,
            formatter_class=_EnglishLayout if self.in_english else _ChineseLayout,
            add_help=False,
            allow_abbrev=False,
        )
        self._positionals.title = "Arguments" if self.in_english else "参数"
        self._optionals.title = "Options" if self.in_english else "选项"
        self.add_argument("-h", "--help", action="help", help="show this help" if self.in_english else "显示本说明")

    def error(self, message: str) -> NoReturn:
        """End with one sentence and exit code 2."""
        zh = f"用法不对（{misuse_in_chinese(message)}）；{self.prog} --help 查看用法。"
        en = f"This cannot be understood ({message}); {self.prog} --help tells how."
        self.exit(2, (en if self.in_english else zh) + "\n")


def whole_number(least: int, most: int) -> Callable[[str], int]:
    """An argument's type: a whole number from `least` to `most`."""

    def read(word: str) -> int:
        if not (word.isascii() and word.isdecimal() and least <= int(word) <= most):
            raise argparse.ArgumentTypeError(
                told(f"“{word}”不是 {least} 到 {most} 的整数", f"“{word}” is no whole number from {least} to {most}")
            )
        return int(word)

    return read


def hidden_word(prompt: str) -> str:
    """A word typed without showing it; without a terminal nothing can be hidden, and the input counts as ended."""
    if not sys.stdin.isatty():
        raise EOFError
    return getpass.getpass(prompt)
