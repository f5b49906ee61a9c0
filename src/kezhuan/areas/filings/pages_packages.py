"""Pages of packages: a unit with an instance of its own packs filings and reads receipts, a bureau takes them in."""

import json

from django.db.models import Count, Q
from django.http import HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from kezhuan.areas.filings.forms_packages import ConfirmForm, PackForm, TakeForm
from kezhuan.areas.filings.models import Receipt
from kezhuan.areas.filings.package_actions import (
    Confirmed,
    Taken,
    confirm_filings,
    own_filings,
    pack_filings,
    take_package,
)
from kezhuan.areas.filings.permissions import hands_over, takes_in
from kezhuan.areas.filings.wording import place_in_words, programme_in_words
from kezhuan.kernel import registry
from kezhuan.kernel.access import Actor
from kezhuan.kernel.documents import Upload
from kezhuan.kernel.errors import Missing, NotAllowed
from kezhuan.kernel.text import today
from kezhuan.web import faces
from kezhuan.web.components import ButtonLink, Cell, Column, Crumb, TableView, Tag
from kezhuan.web.exports import file_answer
from kezhuan.web.middleware import Request
from kezhuan.web.names import name_of
from kezhuan.web.record_forms import action_page
from kezhuan.web.shell import page, trail
from kezhuan.web.templatetags.kezhuan import wan


def buttons_for(actor: Actor) -> list[ButtonLink]:
    """What the list of filings offers whoever has an instance of their own, and the bureau."""
    if hands_over(actor) and own_filings(actor).exists():
        return [
            ButtonLink(_("Pack for the bureau's instance"), reverse("filings-package")),
            ButtonLink(_("Read a receipt"), reverse("filings-confirm")),
        ]
    if takes_in(actor):
        return [ButtonLink(_("Take in a unit's package"), reverse("filings-take"))]
    return []


def _crumbs(title: str) -> tuple[Crumb, ...]:
    return trail((_("Home"), "/"), (capfirst(_("filings")), reverse("filings")), title)


@require_http_methods(["GET", "HEAD", "POST"])
def filings_package(request: Request) -> HttpResponseBase:
    """Pack what was filed here for a bureau that runs an instance of its own."""
    if not hands_over(request.actor):
        raise NotAllowed
    title, bureaus = _("Pack for the bureau's instance"), _bureaus(request.actor)

    def act(form: PackForm) -> HttpResponseBase:
        region, programme = form.cleaned_data["bureau"].split("|")
        content, _count = pack_filings(
            actor=request.actor, region=region, programme=programme, again=form.cleaned_data["again"]
        )
        return file_answer(f"报送-{today().isoformat()}.zip", content, "application/zip")

    return action_page(
        request,
        lambda posted, _files: PackForm(posted, bureaus=bureaus),
        act,
        title=title,
        intro=_(
            "Where the bureau runs an instance of its own, it reads there what you filed here: send it the package, and"
            " read its receipt back. Nothing but what was filed goes along."
        )
        if bureaus
        else _("Your unit has filed nothing yet."),
        submit_label=_("Make the package"),
        brings_file=True,
        back=reverse("filings"),
        crumbs=_crumbs(title),
    )


def _bureaus(actor: Actor) -> list[tuple[str, str]]:
    """To whom the unit has filed, each with how much no receipt confirms yet."""
    rows = own_filings(actor).order_by().values_list("region", "programme")
    counted = rows.annotate(open=Count("pk", filter=Q(confirmed_on=None))).order_by("region", "programme")
    return [
        (
            f"{region}|{programme}",
            f"{place_in_words(region)} · {programme_in_words(programme)} · "
            + _("not confirmed: %(count)s") % {"count": count},
        )
        for region, programme, count in counted
    ]


