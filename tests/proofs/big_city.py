"""Builds a city of 100,000 achievements or more from demo texts, in the process that is told its data folder."""

import json
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from itertools import groupby
from typing import Any

PASSWORD = "Long-enough-7531"
BATCH = 1000
HOLDERS = 300
"""So many organisations hold results; as in a real city a few of them hold most."""
ACHIEVEMENT_STAGES = (("listed", 62), ("registered", 24), ("submitted", 4), ("draft", 6), ("withdrawn", 4))
NEED_STAGES = (("published", 80), ("submitted", 6), ("draft", 8), ("closed", 6))
SECRECY = (("public", 85), ("internal", 11), ("trade_secret", 4))
CONFIDENTIALITY = (("public", 80), ("title_only", 12), ("closed_door", 8))
NEWEST = date(2025, 11, 1)


class Words:
    """Texts of realistic length: clauses of the demo city in new order, with figures and marks of their own."""

    def __init__(self, seed: int = 7) -> None:
        from kezhuan.demo.build import rows

        self.random = random.Random(seed)
        self.achievements = list(rows("achievements"))
        self.needs = list(rows("needs"))
        self.organisations = list(rows("organisations"))
        self.clauses = self._clauses(self.achievements, ("summary", "advantage"))
        self.inner = self._clauses(self.achievements, ("confidential",))
        self.problems = self._clauses(self.needs, ("problem", "background", "scenario"))
        self.titles = [part for row in self.achievements for part in _title_parts(row["title"])]

    @staticmethod
    def _clauses(content: Sequence[dict[str, Any]], names: Sequence[str]) -> list[str]:
        return [part for row in content for name in names for part in (row.get(name) or "").split("。") if part]

    def one_of(self, shares: Sequence[tuple[str, int]]) -> str:
        """A value drawn by its share."""
        values, weights = zip(*shares, strict=True)
        return str(self.random.choices(values, weights)[0])

    def text(self, clauses: Sequence[str], count: int) -> str:
        """Some clauses, and a mark that hardly any other text has."""
        chosen = self.random.sample(clauses, count)
        number = self.random.randrange(10**5)
        return "。".join(chosen) + f"。样机型号KX{number}，已运行{number % 977}小时。"

    def title(self) -> str:
        """Two halves of titles."""
        return "".join(self.random.sample(self.titles, 2))[:120]

    def day(self) -> date:
        """A day of the last ten years."""
        return NEWEST - timedelta(days=self.random.randrange(3650))


def _title_parts(title: str) -> tuple[str, str]:
    middle = title.find("的") + 1 or len(title) // 2
    return title[:middle], title[middle:]


def _organisations(words: Words, count: int, actor: Any) -> list[Any]:
    from kezhuan.areas.people.lifecycle import ORGANISATION
    from kezhuan.kernel.bulk import Openers, Opening
    from kezhuan.kernel.models import Organisation
    from kezhuan.kernel.vocabulary import REGIONS

    regions = [code for code in REGIONS if code != "440100"]
    kinds = (("enterprise", 80), ("university", 3), ("institute", 8), ("hospital", 4), ("agency", 5))
    openers = Openers(ORGANISATION, actor=actor, stage="verified", own_themselves=True)
    made: list[Any] = []

    def opening(number: int) -> Opening:
        like = words.random.choice(words.organisations)
        kind, region = words.one_of(kinds), words.random.choice(regions)
        return Opening(
            f"{like['name'][:20]}第{number}分部",
            lambda record: Organisation(record=record, kind=kind, region=region),
            title_en=f"{like['name_en'][:60]} No. {number}",
            summary=like["summary"],
        )

    for first in range(0, count, BATCH):
        made += openers.open_records([opening(number) for number in range(first, min(first + BATCH, count))])
    return made


def _groups(words: Words, owners: Sequence[Any], stages: Sequence[tuple[str, int]], count: int) -> Iterator[Any]:
    """(owner, stage, how many): the first owners hold more than the last."""
    weights = [1 / (place + 3) for place in range(len(owners))]
    places = words.random.choices(range(len(owners)), weights, k=count)
    pairs = sorted((place, words.one_of(stages)) for place in places)
    for (place, stage), group in groupby(pairs):
        yield owners[place], stage, len(list(group))


