"""Saved searches and followed records, told of in a digest by day or week, and only when something has happened.

A search tells of records that have newly come to where its reader may see them; a record of another stage, or of a
public part that says something else. A mended typing error is nothing that has happened; another digit is.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from itertools import pairwise
from typing import Any
from urllib.parse import unquote_plus

from django.db.models import QuerySet
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kezhuan.kernel import followers, jobs, journal, outbox, registry, search
from kezhuan.kernel.access import Actor, actor_for, can_view
from kezhuan.kernel.errors import Missing, NotAllowed, Problem, Refused
from kezhuan.kernel.marks import refuse_marked_texts
from kezhuan.kernel.models import Entry, Person, Record, Watch
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.models.watches import Rhythm
from kezhuan.kernel.text import batches, now, today

LETTER = "watch.digest"
TOPIC = "digest"
DIGEST = "watches.digest"
MOST_WATCHES = 50
"""A person watches no more than this: a letter of more news than that is not read."""
MOST_TOLD = 2000
"""Records a search remembers having named; it is long past any that could come up again."""
MOST_NAMED = 20
"""Records that a search names in one letter; of more it says how many there are."""
ALIKE = 0.7
"""Two texts that share so much of their pairs of letters differ by a typing error at most, if all digits agree."""
LONG = 60
"""Texts longer than this are not quoted in a letter: it says that they were rewritten."""


def topic_of(watch: Watch) -> str:
    """The topic by which one watch is stopped."""
    return f"watch:{watch.pk}"


def register() -> None:
    """Register the daily job; called once when Django has loaded the models."""
    jobs.register(DIGEST, digest, label=gettext_lazy("tell of saved searches and followed records"), long=True)
    jobs.every(DIGEST, time(8, 0))


# -- watching ----------------------------------------------------------------------------------------------------------


def watches_of(actor: Actor) -> QuerySet[Watch]:
    """The actor's own watches, newest first."""
    return Watch.objects.filter(person=actor.person).order_by("-pk") if actor.person else Watch.objects.none()


def watch_on(actor: Actor, record: Record) -> Watch | None:
    """The actor's watch on a record, for the organisation that they act for."""
    return watches_of(actor).filter(record=record, acting_for=actor.organisation).first()


def follow_record(*, actor: Actor, record: Record) -> Watch:
    """Tell the actor of changes of a record from now on; following it twice is following it once. Raises `NotAllowed`
    for a visitor, `Missing` for what they may not see, `Refused` for a watch too many."""
    if not can_view(actor, record):
        raise Missing(record.code)
    with translation.override(outbox.language_of(actor.person)):
        seen = snapshot(actor, record)
    return _add(actor, {"record": record}, {"seen": seen})


def save_search(*, actor: Actor, path: str, asked: search.Asked) -> Watch:
    """Tell the actor of records that a search finds from now on; `path` is the address of its list. Raises
    `NotAllowed` for a visitor, `Refused` for marked words and for a watch too many."""
    query = {"kinds": list(asked.kinds), "words": asked.words, "chosen": {k: list(v) for k, v in asked.chosen.items()}}
    refuse_marked_texts([query, unquote_plus(path)])
    return _add(actor, {"record": None, "path": path}, {"query": query, "seq": followers.head()[0]})


def _add(actor: Actor, which: Mapping[str, Any], start: Mapping[str, Any]) -> Watch:
    if actor.person is None:
        raise NotAllowed(_("Sign in to be told of news."))
    with journal.writing():
        # One after the other, so that many at once are told apart from the limit.
        Person.objects.select_for_update(of=("self",), no_key=True).get(pk=actor.person.pk)
        held = Watch.objects.filter(person=actor.person, acting_for=actor.organisation, **which).first()
        if held is not None:
            outbox.set_stopped(actor.person, topic_of(held), False)
            return held
        if Watch.objects.filter(person=actor.person).count() >= MOST_WATCHES:
            message = _("You watch %(count)s things. End one that is not needed first.") % {"count": MOST_WATCHES}
            raise Refused(Problem("watches-many", message))
        watch = Watch(
            person=actor.person,
            acting_for=actor.organisation,
            next_on=next_day(Rhythm.DAILY, today()),
            made_at=now(),
            **which,
            **start,
        )
        watch.save(force_insert=True)
        journal.note("watch.made", record=actor.person.record, actor=actor, data={"watch": watch.pk})
    return watch


