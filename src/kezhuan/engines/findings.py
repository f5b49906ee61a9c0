"""What an engine finds to say of facts: one sentence in Chinese and English, with the field and the clause."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Language = Literal["zh", "en"]


@dataclass(frozen=True, slots=True)
class Words:
    """The same said in Chinese and in English."""

    zh: str
    en: str

    def say(self, language: Language = "zh") -> str:
        """The words in one language."""
        return self.zh if language == "zh" else self.en


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to say: a stable kebab-case code, a sentence with the way out, the field, the clause it rests on."""

    code: str
    words: Words
    field: str = ""
    clause: str = ""

    def say(self, language: Language = "zh") -> str:
        """The sentence with its clause behind it."""
        said = self.words.say(language)
        if not self.clause:
            return said
        return f"{said}（依据：{self.clause}）" if language == "zh" else f"{said} ({self.clause})"


class Unfit(Exception):
    """The facts cannot be used; `findings` say which, why and how to mend it."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("; ".join(one.words.en for one in self.findings))
