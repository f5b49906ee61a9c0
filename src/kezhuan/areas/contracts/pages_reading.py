"""The page on which registrars read back a register that was numbered outside."""

from collections import Counter

from django.http import HttpResponseBase
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from kezhuan.areas.contracts.forms import ReadBackForm
from kezhuan.areas.contracts.reading_actions import Outcome, ReadRow, read_back
from kezhuan.areas.contracts.tables import ROWS
from kezhuan.exchange.uploads import open_upload
from kezhuan.kernel.errors import NotAllowed
from kezhuan.web import faces
from kezhuan.web.components import Cell, Column, TableView, Tag, Text, Tone
from kezhuan.web.middleware import Request
from kezhuan.web.record_forms import action_page
from kezhuan.web.shell import page, trail

WORDS: dict[Outcome, tuple[Text, Tone]] = {
    Outcome.REGISTERED: (gettext_lazy("registered"), "ok"),
    Outcome.SAME: (gettext_lazy("registered already, unchanged"), "neutral"),
    Outcome.DIFFERS: (gettext_lazy("does not agree"), "no"),
    Outcome.UNKNOWN: (gettext_lazy("not known here"), "wait"),
    Outcome.REFUSED: (gettext_lazy("left out"), "wait"),
}
CHECKED = gettext_lazy("would be registered")


@require_http_methods(["GET", "HEAD", "POST"])
def contracts_read_back(request: Request) -> HttpResponseBase:
    """Send a register that was numbered outside; every row is answered."""
    if not request.actor.regions_of("contract"):
        raise NotAllowed
    title, back = _("Read back a register"), reverse("contracts")
    crumbs = trail((_("Home"), "/"), (capfirst(_("technology contracts")), back), title)

    def act(form: ReadBackForm) -> HttpResponseBase:
        typed = form.cleaned_data
        file = typed["file"]
        only_check = typed["only_check"]
        rows = read_back(
            actor=request.actor,
            source=open_upload(ROWS, file.name, file.read()),
            only_check=only_check,
            take_amounts=typed["take_amounts"],
        )
        return page(
            request,
            "contracts/read_back.html",
            title=title,
            crumbs=crumbs,
            file=file.name,
            only_check=only_check,
            counts=_counts(rows, only_check),
            table=_table(rows, only_check),
            again=reverse("contracts-read-back"),
        )

    return action_page(
        request,
        ReadBackForm,
        act,
        title=title,
        intro=_(
            "Export the list of contracts that are to be registered outside, have them numbered, and send the file with"
            " number, day and both amounts of the registry. A second reading changes nothing."
        ),
        submit_label=_("Read back"),
        back=back,
        crumbs=crumbs,
    )


def _tag(outcome: Outcome, only_check: bool) -> Tag:
    words, tone = WORDS[outcome]
    return Tag(CHECKED if only_check and outcome == Outcome.REGISTERED else words, tone)


def _counts(rows: tuple[ReadRow, ...], only_check: bool) -> list[tuple[Tag, int]]:
    counted = Counter(one.outcome for one in rows)
    return [(_tag(outcome, only_check), counted[outcome]) for outcome in Outcome if counted[outcome]]


def _table(rows: tuple[ReadRow, ...], only_check: bool) -> TableView:
    columns = (Column(_("Row"), numeric=True), Column(_("Contract")), Column(_("Result")), Column(_("Reason")))
    lines = tuple(
        (
            str(one.row),
            Cell(f"{one.contract.record.code} {one.name}", faces.url_of(one.contract.record))
            if one.contract is not None
            else one.name,
            Cell("", tag=_tag(one.outcome, only_check)),
            one.reason,
        )
        for one in rows
    )
    return TableView(columns, lines)
