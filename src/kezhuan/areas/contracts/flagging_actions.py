"""Keep what should be looked at twice in the register: around what changed as it changes, and of the whole register by
a job, every night and after a large import. What is found takes the place of what was kept."""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from django.db import transaction
from django.db.models import Count, Q, QuerySet

from kezhuan.areas.contracts.models import Contract, Flag, FlagOf, Looked, form_of, handed_in_of
from kezhuan.areas.contracts.paid import told_of
from kezhuan.areas.contracts.queries import district_of
from kezhuan.engines import contracts as engine
from kezhuan.kernel import followers, jobs, leases
from kezhuan.kernel.jobs import Running
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.text import batches, now, today

FOLLOWER = "contract-flags"
LOOK_AT_ALL = "contracts.look-at-all"
"""The job that looks at the whole register."""
FEW = 1000
"""Changed records beside whose contracts the register is looked at at once; of more it is looked at as a whole."""
BATCH = 500
LONGEST = 200
NOT_LOOKED_AT = (Phase.DRAFT, Phase.VOID, Phase.WITHDRAWN)
OF_TEXT = frozenset({"same-text", "second-agency"})
SECOND = "second-transfer"
Place = tuple[int | None, str]
"""The year that a contract counts in, and its seller's district."""


def follow_contracts(changed: Sequence[int], anew: bool) -> None:
    """Look at what changed, beside what it stands now and stood before; of an agreement at its contracts, because it
    tells what was paid."""
    if anew or len(changed) > FEW:
        jobs.enqueue(LOOK_AT_ALL, key="owed")
        return
    with transaction.atomic():
        leases.confirm_held()
        _look_around(changed)


def look_at_all(running: Running | None = None) -> None:
    """Look at the whole register, and again beside whatever changed while it was read."""
    seen, _hash = followers.head()
    forms: dict[int, engine.Contract] = {}
    places: dict[int, Place] = {}
    for batch in batches(_looked_at().order_by("pk").values_list("pk", flat=True), BATCH):
        _read(batch, forms, places)
    found = _by_key(engine.flags(list(forms.values()), as_of=today()))
    with transaction.atomic():
        if running is not None:
            running.confirm()
        gone = set(Looked.objects.values_list("contract", flat=True)) - set(forms)
        _keep_looked(forms, gone)
        _keep(found, Flag.objects.all(), places)
    since = followers.changed_records(seen, followers.head()[0])
    for batch in batches((pk for pk, kind in since.items() if kind in {"contract", "agreement"}), FEW):
        with transaction.atomic():
            if running is not None:
                running.confirm()
            _look_around(batch)


def _looked_at() -> QuerySet[Contract]:
    return Contract.objects.exclude(record__phase__in=NOT_LOOKED_AT)


def _read(ids: Sequence[int], forms: dict[int, engine.Contract], places: dict[int, Place]) -> None:
    """Read forms as the engine looks at them: by the keys of their texts, and with what was paid as others tell it."""
    rows = list(_looked_at().filter(pk__in=ids).select_related("record").defer("text", "content"))
    told = told_of(rows)
    for row in rows:
        row.text, row.content = "", {}
        row.paid_fen = told[row.pk].fen if row.pk in told else row.paid_fen
        read = handed_in_of(row)
        read.text = ""
        form = form_of(read)
        # What was refused or revoked gives nothing away.
        forms[row.pk] = replace(form, achievement="") if row.record.phase == Phase.FAILED else form
        day = row.registered_on or row.applied_on or row.signed_on
        places[row.pk] = (day.year if day is not None else None, district_of(row))


def _keys(form: engine.Contract) -> dict[str, str]:
    keys = {"seller": form.seller.key, "buyer": form.buyer.key, "name": engine.name_key(form)}
    return {name: key[:LONGEST] for name, key in keys.items()} | {"text_key": form.text_key}


def _keep_looked(forms: Mapping[int, engine.Contract], gone: Collection[int]) -> None:
    for batch in batches(gone, BATCH):
        Looked.objects.filter(contract__in=batch).delete()
    for batch in batches(forms, BATCH):
        Looked.objects.bulk_create(
            (Looked(contract_id=pk, **_keys(forms[pk])) for pk in batch),
            update_conflicts=True,
            unique_fields=["contract"],
            update_fields=["seller", "buyer", "text_key", "name"],
        )


def _look_around(changed: Iterable[int]) -> None:
    """Look at these contracts, and those of these agreements, among all with a party or the text that they have or had
    when they were looked at last: what is found there holds in the whole register, as far as `_is_whole` says so."""
    ids = set(Contract.objects.filter(Q(pk__in=changed) | Q(agreement__in=changed)).values_list("pk", flat=True))
    if not ids:
        return
    before = Looked.objects.filter(contract__in=ids).values_list("seller", "buyer", "text_key")
    had = [{"seller": seller, "buyer": buyer, "text_key": text} for seller, buyer, text in before]
    forms: dict[int, engine.Contract] = {}
    places: dict[int, Place] = {}
    for batch in batches(sorted(ids), BATCH):
        _read(batch, forms, places)
    _keep_looked(forms, ids - set(forms))
    have = [_keys(form) for form in forms.values()]
    parties = {one[end] for one in chain(had, have) for end in ("seller", "buyer")} - {""}
    texts = {one["text_key"] for one in chain(had, have)} - {""}
    given = _given_away(ids, forms)
    near = {*_looked("seller", parties), *_looked("buyer", parties), *_looked("text_key", texts)}
    near = {*near, *_of_achievements(given)} - set(forms)
    for batch in batches(sorted(near), BATCH):
        _read(batch, forms, places)
    found = engine.flags(list(forms.values()), as_of=today(), common=_common(forms))
    hand = AtHand(forms, parties, texts, given)
    whole = [one for one in found if _is_whole(one.kind, one.rows, hand)]
    _keep(_by_key(whole), _replaced(ids, hand), places)


