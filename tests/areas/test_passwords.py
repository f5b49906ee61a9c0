"""A weak password is told of in the reader's language, with the way out."""

import pytest
from django.utils import translation

from kezhuan.areas.people.checks import password_problems
from kezhuan.kernel.models import User


@pytest.mark.parametrize(
    ("password", "words"),
    [("kurz", "至少 10 个字符"), ("password123", "最先被尝试"), ("officer@example", "邮箱")],
)
def test_weak_password_is_told_in_chinese(password: str, words: str) -> None:
    with translation.override("zh-hans"):
        (problem,) = password_problems(password, User(email="officer@example.org"))
    assert (problem.code, words in problem.message) == ("password-weak", True)
    assert not any("a" <= character <= "z" for character in problem.message)


def test_good_password_is_taken() -> None:
    assert password_problems("莲花山 1984 年的雨", User(email="officer@example.org")) == []
