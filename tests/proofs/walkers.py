"""People who walk through a running site as users do: they begin at the front page and press what stands on a page, and
every page they come to is looked at, wide and narrow, in both languages."""

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from playwright.sync_api import Error

from kezhuan.kernel import followers, jobs, text
from kezhuan.kernel.models import Job
from kezhuan.kernel.models.jobs import JobState

PASSWORD = "correct-horse-battery"
WIDE, NARROW = 1280, 390
CODE = re.compile(r"\b[0-9A-Z]{4}(-[0-9A-Z]{4}){3}\b|\b[A-Z]{1,2}-?\d{4}-\d{5}(-\d+)?\b|\b[0-9a-f]{8,64}\b|\S+@\S+")
RAW = (
    re.compile(r"%\(\w+\)s|\{\{|\}\}|\{%|%\}"),  # a sentence whose words were not put in
    re.compile(r"^(None|True|False)$|\b(undefined|NaN)\b|\[\]|\{\}|<\w+", re.MULTILINE),
    re.compile(r"\b[a-z]+_[a-z_]+\b|\b[a-z]{3,}\.[a-z]{3,}\b"),  # a name of the code's
    re.compile(r"\d{4}-\d\d-\d\dT\d\d|\+00:00"),
)
LATIN = re.compile(r"[A-Za-z]{3,}")
HAN = re.compile(r"[\u3400-\u9fff]+")
ALSO_CHINESE = re.compile(r"\b(Kezhuan|English|Word|UTC|ZIP|TRL|SHA|docx|xlsx|XLSX|csv|CSV|tsv|jsonl)\b")
IN_BRACKETS = r"[（(][^()（）]*[\u3400-\u9fff][^()（）]*[）)]"
ALSO_ENGLISH = re.compile(rf"科转|中文|万元|科目|国家企业信用信息公示系统|秘密|机密|绝密|{IN_BRACKETS}")
KIND_OF_COLUMN = re.compile(r"（(?:数字|日期|单位)）$")
"""Said behind the name of a column where it is typed, and not where it is shown."""
SHORTEST = 25
"""Characters: a page with fewer words in its middle is an empty one."""


class Walk:
    """One story: its steps, the pages that were looked at, what is wrong with them, and the clock of the site.

    Where records are `mixed`, in either language, words of the other language are no fault.
    """

    def __init__(self, pictures: Path, monkeypatch: Any, *, mixed: bool = False) -> None:
        self.mixed = mixed
        self.pictures, self.step, self.steps = pictures, "", 0
        self.looked, self.shapes, self.wrong = 0, set[str](), dict[str, str]()
        self.said: set[str] = set()
        self.slowest: dict[str, float] = {}
        self._ahead = timedelta()
        pictures.mkdir(parents=True, exist_ok=True)
        walk = self

        class Moved(datetime):
            """The machine's clock, so far ahead as the story says."""

            @classmethod
            def now(cls, tz: Any = None) -> datetime:
                return datetime.now(tz) + walk._ahead

        monkeypatch.setattr(text, "datetime", Moved)

    def forward(self, **time: float) -> None:
        """So much time goes by, and the machine does what it does by the clock."""
        self._ahead += timedelta(**time)
        # Jobs wait by the clock of the database, which stands still.
        Job.objects.filter(state=JobState.WAITING, due_at__lte=text.now()).update(due_at=datetime.now(UTC))
        self.work()

    @contextmanager
    def taking(self, step: str) -> Iterator[None]:
        """One step of the story."""
        self.work()
        self.step, self.steps = step, self.steps + 1
        yield

    @staticmethod
    def work() -> None:
        """What the machine does beside its pages: its jobs, and its index following the journal."""
        jobs.run_pending()
        followers.run_pending()

    def complain(self, where: str, what: str) -> None:
        """Something is wrong with a page; the same is told once."""
        if what not in self.wrong:
            print(f"{self.step} · {where}: {what}", flush=True)
        self.wrong.setdefault(what, f"{self.step} · {where}")