@require_http_methods(["GET", "HEAD", "POST"])
def filings_take(request: Request) -> HttpResponseBase:
    """Take in a unit's package, and hand out its receipt."""
    if not takes_in(request.actor):
        raise NotAllowed
    title = _("Take in a unit's package")

    def act(form: TakeForm) -> HttpResponseBase:
        file = form.cleaned_data["file"]
        upload = Upload(file.name, file.read(), form.cleaned_data["declared_open"])
        taken = take_package(actor=request.actor, upload=upload)
        return page(
            request,
            "filings/taken.html",
            title=title,
            crumbs=_crumbs(title),
            unit=name_of(taken.receipt.unit.record),
            table=_taken_table(taken),
            receipt=reverse("filing-receipt", args=[taken.receipt.code]),
            code=taken.receipt.code,
            again=reverse("filings-take"),
        )

    return action_page(
        request,
        TakeForm,
        act,
        title=title,
        intro=_(
            "Filings that a unit made at its own instance come in as they were frozen, each with its hash and files. A"
            " second reading changes nothing. Send the receipt back to the unit."
        ),
        submit_label=_("Take in"),
        back=reverse("filings"),
        crumbs=_crumbs(title),
    )


def _taken_table(taken: Taken) -> TableView:
    tags = (Tag(_("taken in"), "ok"), Tag(_("here already, unchanged"), "neutral"))
    lines = tuple(
        (
            Cell(f"{one.record.code} {one.record.title}", faces.url_of(one.record)),
            capfirst(str(registry.kind_of(one.about_kind).label)),
            Cell("", tag=tag),
        )
        for tag, rows in zip(tags, (taken.fresh, taken.held), strict=True)
        for one in rows
    )
    return TableView((Column(_("Filing")), Column(_("Kind of record")), Column(_("Result"))), lines)


@require_safe
def filing_receipt(request: Request, code: str) -> HttpResponse:
    """A receipt as a file, for the officers in charge of what it is about."""
    receipt = Receipt.objects.filter(code=code).first() if takes_in(request.actor) else None
    if receipt is None or not request.actor.is_in_charge(receipt.region, receipt.programme):
        raise Missing(code)
    content = json.dumps(receipt.said, ensure_ascii=False, indent=1).encode()
    return file_answer(f"回执-{receipt.code}.json", content, "application/json")


@require_http_methods(["GET", "HEAD", "POST"])
def filings_confirm(request: Request) -> HttpResponseBase:
    """Read the bureau's receipt back: what it confirms, and whether both sides count the same."""
    if not hands_over(request.actor):
        raise NotAllowed
    title = _("Read a receipt")

    def act(form: ConfirmForm) -> HttpResponseBase:
        confirmed = confirm_filings(actor=request.actor, content=form.cleaned_data["file"].read())
        return page(
            request,
            "filings/confirmed.html",
            title=title,
            crumbs=_crumbs(title),
            confirmed=confirmed,
            table=_both_sides(confirmed),
            back=reverse("filings"),
        )

    return action_page(
        request,
        ConfirmForm,
        act,
        title=title,
        intro=_("The receipt that the bureau's instance made for your package: it says what arrived, and the totals."),
        submit_label=_("Read"),
        back=reverse("filings"),
        crumbs=_crumbs(title),
    )


def _both_sides(confirmed: Confirmed) -> TableView:
    here = {(one.kind, one.name, one.year): one.fen for one in confirmed.here}
    same, other = Tag(_("the same"), "ok"), Tag(_("does not agree"), "no")
    lines = tuple(
        (
            _figure_in_words(kind, name),
            str(year),
            wan(here[kind, name, year]) if (kind, name, year) in here else "–",
            wan(confirmed.there[kind, name, year]) if (kind, name, year) in confirmed.there else "–",
            Cell("", tag=same if here.get((kind, name, year)) == confirmed.there.get((kind, name, year)) else other),
        )
        for kind, name, year in sorted({*here, *confirmed.there})
    )
    columns = (
        Column(_("Figure")),
        Column(_("Year"), numeric=True),
        Column(_("Confirmed here"), numeric=True),
        Column(_("At the bureau"), numeric=True),
        Column(_("Result")),
    )
    return TableView(columns, lines)


def _figure_in_words(kind: str, name: str) -> str:
    known = {one.slug: one for one in registry.kinds()}
    telling = known[kind].filing if kind in known else None
    if telling is None:
        return f"{kind} · {name}"
    return f"{capfirst(str(known[kind].label))} · {telling.figures.get(name, name)}"