def _open(lifecycle: Any, alike: Any, opening: Any, groups: Iterator[Any], actor: Any) -> None:
    from kezhuan.kernel import journal
    from kezhuan.kernel.bulk import Openers

    with journal.writing():  # one commit: a disk takes its time for each
        for owner, stage, count in groups:
            openers = Openers(lifecycle, actor=actor, stage=stage, owner=owner, alike=alike)
            for first in range(0, count, BATCH):
                openers.open_records([opening(owner) for _ in range(first, min(first + BATCH, count))])


def _achievement(words: Words) -> Callable[[Any], Any]:
    from kezhuan.areas.achievements.models import Achievement
    from kezhuan.kernel.bulk import Opening

    def opening(owner: Any) -> Opening:
        like = words.random.choice(words.achievements)
        own = {
            "secrecy": words.one_of(SECRECY),
            "confidential": words.text(words.inner, 2) if words.random.random() < 0.4 else "",
            "advantage": words.random.choice(words.clauses),
            "keywords": like["keywords"],
            "field": like["field"],
            "chain": like["chain"],
            "discipline": like["discipline"],
            "trl": words.random.randrange(1, 10),
            "modes": like["modes"],
            "price_fen": words.random.randrange(10, 2000) * 1_000_000 if words.random.random() < 0.5 else None,
            "region": owner.region,
        }
        return Opening(
            words.title(),
            lambda record: Achievement(record=record, **own),
            title_en=like["title_en"],
            summary=words.text(words.clauses, words.random.randrange(3, 8)),
        )

    return opening


def _need(words: Words) -> Callable[[Any], Any]:
    from kezhuan.areas.needs.models import Need
    from kezhuan.kernel.bulk import Opening

    def opening(owner: Any) -> Opening:
        like = words.random.choice(words.needs)
        own = {
            "confidentiality": words.one_of(CONFIDENTIALITY),
            "field": like["field"],
            "chain": like["chain"],
            "keywords": like["keywords"],
            "background": words.random.choice(words.problems),
            "scenario": like["scenario"],
            "ip_terms": like["ip_terms"],
            "budget_fen": words.random.randrange(20, 3000) * 1_000_000,
            "min_trl": words.random.randrange(3, 9),
            "modes": like["modes"],
            "region": owner.region,
            "deadline": date(2028, 6, 30),
            "source": like["source"],
        }
        return Opening(
            words.title(),
            lambda record: Need(record=record, **own),
            title_en=like["title_en"],
            summary=words.text(words.problems, words.random.randrange(2, 5)),
        )

    return opening


def _spread_days(words: Words) -> None:
    """Records open on days of the last ten years, not all today."""
    from kezhuan.kernel.models import Record

    days = [words.day() for _ in range(500)]
    for offset, day in enumerate(days):
        Record.objects.filter(pk__in=range(offset + 1, Record.objects.count() + 2, 500)).update(opened_on=day)


def _history_and_clocks(actor: Any) -> None:
    """Three entries of its own for each record, and a running clock for each that waits for an officer."""
    from kezhuan.kernel import journal
    from kezhuan.kernel.models import Clock, Record
    from kezhuan.kernel.text import batches, today

    records = Record.objects.filter(kind__in=("achievement", "need")).only("pk", "uid", "kind", "stage", "title_to")
    for batch in batches(records.iterator(chunk_size=5000), 5000):
        with journal.writing():
            for record in batch:
                for name in ("submit", "return", "edit"):
                    journal.note(f"{record.kind}.{name}", record=record, actor=actor, data={"fields": ["title"]})
            Clock.objects.bulk_create(
                Clock(
                    record=record,
                    name=record.stage,
                    audience_id=record.title_to_id,
                    started_on=today(),
                    due_on=today() + timedelta(days=record.pk % 9),
                    day_kind="working",
                    ended_on=None if record.stage == "submitted" else today(),
                )
                for record in batch
                if record.stage in {"submitted", "listed"}
            )