@dataclass(frozen=True)
class AtHand:
    """What was read around a change: the forms, and of which parties, texts and achievements all of them."""

    forms: Mapping[int, engine.Contract]
    parties: Collection[str]
    texts: Collection[str]
    achievements: Collection[str]


def _given_away(ids: Collection[int], forms: Mapping[int, engine.Contract]) -> set[str]:
    """The achievements of these contracts, and those that were told to be given away twice by one of them."""
    beside = FlagOf.objects.filter(flag__kind=SECOND, flag__about__contract__in=ids)
    had = Contract.objects.filter(pk__in=beside.values("contract")).values_list("achievement", flat=True)
    return {str(one) for one in had if one is not None} | {one.achievement for one in forms.values()} - {""}


def _of_achievements(achievements: Collection[str]) -> Iterable[int]:
    for batch in batches(sorted(map(int, achievements)), BATCH):
        rows = _looked_at().filter(kind="transfer", achievement__in=batch)
        yield from rows.values_list("pk", flat=True)


def _looked(column: str, values: Collection[str]) -> Iterable[int]:
    for batch in batches(sorted(values), BATCH):
        yield from Looked.objects.filter(**{f"{column}__in": batch}).values_list("contract", flat=True)


def _common(forms: Mapping[int, engine.Contract]) -> frozenset[str]:
    """Which names of these contracts many contracts of the register have."""
    names = {engine.name_key(form)[:LONGEST] for form in forms.values()} - {""}
    counts: dict[str, int] = {}
    for batch in batches(sorted(names), BATCH):
        rows = Looked.objects.filter(name__in=batch).values("name").annotate(count=Count("contract")).order_by()
        counts |= {one["name"]: one["count"] for one in rows}
    return engine.common_names(counts)


def _is_whole(kind: str, rows: Collection[int], hand: AtHand) -> bool:
    """Whether all that a flag of this kind is made of was at hand: of a seller's year all that the seller sold, of a
    text all that have it, of an achievement all that transfer it, else what one of the parties bought and sold."""
    about, parties = [_keys(hand.forms[pk]) for pk in rows], hand.parties
    if kind == SECOND:
        return all(hand.forms[pk].achievement in hand.achievements for pk in rows)
    if kind in OF_TEXT and len({one["text_key"] for one in about}) == 1 and about[0]["text_key"] in hand.texts:
        return True
    if kind == "same-text":
        return False
    if kind == "year-end":
        return about[0]["seller"] in parties
    return any(one[end] in parties for one in about for end in ("seller", "buyer")) or len(about) == 1


def _replaced(ids: Collection[int], hand: AtHand) -> QuerySet[Flag]:
    """The flags that what is found now takes the place of: of the contracts that changed, and those about what was at
    hand."""
    kinds: dict[int, str] = {}
    about: dict[int, set[int]] = {}
    for batch in batches(sorted({*hand.forms, *ids}), BATCH):
        of = FlagOf.objects.filter(contract__in=batch).values_list("flag", "flag__kind", "contract")
        for flag, kind, contract in of:
            kinds[flag] = kind
            about.setdefault(flag, set()).add(contract)
    counted = dict(Flag.objects.filter(pk__in=list(about)).annotate(rows=Count("about")).values_list("pk", "rows"))
    taken = [
        flag
        for flag, rows in about.items()
        if rows & set(ids) or (len(rows) == counted[flag] and _is_whole(kinds[flag], rows, hand))
    ]
    return Flag.objects.filter(pk__in=taken)


def _by_key(flags: Iterable[engine.Flag]) -> dict[str, engine.Flag]:
    return {hashlib.sha256(f"{one.kind}:{one.rows}".encode()).hexdigest(): one for one in flags}


def _keep(found: Mapping[str, engine.Flag], before: QuerySet[Flag], places: Mapping[int, Place]) -> None:
    """Keep what was found in the place of what was found before; a flag that is found again stays as it is, but for
    words that say other figures now."""
    held = {one.key: one for one in before}
    for batch in batches((one.pk for key, one in held.items() if key not in found), BATCH):
        Flag.objects.filter(pk__in=batch).delete()
    new = [
        Flag(key=key, kind=one.kind, zh=one.words.zh, en=one.words.en, found_at=now())
        for key, one in found.items()
        if key not in held
    ]
    Flag.objects.bulk_create(new, batch_size=BATCH)
    about = ((flag, pk) for flag in new for pk in found[flag.key].rows)
    FlagOf.objects.bulk_create(
        (FlagOf(flag=flag, contract_id=pk, year=places[pk][0], place=places[pk][1]) for flag, pk in about),
        batch_size=BATCH,
    )
    said = [(held[key], one.words) for key, one in found.items() if key in held]
    for flag, words in said:
        if (flag.zh, flag.en) != (words.zh, words.en):
            Flag.objects.filter(pk=flag.pk).update(zh=words.zh, en=words.en)
    for batch in batches(places, BATCH):
        for one in FlagOf.objects.filter(contract__in=batch):
            if (one.year, one.place) != places[one.contract_id]:
                FlagOf.objects.filter(pk=one.pk).update(
                    year=places[one.contract_id][0], place=places[one.contract_id][1]
                )
