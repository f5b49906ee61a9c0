"""An evidence file for people to read: its index with what became of each item, and what each part says, in words."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kezhuan.areas.evidence.actions import FORMAT, PARTS, index_of, items_of
from kezhuan.areas.evidence.comparing import Likeness
from kezhuan.areas.evidence.reconstruction import Reconstruction
from kezhuan.engines.money import yuan
from kezhuan.kernel import history, registry
from kezhuan.kernel.errors import Text
from kezhuan.kernel.models import RuleValue
from kezhuan.kernel.models.approvals import Outcome, StepMode
from kezhuan.web.components import Cell, Column, TableView, Tag, Tone
from kezhuan.web.names import place_name, rule_name, value_in_words

TONES: dict[str, Tone] = {Likeness.EQUAL: "ok", Likeness.DIFFERS: "no"}
SHOWN = 16
"""Characters of a hash that are shown; the file has all of it."""
LABELS: dict[str, Text] = {
    "agreed_on": gettext_lazy("Signed on"),
    "amount_fen": gettext_lazy("Amount in yuan"),
    "asked_by": gettext_lazy("Asked for by"),
    "asked_fen": gettext_lazy("Price in yuan"),
    "at": gettext_lazy("At"),
    "attended": gettext_lazy("Attended"),
    "audience": gettext_lazy("Audience"),
    "bars_declared_not_to_hold": gettext_lazy("Declared not to stand against it"),
    "bids": gettext_lazy("Bid"),
    "binding": gettext_lazy("Intent or contract"),
    "by": gettext_lazy("By"),
    "certificates_sha256": gettext_lazy("SHA-256 of its certificates"),
    "channels": gettext_lazy("Place of the notice"),
    "code": gettext_lazy("Code or number"),
    "company": gettext_lazy("Company"),
    "considered_sha256": gettext_lazy("SHA-256 of what else was considered"),
    "content_sha256": gettext_lazy("SHA-256 of the frozen content"),
    "cost_fen": gettext_lazy("Cost in yuan"),
    "costs": gettext_lazy("Costs"),
    "days": gettext_lazy("Days"),
    "deal": gettext_lazy("Deal at the place"),
    "decided_on": gettext_lazy("Decided on"),
    "decision": gettext_lazy("Decision"),
    "due_days": gettext_lazy("Days to pay"),
    "due_on": gettext_lazy("Due on"),
    "ends_on": gettext_lazy("Last day"),
    "entitled": gettext_lazy("Entitled to vote"),
    "equity": gettext_lazy("Equity"),
    "evidence": gettext_lazy("How it was shown"),
    "exited_on": gettext_lazy("Given up on"),
    "facts": gettext_lazy("Facts"),
    "fees": gettext_lazy("Fee"),
    "fee_fen": gettext_lazy("Price for the whole term, in yuan"),
    "fen": gettext_lazy("Yuan"),
    "files_sha256": gettext_lazy("SHA-256 of its files"),
    "final_fen": gettext_lazy("Price that stands, in yuan"),
    "form_sha256": gettext_lazy("SHA-256 of the form"),
    "freed_on": gettext_lazy("Not owed any more since"),
    "from": gettext_lazy("From"),
    "given_up": gettext_lazy("Share that is given up"),
    "hash": "SHA-256",
    "head": gettext_lazy("Heads the unit (正职)"),
    "held_on": gettext_lazy("Held since"),
    "held_shares": gettext_lazy("Shares for the result"),
    "invoice": gettext_lazy("Invoice"),
    "invoiced_on": gettext_lazy("Invoiced on"),
    "kind": gettext_lazy("Kind"),
    "meeting": gettext_lazy("Meeting"),
    "members": gettext_lazy("Person"),
    "milestones": gettext_lazy("Milestone"),
    "minutes": gettext_lazy("Number of the minutes of the decision"),
    "minutes_no": gettext_lazy("Number of the minutes"),
    "minutes_sha256": gettext_lazy("SHA-256 of the minutes"),
    "mode": gettext_lazy("How it decides"),
    "months": gettext_lazy("Term in months"),
    "move": gettext_lazy("Step"),
    "name": gettext_lazy("Name"),
    "number": gettext_lazy("No."),
    "objections": gettext_lazy("Objection"),
    "offered": gettext_lazy("Offered to the completers, and their answer"),
    "offered_on": gettext_lazy("Offered to the other side on"),
    "on": gettext_lazy("Day"),
    "on_paper": gettext_lazy("Signed on paper"),
    "opened_on": gettext_lazy("Opened on"),
    "opinion_sha256": gettext_lazy("SHA-256 of the opinion"),
    "outcome": gettext_lazy("Outcome"),
    "paid_fen": gettext_lazy("What was paid, in yuan"),
    "paid_on": gettext_lazy("Paid on"),
    "part_bp": gettext_lazy("Share"),
    "party_code": gettext_lazy("Credit code of the other side"),
    "party_name": gettext_lazy("Other side"),
    "payment": gettext_lazy("Payment agreed on"),
    "payments": gettext_lazy("Payment agreed on"),
    "payments_sha256": gettext_lazy("SHA-256 of its payments, with vouchers"),
    "place": gettext_lazy("Place"),
    "planned_fen": gettext_lazy("Planned, in yuan"),
    "post": gettext_lazy("Post"),
    "post_money_fen": gettext_lazy("Value of the company after the investment, in yuan"),
    "proceeds_fen": gettext_lazy("Proceeds in yuan"),
    "proofs_sha256": gettext_lazy("SHA-256 of the proofs"),
    "quotes": gettext_lazy("Quote"),
    "reached_on": gettext_lazy("Reached on"),
    "received_fen": gettext_lazy("Received, in yuan"),
    "received_on": gettext_lazy("Received on"),
    "recognised_fen": gettext_lazy("Value in the books, in yuan"),
    "recused": gettext_lazy("Recused"),
    "reference": gettext_lazy("Reference"),
    "reg_no": gettext_lazy("Registration number"),
    "result": gettext_lazy("Result"),
    "royalty_bp": gettext_lazy("Share of sales"),
    "said_sha256": gettext_lazy("SHA-256 of what was said, and by whom"),
    "scope": gettext_lazy("How far it shuts others out"),
    "seal": gettext_lazy("Seal"),
    "seq": gettext_lazy("No. in the journal"),
    "share_bp": gettext_lazy("Share"),
    "shares": gettext_lazy("Shares"),
    "signed": gettext_lazy("SHA-256 of the text that was signed"),
    "signed_on": gettext_lazy("Signed on"),
    "signer": gettext_lazy("Signed by"),
    "size": gettext_lazy("Bytes"),
    "sort": gettext_lazy("Sort"),
    "source": gettext_lazy("Source"),
    "stage": gettext_lazy("Stage"),
    "started_on": gettext_lazy("In operation since"),
    "starts_on": gettext_lazy("First day"),
    "steps": gettext_lazy("Step of the approval"),
    "stock_takes": gettext_lazy("Stock-take"),
    "team": gettext_lazy("Team"),
    "terms": gettext_lazy("Terms agreed on"),
    "text": gettext_lazy("What is to be reached"),
    "territory": gettext_lazy("Territory"),
    "title": gettext_lazy("Title"),
    "to": gettext_lazy("To"),
    "total_shares": gettext_lazy("Shares of the company in all"),
    "trial_ends_on": gettext_lazy("Last day of the trial"),
    "trial_months": gettext_lazy("Months of trial"),
    "trigger": gettext_lazy("Money is owed"),
    "triggered_on": gettext_lazy("Money is owed since"),
    "unit": gettext_lazy("Unit"),
    "use_field": gettext_lazy("Field of use"),
    "value": gettext_lazy("Value"),
    "version_code": gettext_lazy("Version code"),
    "versions": gettext_lazy("Version"),
    "voucher": gettext_lazy("Voucher"),
    "way": gettext_lazy("Way"),
    "what": gettext_lazy("What was done"),
    "who": gettext_lazy("Who"),
    "wording": gettext_lazy("SHA-256 of the text"),
    "words_sha256": gettext_lazy("SHA-256 of the words"),
    "year_no": gettext_lazy("Year of production"),
    "years": gettext_lazy("Years that the unit set or agreed"),
}
"""What the file calls its fields, in words; those that are not here are shown as the file calls them."""


_codes: dict[str, Mapping[str, type[TextChoices]]] = {}


def name_codes(kind: str, **fields: type[TextChoices]) -> None:
    """Register what the codes mean that evidence about a kind tells in these fields."""
    _codes[kind] = fields


NAMED_BY_STEPS = {"approvals", "notices"}
"""Parts whose items are called by the step that they are about, among others."""


def index_table(found: Reconstruction) -> TableView:
    """Every item of the file with its number, its hash, and how it stands to what was rebuilt."""
    rows, words = [], _words(found.told, "")
    for part, items in index_of(found.told | {"format": FORMAT}).items():
        for place, item in enumerate(items, 1):
            tag = _state(found, part, place)
            title = item["title"]
            if part == "rules":
                code, _space, area = title.partition(" ")
                title = f"{rule_name(code)} {place_name(area)}"
            if part == "journal":
                title = _step_before(found, title)
            if part in NAMED_BY_STEPS:
                title = " ".join(words["move"].get(word, word) for word in title.split(" "))
            rows.append((item["no"], str(PARTS[part]), title, f"{item['sha256'][:SHOWN]}…", Cell("", tag=tag)))
    columns = (
        Column(_("No.")),
        Column(_("Part")),
        Column(_("Item of the file")),
        Column("SHA-256"),
        Column(_("State")),
    )
    return TableView(columns, tuple(rows), _("Index of the file"))


def _step_before(found: Reconstruction, title: str) -> str:
    """A step by its number in the journal and what was done."""
    number, _space, what = title.partition(" ")
    return f"{number} {history.label(registry.kind_of(found.document.record), what)}"


def _state(found: Reconstruction, part: str, place: int) -> Tag:
    """The worst that was found of the fields of an item; a part that is one item is compared as a whole."""
    own = [one.likeness for one in found.fields if one.path == part or f"{one.path}.".startswith(f"{part}.{place}.")]
    worst = max(own, key=list(Likeness).index, default=Likeness.UNTOLD)
    return Tag(worst.label, TONES.get(worst, "wait"))


def contents(told: dict[str, Any]) -> list[tuple[str, TableView]]:
    """What each part of the file says, by its name, field by field; what is empty is left out."""
    found = []
    for place, (part, label) in enumerate(PARTS.items(), 1):
        rows = [
            (f"{place}.{number}", name, text)
            for number, item in enumerate(items_of(told, part), 1)
            for name, text in _lines(_rule_told(item) if part == "rules" else item, (), _words(told, part))
        ]
        if rows:
            columns = (Column(_("No.")), Column(_("Field of the file")), Column(_("What it says")))
            found.append((f"{place} {label}", TableView(columns, tuple(rows))))
    return found


def _rule_told(item: dict[str, Any]) -> dict[str, Any]:
    """A rule value as the rulebook's pages tell it: its name, its value with what it counts, its place."""
    row = RuleValue(code=item["code"], value=item["value"], unit=item["unit"])
    words = {"value": value_in_words(row), "place": place_name(item["place"])}
    told = {name: one for name, one in item.items() if name != "unit"}
    return (
        told | {name: str(one) for name, one in words.items()} | {"code": f"{rule_name(item['code'])} ({item['code']})"}
    )