class Walker:
    """Somebody at a browser of their own, who reads Chinese; what they see is looked at in English too."""

    def __init__(self, walk: Walk, browser: Any, address: str, name: str) -> None:
        self.walk, self.name, self.address = walk, name, address
        size = {"width": WIDE, "height": 900}
        self._contexts = [
            browser.new_context(base_url=address, locale=locale, viewport=size) for locale in ("zh-CN", "en-US")
        ]
        self.page, self._twin = (context.new_page() for context in self._contexts)
        for page in (self.page, self._twin):
            page.set_default_timeout(120_000)
            page.on("response", self._answered)
            page.on("pageerror", lambda error: walk.complain(self.name, f"script: {error}"))
            page.on("console", self._console)
        self.page.goto("/")  # the one address that anybody knows
        self.look()

    def close(self) -> None:
        """Close the browser."""
        for context in self._contexts:
            context.close()

    def _answered(self, response: Any) -> None:
        if response.status >= 400:
            self.walk.complain(response.url.removeprefix(self.address), f"answered {response.status}")

    def _console(self, line: Any) -> None:
        if "Content Security" in line.text:
            self.walk.complain(self.name, line.text)

    # -- what a user does ----------------------------------------------------------------------------------------------

    def press(self, place: str, *, within: str = "main") -> None:
        """Press the first link or button of this selector that can be seen, and look at the page that it leads to."""
        found = self.page.locator(f"{within} {place}").locator("visible=true").first
        assert self._comes(found), (self.walk.step, self.page.url, place, self.page.inner_text(within))
        with self.page.expect_navigation():
            found.click()
        self.look()

    @staticmethod
    def _comes(found: Any) -> bool:
        """It is there, or comes within a moment."""
        with suppress(Error):
            found.wait_for(timeout=3000)
        return bool(found.count())

    def open(self, words: str, *, within: str = "main") -> None:
        """Follow the link with these words."""
        self.press(f"a:has-text('{words}')", within=within)

    def to_do(self, words: str = "") -> None:
        """Open what stands in one's list of things to do: the line with these words, or the first."""
        self.press("a.inbox-link", within="header")
        self.press(f".lines a:has-text('{words}')" if words else ".lines a")

    def menu(self, words: str, line: str = "") -> None:
        """Open a page of one's own from the account's menu, and what stands there in the line with these words."""
        self.page.click("header details.menu summary")
        self.open(words, within="header .menu-sheet")
        if line:
            self.open(line)

    def fill(self, **typed: Any) -> None:
        """Type into fields, choose and tick, by the end of their names; two underlines stand for a dash."""
        for name, value in typed.items():
            self.type(name.replace("__", "-"), value)

    def type(self, name: str, value: Any) -> None:
        """Type into one field, choose or tick it."""
        fields = self.page.locator(f"main [name='{name}']")
        kind, tag = fields.first.get_attribute("type") or "", fields.first.evaluate("one => one.tagName")
        if kind == "radio":
            self.page.locator(f"main [name='{name}'][value='{value}']").check()
        elif kind == "checkbox":
            fields.first.set_checked(bool(value))
        elif tag == "SELECT":
            fields.first.select_option(value)
        else:
            fields.first.fill(str(value))

    def add_row(self, name: str) -> None:
        """Add a row to the form."""
        rows = self.page.locator(f"main [id='id_{name}'] .row")
        before = rows.count()
        self.page.click(f"main button[name=add_row][value={name}]")
        rows.nth(before).wait_for()

    def fill_rest(self, value: str) -> None:
        """Type the same into every field that is still empty and must not be; of related parties nothing is said."""
        empty = "main form textarea:visible:not([name=related]), main form [name^=commitment]"
        for field in self.page.locator(empty).all():
            if not field.input_value():
                field.fill(value)

    def save(self, place: str = ".sticky-actions button, .buttons button") -> None:
        """Send the form, and see that it went through."""
        self._keep_words()
        self.press(place)
        problems = self.page.locator("main .problems").all_inner_texts()
        assert problems == [], (self.walk.step, self.page.url, problems)

    def take(self, move: str, note: str = "", reason: str = "") -> None:
        """Take a step of the record's life on its page, opening its sheet when it asks for words."""
        form = self.page.locator(f"main form[action$='/moves/{move}/']").first
        if not form.locator("button").is_visible():
            form.locator("xpath=..").locator("summary").click()
        if note:
            form.locator("textarea").fill(note)
        if reason:
            form.locator("select").select_option(reason)
        self._keep_words()
        with self.page.expect_navigation():
            form.locator("button").click()
        self.look()
        problems = self.page.locator("main .problems").all_inner_texts()
        assert problems == [], (self.walk.step, self.page.url, problems)

    def reads(self, *words: str) -> None:
        """These words stand on the page."""
        shown = self.page.inner_text("main")
        for word in words:
            assert word in shown, (self.walk.step, self.page.url, word, shown)

    def reads_not(self, *words: str) -> None:
        """None of these words stands in what the page was sent as."""
        shown = self.page.content()
        for word in words:
            assert word not in shown, (self.walk.step, self.page.url, word)

    def text_of(self, place: str) -> str:
        """The words of the first such thing on the page."""
        return str(self.page.locator(place).first.inner_text()).strip()

    def _keep_words(self) -> None:
        """What people type is shown as they typed it, in whichever language the page is."""
        fields = "main input:not([type=hidden]), main textarea"
        typed = self.page.eval_on_selector_all(fields, "all => all.map(one => one.value)")
        parts = {part.strip() for one in typed for part in re.split("[\n；，]", one)}
        parts |= {KIND_OF_COLUMN.sub("", part) for part in parts}
        self.walk.said |= {part for part in parts if len(part) > 1 and not part.isdigit()}

    # -- what is looked at ---------------------------------------------------------------------------------------------

    def look(self) -> None:
        """See that the page fits, says what it has to say in the reader's language, and is not empty."""
        walk, path = self.walk, self.page.url.removeprefix(self.address)
        self._measure(self.page, path, "zh", walk.said)
        cookies = [one for one in self._contexts[0].cookies() if one["name"] != "language"]
        self._contexts[1].add_cookies([*cookies, {"name": "language", "value": "en", "url": self.address}])
        self._twin.goto(self.page.url)
        self._measure(self._twin, path, "en", walk.said)
        walk.looked += 1
        shape = re.sub(r"[A-Z]{1,2}-\d{4}-\d{5}|\d+", "·", path.partition("?")[0])
        walk.shapes.add(shape)
        name = f"{walk.steps:02d}-{walk.looked:03d}{shape.replace('/', '.').replace('·', '_')[:60]}"
        self.page.screenshot(path=walk.pictures / f"{name}zh.png", full_page=True)
        self._twin.set_viewport_size({"width": NARROW, "height": 900})
        self._twin.screenshot(path=walk.pictures / f"{name}en.png", full_page=True)
        self._twin.set_viewport_size({"width": WIDE, "height": 900})

    def _measure(self, page: Any, path: str, language: str, said: set[str]) -> None:
        where = f"{self.name} {path} {language}"
        took = page.evaluate("performance.getEntriesByType('navigation')[0].responseEnd")
        self.walk.slowest[path] = max(took, self.walk.slowest.get(path, 0.0))
        for width in (NARROW, WIDE):
            page.set_viewport_size({"width": width, "height": 900})
            if (wide := page.evaluate("document.documentElement.scrollWidth")) > width:
                self.walk.complain(where, f"{wide} px wide at {width} px")
        middle = page.inner_text("main")
        if len(middle) < SHORTEST:
            self.walk.complain(where, f"an empty page: {middle}")
        for complaint in words_wrong(page.inner_text("body"), "" if self.walk.mixed else language, said):
            self.walk.complain(where, complaint)


def words_wrong(shown: str, language: str, said: set[str]) -> list[str]:
    """What of a page's words is raw code, or of the other language (of none: not looked at) and not what somebody
    typed."""
    shown = CODE.sub(" ", shown)
    for one in sorted(said, key=len, reverse=True):
        shown = shown.replace(one, " ")
    found = [f"raw: {match.group()}" for pattern in RAW for match in pattern.finditer(shown)]
    if not language:
        return found
    also, other = (ALSO_CHINESE, LATIN) if language == "zh" else (ALSO_ENGLISH, HAN)
    for line in also.sub(" ", shown).splitlines():
        found += [f"{language}: “{match.group()}” in “{line.strip()[:120]}”" for match in other.finditer(line)]
    return found