def get_watch(actor: Actor, number: int) -> Watch:
    """One of the actor's own; raises `Missing` for anybody else's."""
    found = watches_of(actor).filter(pk=number).first()
    if found is None:
        raise Missing(str(number))
    return found


def change_rhythm(*, actor: Actor, number: int, rhythm: str) -> None:
    """Tell of it daily or weekly; raises `Missing`, or `Refused` for another word."""
    watch = get_watch(actor, number)
    if rhythm not in Rhythm.values:
        raise Refused(Problem("choice-unknown", _("Choose from the list."), "rhythm"))
    with journal.writing():
        Watch.objects.filter(pk=watch.pk).update(rhythm=rhythm, next_on=next_day(rhythm, today()))
        data = {"watch": watch.pk, "rhythm": rhythm}
        journal.note("watch.changed", record=watch.person.record, actor=actor, data=data)


def end_watch(*, actor: Actor, number: int) -> None:
    """Watch it no more; raises `Missing`."""
    watch = get_watch(actor, number)
    with journal.writing():
        Watch.objects.filter(pk=watch.pk).delete()
        journal.note("watch.ended", record=watch.person.record, actor=actor, data={"watch": number})


def next_day(rhythm: str, on: date) -> date:
    """The day after `on` on which news is told: tomorrow, or next Monday."""
    return on + timedelta(days=1 if rhythm == Rhythm.DAILY else 7 - on.weekday())


# -- what has happened -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Change:
    """One difference: what it is called, and both values; both empty when a long text was rewritten."""

    label: str
    before: str = ""
    after: str = ""


def snapshot(actor: Actor, record: Record) -> dict[str, Any]:
    """A record as far as the actor may see it: stage, and title and facts of its public part, in today's words."""
    seen: dict[str, Any] = {
        "language": translation.get_language(),
        "version": record.version,
        "stage": record.stage,
        "public": can_view(actor, record, "public"),
    }
    if seen["public"]:
        kind = registry.kind_of(record)
        facts = kind.public_facts(registry.row_of(record)) if kind.public_facts else ()
        seen["texts"] = [[_("Title"), record.title], [_("Summary"), record.summary]]
        seen["facts"] = [[str(label), str(value or "")] for label, value in facts]
    return seen


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """What is said differently in the public part; the stage is compared by whoever knows the lifecycle."""
    if not (before.get("public") and after.get("public")):
        return []
    found = []
    for part in ("texts", "facts"):
        old, new = _numbered(before[part]), _numbered(after[part])
        for key in [*old, *(key for key in new if key not in old)]:
            change = _change(key[0], old.get(key, ""), new.get(key, ""), is_text=part == "texts")
            found += [change] if change else []
    return found


def _numbered(pairs: Iterable[Sequence[str]]) -> dict[tuple[str, int], str]:
    """The values by label; the same label again counts on."""
    counts: Counter[str] = Counter()
    found = {}
    for label, value in pairs:
        found[label, counts[label]] = value
        counts[label] += 1
    return found


def _change(label: str, before: str, after: str, *, is_text: bool) -> Change | None:
    if before == after:
        return None
    long = max(len(before), len(after)) > LONG
    if (is_text or long) and before and after and means_the_same(before, after):
        return None
    return Change(label) if long else Change(label, before, after)


def means_the_same(before: str, after: str) -> bool:
    """Whether two texts differ by no more than a typing error: all digits agree, and most pairs of letters."""
    if re.findall(r"\d+", before) != re.findall(r"\d+", after):
        return False
    old, new = (Counter(pairwise(text)) for text in (before, after))
    most = max(old.total(), new.total())
    return most == 0 or (old & new).total() >= ALIKE * most


def newcomers(after: int, upto: int) -> list[int]:
    """The records that entries `after < seq <= upto` opened, or moved from a draft to where others work on it, or into
    public sight."""
    found: dict[int, None] = {}
    uids: dict[str, None] = {}
    entries = Entry.objects.filter(seq__gt=after, seq__lte=upto).order_by("seq")
    for record, kind, data in entries.values_list("record_id", "kind", "data").iterator(chunk_size=500):
        if not _appears(kind, data):
            continue
        if record is not None:
            found[record] = None
        uids |= dict.fromkeys(data.get("uids", ()))
    for batch in batches(uids, 500):
        found |= dict.fromkeys(Record.objects.filter(uid__in=batch).values_list("pk", flat=True))
    return list(found)


