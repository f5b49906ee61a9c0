"""Who takes part in the journey of a challenge, what they call things, and what several of its parts walk."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from kezhuan.kernel.text import SHANGHAI, now, today
from tests.factories.browsing import uscc
from tests.factories.post import last_code
from tests.proofs.walkers import PASSWORD, Walk, Walker

OFFICE = "示例市科学技术局"
FIRM = "广州穗芯半导体有限公司"
TEAMS = ("粤海示例大学", "岭南示例研究院", "珠江示例学院")
TESTER = "华南示例检测中心"
EXPERTS = (("秦评审", "technical"), ("许评审", "technical"), ("谭评审", "technical"), ("袁评审", "enterprise"))
NEED = "大尺寸碳化硅衬底抛光需求"
CALL = "2026年半导体揭榜挂帅项目"
OFFERS = ("等离子体辅助抛光", "催化辅助抛光", "金刚石线减薄后抛光")
MARKS = {OFFERS[0]: "91", OFFERS[1]: "84", OFFERS[2]: "62"}
"""What every expert gives to whoever offers this."""


def moment(**ahead: float) -> str:
    """A moment as the browser's own field takes it."""
    return f"{(now() + timedelta(**ahead)).astimezone(SHANGHAI):%Y-%m-%dT%H:%M}"


def day(**ahead: float) -> str:
    """A day as the browser's own field takes it."""
    return f"{today() + timedelta(**ahead):%Y-%m-%d}"


class Story:
    """Who takes part in it, each at a browser of their own."""

    def __init__(self, walk: Walk, browser: Any, address: str) -> None:
        self.walk, self.taking = walk, walk.taking
        self._browser, self._address = browser, address
        self.people: dict[str, Walker] = {}

    def comes(self, name: str) -> Walker:
        """Somebody opens the front page."""
        self.people[name] = Walker(self.walk, self._browser, self._address, name)
        return self.people[name]

    def signs_up(self, name: str, email: str) -> Walker:
        """Somebody opens an account, and proves that the mail address is theirs."""
        who = self.comes(name)
        who.press("a[href^='/sign-in/']", within="header")
        who.press("a[href^='/sign-up/']")
        who.fill(name=name, email=email, password=PASSWORD)
        who.save()
        who.fill(code=last_code(email))
        who.save()
        return who

    def registers(self, who: Walker, unit: str, kind: str, number: int) -> None:
        """They register the organisation they act for."""
        who.fill(number=uscc(f"91440101MA59{number:05d}"))
        who.save()
        who.fill(name=unit, kind=kind, region="440112", summary=f"{unit}从事半导体材料研究与检测。")
        who.save()

    def signs_in(self, name: str, email: str) -> Walker:
        """Somebody who has an account signs in."""
        who = self.comes(name)
        who.press("a[href^='/sign-in/']", within="header")
        who.fill(email=email, password=PASSWORD)
        who.save("form button")
        return who

    def close(self) -> None:
        for who in self.people.values():
            who.close()


@contextmanager
def each(story: Story, words: str) -> Iterator[list[Walker]]:
    """A step that both teams take which were chosen."""
    with story.taking(words):
        yield [story.people[f"{unit}负责人"] for unit in TEAMS[:2]]


def opens_call(who: Walker) -> None:
    """They find the call in the hall."""
    who.press("a[href='/calls/']", within="header")
    who.open(CALL)