def _suggestions() -> None:
    """Twenty suggestions a need without ranking them, as many rows as there would be; the first needs are matched."""
    from kezhuan.areas.achievements.models import Achievement
    from kezhuan.areas.matches.actions import MODEL, refresh_suggestions
    from kezhuan.areas.matches.models import Suggestion
    from kezhuan.areas.needs.models import Need
    from kezhuan.kernel import followers
    from kezhuan.kernel.models import Follower
    from kezhuan.kernel.text import now

    needs = list(Need.objects.filter(record__stage="published").order_by("pk").values_list("pk", flat=True))
    supplies = list(
        Achievement.objects.filter(record__stage="listed", secrecy="public").order_by("pk").values_list("pk", flat=True)
    )
    parts = [{"name": "words", "value": 0.2, "code": "shared-words", "params": {"words": ["碳化硅", "衬底"]}}]
    refresh_suggestions(needs[:100])
    Suggestion.objects.bulk_create(
        (
            Suggestion(
                need_id=need,
                supply_id=supplies[(need * 31 + place * 977) % len(supplies)],
                score=0.2 - place / 1000,
                parts=parts,
                model_version=MODEL,
                made_at=now(),
            )
            for need in needs[100:]
            for place in range(20)
        ),
        batch_size=1000,
    )
    seq, seen = followers.head()
    for name in followers.backlog():  # a city that runs has followed its journal all the time
        Follower.objects.update_or_create(name=name, defaults={"seq": seq, "hash": seen})


def build(achievements: int, needs: int, organisations: int) -> dict[str, float]:
    """Fill an empty database and save its index; returns the seconds that each part took."""
    from kezhuan.areas.achievements.lifecycle import ACHIEVEMENT
    from kezhuan.areas.achievements.tables import ROWS as ACHIEVEMENT_ROWS
    from kezhuan.areas.needs.lifecycle import NEED
    from kezhuan.areas.needs.tables import ROWS as NEED_ROWS
    from kezhuan.areas.people.actions import SYSTEM, add_member, create_officer, sign_up
    from kezhuan.kernel import jobs
    from kezhuan.kernel.access import actor_for
    from kezhuan.kernel.models.parties import Role
    from kezhuan.kernel.search import live_index

    words, took, began = Words(), {}, time.monotonic()
    officer = create_officer(
        name="示例·陈审核", email="officer@example.com", password=PASSWORD, department="科学技术局"
    )
    district = create_officer(
        name="示例·区专员",
        email="district@example.com",
        password=PASSWORD,
        department="区科工局",
        jurisdiction="440106",
    )
    assert district.pk
    actor = actor_for(officer.person)
    owners = _organisations(words, organisations, SYSTEM)
    holders = min(HOLDERS, len(owners))
    for name, owner in (("firm", owners[holders // 2]), ("university", owners[0])):
        user = sign_up(name="示例·林工", email=f"{name}@example.com", password=PASSWORD)
        add_member(actor=SYSTEM, organisation=owner, person=user.person, role=Role.ADMINISTRATOR)
    groups = _groups(words, owners[:holders], ACHIEVEMENT_STAGES, achievements)
    _open(ACHIEVEMENT, ACHIEVEMENT_ROWS.alike, _achievement(words), groups, SYSTEM)
    groups = _groups(words, owners[holders // 2 : 3 * holders], NEED_STAGES, needs)
    _open(NEED, NEED_ROWS.alike, _need(words), groups, SYSTEM)
    took["records"] = time.monotonic() - began
    _history_and_clocks(actor)
    _spread_days(words)
    took["history"] = time.monotonic() - began - took["records"]
    index, began = live_index(), time.monotonic()
    index.rebuild()
    took["index"] = time.monotonic() - began
    began = time.monotonic()
    _suggestions()
    took["suggestions"] = time.monotonic() - began
    index.save()
    # What a site owes when it first starts, as the extracts of its open data, is done before anybody measures readers.
    jobs.schedule_periodic()
    jobs.run_pending()
    return took


if __name__ == "__main__":
    from kezhuan.config.start import bring_up_to_date, start_django

    if not start_django() or not bring_up_to_date():
        sys.exit(2)
    print(json.dumps(build(*map(int, sys.argv[1:4]))))