Words = dict[str, Mapping[str, str]]
"""By field what its codes mean."""


def _words(told: dict[str, Any], part: str) -> Words:
    """What the codes of a part mean: steps of the record that was decided on, stages of what stands in the part."""
    kind = registry.kind_of(told["kind"])
    moves = {name: str(move.label) for name, move in kind.lifecycle.moves.items()}
    staged = {"approvals": ("approval",), "notices": ("objection", "notice"), "contract": ("agreement", "contract")}
    stages = {
        name: str(stage.label)
        for slug in staged.get(part, (kind.slug,))
        for name, stage in registry.kind_of(slug).lifecycle.stages.items()
    }
    steps = {f"{kind.slug}.{name}": label for name, label in moves.items()}
    coded: dict[str, type[TextChoices]] = {"mode": StepMode, "outcome": Outcome, **_codes.get(kind.slug, {})}
    codes: Words = {name: {str(one.value): str(one.label) for one in choices} for name, choices in coded.items()}
    done = {one["what"]: history.label(kind, one["what"]) for one in told["journal"]}
    return codes | {"move": moves | steps, "what": done, "stage": stages}


def _lines(value: Any, path: tuple[str, ...], words: Words, key: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, one in value.items():
            yield from _lines(one, (*path, str(LABELS.get(name, name))), words, name)
    elif isinstance(value, list) and any(isinstance(one, dict | list) for one in value):
        for number, one in enumerate(value, 1):
            yield from _lines(one, (*path[:-1], f"{path[-1]} {number}"), words, key)
    else:
        texts = (_text(one, key, words) for one in (value if isinstance(value, list) else [value]))
        if text := "、".join(filter(None, texts)):
            yield " · ".join(path), text


def _text(value: Any, key: str, words: Words) -> str:
    """A value in words: codes by what they mean, money in yuan, shares in percent, hashes by their first characters."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, int) and key.endswith("fen"):
        return yuan(value)
    if isinstance(value, int) and key.endswith("_bp"):
        return f"{value / 100:g} %"
    text = words.get(key, {}).get(str(value), str(value))
    return f"{text[:SHOWN]}…" if key.endswith("sha256") or key in {"hash", "seal", "signed", "wording"} else text