def _appears(entry: str, data: Mapping[str, Any]) -> bool:
    slug, _dot, name = entry.partition(".")
    known = {kind.slug: kind for kind in registry.kinds()}
    if slug not in known:
        return False
    if name == "open":
        return True
    stages = known[slug].lifecycle.stages
    before, after = stages.get(data.get("from", "")), stages.get(data.get("to", ""))
    if before is None or after is None:
        return False
    return before.phase == Phase.DRAFT != after.phase or before.phase != Phase.PUBLIC == after.phase


# -- telling -----------------------------------------------------------------------------------------------------------


def digest(running: jobs.Running) -> None:
    """Write to everybody whose day it is: one letter each, none when nothing has happened."""
    day = today()
    done = 0
    known: dict[tuple[int, int], list[int]] = {}
    due = Watch.objects.filter(next_on__lte=day)
    while (person := due.order_by("next_on", "person_id").values_list("person_id", flat=True).first()) is not None:
        with journal.writing():
            _tell(Person.objects.select_related("record").get(pk=person), day, known)
        done += 1
        running.progress(done)


def _tell(person: Person, day: date, known: dict[tuple[int, int], list[int]]) -> None:
    """Gather a person's news and remember how far they were told, in one transaction; `known` spares looking twice."""
    items: list[dict[str, Any]] = []
    head = followers.head()[0]
    wanted = not outbox.has_stopped(person, TOPIC)
    with translation.override(outbox.language_of(person)):
        for watch in Watch.objects.filter(person=person, next_on__lte=day).select_related("record").order_by("pk"):
            actor = actor_for(person, watch.acting_for_id)
            there = watch.acting_for_id is None or (
                actor.organisation is not None and actor.organisation.pk == watch.acting_for_id
            )
            told = wanted and there and not outbox.has_stopped(person, topic_of(watch))
            news = _news_of_record(watch, actor) if watch.record else _news_of_search(watch, actor, head, known)
            if news and told:
                items.append({"watch": watch.pk, **news})
            watch.next_on = next_day(watch.rhythm, day)
            watch.save(update_fields=["seen", "told", "seq", "next_on"])
    if items:
        outbox.tell(person, LETTER, key=f"digest:{person.pk}:{day.isoformat()}", topic=TOPIC, content={"items": items})


def _news_of_record(watch: Watch, actor: Actor) -> dict[str, Any] | None:
    record = watch.record
    assert record is not None
    if not can_view(actor, record):
        watch.seen = {}  # nothing of what is closed now is kept
        return None
    before = watch.seen
    if before.get("version") == record.version and before.get("public") == can_view(actor, record, "public"):
        return None
    # In the words of last time, lest another language looks like another fact.
    with translation.override(before.get("language") or translation.get_language()):
        changes = differences(before, snapshot(actor, record))
    watch.seen = snapshot(actor, record)
    moved = bool(before) and before.get("stage") != record.stage
    if not moved and not changes:
        return None
    told = [[change.label, change.before, change.after] for change in changes]
    return {"record": record.pk, "from": before["stage"] if moved else "", "changes": told}


def _news_of_search(
    watch: Watch, actor: Actor, head: int, known: dict[tuple[int, int], list[int]]
) -> dict[str, Any] | None:
    start = min(watch.seq, head)  # a restored database may have gone back
    watch.seq = head
    if (start, head) not in known:
        known[start, head] = newcomers(start, head)
    query = watch.query
    asked = search.Asked(words=query["words"], kinds=tuple(query["kinds"]), chosen=query["chosen"])
    before = set(watch.told)
    fresh = sorted(set(search.matching(actor, asked, known[start, head])) - before)
    if not fresh:
        return None
    watch.told = [*watch.told, *fresh][-MOST_TOLD:]
    return {"records": fresh[:MOST_NAMED], "more": max(0, len(fresh) - MOST_NAMED)}
