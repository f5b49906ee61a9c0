"""Pages of brokers: one's own queue, all queues with what came of them, one pair, brokers made and ended."""

from collections.abc import Sequence

from django.db.models import Q, QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from kezhuan.areas.brokers.actions import edit_broker, end_broker, enter_broker, kept_broker, not_kept
from kezhuan.areas.brokers.figures import Figures, figures_of
from kezhuan.areas.brokers.forms import BrokerChangeForm, BrokerForm, LettingForm, initial_of
from kezhuan.areas.brokers.letting_actions import let_brokers_read
from kezhuan.areas.brokers.models import Broker, BrokeredPair
from kezhuan.areas.brokers.panels import (
    fields_named,
    need_panel,
    organisation_panel,
    owners_of,
    pair_name,
    queue_line,
    regions_named,
    side_name,
)
from kezhuan.areas.brokers.permissions import keeps, lets_read, plans_queues
from kezhuan.areas.brokers.queries import (
    GIVEN,
    PAIR_TOLD,
    TAKEN,
    brokers_in_force,
    may_read,
    own_brokerships,
    own_pairs,
    pairs_visible_to,
    reads_both,
)
from kezhuan.areas.brokers.wording import fit_line
from kezhuan.areas.needs.models import Need
from kezhuan.kernel import registry
from kezhuan.kernel.access import Actor, can_view, get_visible
from kezhuan.kernel.disclosures import note_words
from kezhuan.kernel.errors import NotAllowed
from kezhuan.kernel.inspecting import note_views
from kezhuan.kernel.models import Organisation, Person, Record
from kezhuan.kernel.text import bracketed
from kezhuan.web import exports, faces, inbox
from kezhuan.web.addresses import sign_in_first
from kezhuan.web.components import Cell, Column, Fact, Figure, ResultLine, TableView, Tag
from kezhuan.web.lists import list_page, takes_a_list
from kezhuan.web.middleware import Request
from kezhuan.web.names import name_of
from kezhuan.web.record_forms import action_page, confirm_page
from kezhuan.web.records import record_page, record_trail
from kezhuan.web.shell import page, trail

ANY = ["GET", "HEAD", "POST"]
MOST_ENDED = 20
"""Of what came to an end so many stand on one's own page; the file and the list have all."""


def _rows(actor: Actor, ids: Sequence[int]) -> Sequence[BrokeredPair]:
    return list(pairs_visible_to(actor).filter(pk__in=ids))


def _line(actor: Actor, row: BrokeredPair, _words: str) -> ResultLine:
    return faces.plain_line(
        row.record,
        title=pair_name(actor, row),
        meta=(name_of(row.broker.person.record), *owners_of(actor, row)),
        on=row.record.opened_on,
    )


def register_face() -> None:
    """How pairs stand in lists and in the inbox of their broker, and brokers on the page of their unit."""
    faces.register("pair", faces.Face(_rows, _line, pair_name))
    inbox.add_source(inbox.source_of(_waiting, standing={"pair": (GIVEN,)}))
    registry.add_panel("organisation", organisation_panel)
    registry.add_panel("need", need_panel)


def _waiting(actor: Actor) -> QuerySet[Record]:
    """The pairs that wait for the actor as a broker."""
    if actor.person is None or actor.represented is not None or actor.organisation is None:
        return Record.objects.none()
    own = {"brokered_pair__broker__person": actor.person, "brokered_pair__broker__organisation": actor.organisation}
    return inbox.without_term(actor, Q(kind="pair", stage=GIVEN, **own))


@takes_a_list
def pair_list(request: Request) -> HttpResponseBase:
    """The pairs in queues that one may know of."""
    if not request.actor.is_signed_in:
        return sign_in_first(request)
    return list_page(
        request,
        title=capfirst(_("pairs in brokers' queues")),
        kinds=("pair",),
        facets=("stage",),
        empty=_("You know of no pair in a broker's queue."),
    )


@require_safe
def pair_page(request: Request, code: str) -> HttpResponse:
    """One pair: whose queue it is in, both sides as far as the reader may know them, why they fit, what came of it."""
    actor = request.actor
    row = get_visible(actor, BrokeredPair, code, related=PAIR_TOLD)
    reads = reads_both(actor, row)
    if reads:
        note_words(actor, [row.need.record, row.supply])
    sides = ((_("Need"), row.need.record), (capfirst(registry.kind_of(row.supply).label), row.supply))
    facts = [
        Fact(_("Broker"), f"{name_of(row.broker.person.record)} · {name_of(row.broker.organisation.record)}"),
        *(
            Fact(label, side_name(actor, one), faces.url_of(one) if can_view(actor, one) else "")
            for label, one in sides
        ),
        # Score and fit tell of the need what its broker alone may read.
        Fact(_("Score"), f"{row.score:.2f}" if reads else ""),
        Fact(_("Fit of the broker"), bracketed(f"{row.fit:.2f}", fit_line(row.why)) if reads else ""),
        _introduced(actor, row),
        Fact(_("Contract"), _("contract registered") if row.registered else ""),
    ]
    return record_page(
        request,
        row,
        "brokers/pair.html",
        title=pair_name(actor, row),
        facts=[one for one in facts if one.value],
        line=queue_line(actor, 1, row) if reads else None,
    )


def _introduced(actor: Actor, row: BrokeredPair) -> Fact:
    """The introduction that came of a pair, with its stage, for whoever may see it."""
    label, record = capfirst(_("introduction")), row.introduction.record if row.introduction is not None else None
    if record is None or not can_view(actor, record):
        return Fact(label, "")
    return Fact(label, f"{record.code} · {faces.stage_tag(record).label}", faces.url_of(record))


@takes_a_list
def queue_page(request: Request) -> HttpResponseBase:
    """The reader's own queue: what waits, the best first, what they follow, and what came of the rest."""
    actor = request.actor
    if not actor.is_signed_in:
        return sign_in_first(request)
    rows, title = own_pairs(actor), _("My queue of pairs")
    if exports.asks_for_file(request):
        ids = list(rows.values_list("pk", flat=True))
        return exports.records_file(request, ["pair"], ids, name="pair", title=title, filters={})
    brokers = list(own_brokerships(actor))
    shown = [
        list(rows.filter(record__stage=GIVEN)),
        list(rows.filter(record__stage=TAKEN)),
        list(rows.exclude(record__stage__in=(GIVEN, TAKEN)).order_by("-record__changed_at", "-pk")[:MOST_ENDED]),
    ]
    every = [row for part in shown for row in part]
    records = [one for row in every for one in (row.need.record, row.supply) if reads_both(actor, row)]
    note_views(actor, [one.pk for one in records], "list")
    note_words(actor, records)
    waiting, followed, ended = ([queue_line(actor, rank, row) for rank, row in enumerate(part, 1)] for part in shown)
    return page(
        request,
        "brokers/queue.html",
        title=title,
        crumbs=trail((_("Home"), "/"), title),
        is_broker=bool(brokers),
        figures=[one for broker in brokers for one in _own_figures(broker, figures_of([broker]).get(broker.pk))],
        waiting=waiting,
        followed=followed,
        ended=ended,
        endings=tuple(exports.MEDIA) if brokers and every else (),
    )


def _own_figures(broker: Broker, found: Figures | None) -> list[Figure]:
    told = found or Figures()
    return [
        Figure(f"{told.waiting + told.followed} / {broker.capacity}", _("open pairs of at most")),
        Figure(str(told.taken), _("taken up in all")),
        Figure(str(told.met), _("met")),
        Figure(str(told.intent), _("intent")),
        Figure(str(told.registered), _("contracts registered")),
    ]


@takes_a_list
def broker_list(request: Request) -> HttpResponse:
    """All queues that the reader fills, with what came of their pairs."""
    actor, title = request.actor, capfirst(_("technology brokers"))
    if not plans_queues.test(actor, None):
        raise NotAllowed(_("Only officers and the administrators of a unit plan the queues of brokers."))
    units = keeps.among(actor, Organisation.objects.all())
    rows = Broker.objects.filter(organisation__in=units.values("pk"))
    brokers = list(rows.select_related("person__record", "organisation__record").order_by("until", "pk"))
    table = _table(actor, brokers)
    if exports.asks_for_file(request):
        return exports.shown_file(request, table, name="brokers", title=title)
    return page(
        request,
        "brokers/brokers.html",
        title=title,
        crumbs=trail((_("Home"), "/"), title),
        table=table,
        endings=tuple(exports.MEDIA) if brokers else (),
        plan_url=reverse("brokers-plan"),
        pairs_url=reverse("pairs"),
    )


def _table(actor: Actor, brokers: Sequence[Broker]) -> TableView:
    found = figures_of(brokers)
    columns = (
        Column(_("Broker")), Column(_("Organisation")), Column(_("Technical fields")), Column(_("Districts")),
        *(Column(one, numeric=True) for one in (
            _("At most"), _("Waiting"), _("Followed"), _("Handed back"), _("Taken up"), _("Met"), _("Intent"),
            _("Contract"), _("Registered"), _("Conversion"),
        )),
    )  # fmt: skip
    rows: list[tuple[Cell | str, ...]] = []
    for one in brokers:
        told = found.get(one.pk, Figures())
        rate = told.conversion_bp
        name = name_of(one.person.record)
        ended = Tag(_("no longer a broker"), "no") if one.until is not None else None
        counts = (one.capacity, told.waiting, told.followed, told.returned, told.taken, told.met, told.intent,
                  told.contract, told.registered)  # fmt: skip
        rows.append(
            (
                Cell(name, "" if ended else reverse("broker-edit", args=[one.pk]), ended),
                Cell(name_of(one.organisation.record), faces.url_of(one.organisation.record)),
                fields_named(one.fields),
                regions_named(one.regions),
                *(str(count) for count in counts),
                "" if rate is None else f"{rate / 100:.1f}%",
            )
        )
    return TableView(columns, tuple(rows))


@require_http_methods(ANY)
def broker_new(request: Request, code: str) -> HttpResponseBase:
    """Make a member of an organisation its broker."""
    row = get_visible(request.actor, Organisation, code)
    if not keeps.test(request.actor, row):
        raise not_kept()
    people = Person.objects.filter(memberships__organisation=row, memberships__until=None).select_related("record")
    people = people.exclude(brokerships__in=Broker.objects.filter(organisation=row, until=None)).distinct()
    back, title = faces.url_of(row.record), _("Make a member a broker")

    def act(form: BrokerForm) -> str:
        enter_broker(actor=request.actor, organisation=row, person=form.cleaned_data["person"], facts=form.facts)
        return back

    return action_page(
        request,
        lambda posted, _files: BrokerForm(posted, people=people.order_by("pk")),
        act,
        title=title,
        intro=name_of(row.record),
        submit_label=title,
        back=back,
        crumbs=trail((_("Home"), "/"), (name_of(row.record), back), title),
        done=_("Saved."),
    )


@require_http_methods(ANY)
def broker_edit(request: Request, number: int) -> HttpResponseBase:
    """Change what is said of a broker."""
    row = kept_broker(request.actor, number)
    back, title, name = faces.url_of(row.organisation.record), _("Change the broker"), name_of(row.person.record)

    def act(form: BrokerChangeForm) -> str:
        edit_broker(actor=request.actor, broker=row, facts=form.facts)
        return back

    return action_page(
        request,
        lambda posted, _files: BrokerChangeForm(posted, initial=initial_of(row)),
        act,
        title=title,
        intro=name,
        submit_label=_("Save"),
        back=back,
        crumbs=trail((_("Home"), "/"), (name_of(row.organisation.record), back), name),
        done=_("Saved."),
        template="brokers/broker_form.html",
        end_url=reverse("broker-end", args=[number]),
    )


@require_http_methods(ANY)
def broker_end(request: Request, number: int) -> HttpResponseBase:
    """End somebody's work as a broker, once it was asked whether it is meant."""
    row = kept_broker(request.actor, number)
    back, title = faces.url_of(row.organisation.record), _("End their work as a broker")
    return confirm_page(
        request,
        lambda: end_broker(actor=request.actor, broker=row),
        title=title,
        sentence=_("What waits for %(name)s can be planned again; what they took up goes on.")
        % {"name": name_of(row.person.record)},
        submit_label=title,
        back=back,
        crumbs=trail((_("Home"), "/"), (name_of(row.organisation.record), back), title),
        done=_("They are no longer a broker."),
    )


@require_http_methods(ANY)
def need_brokers(request: Request, code: str) -> HttpResponseBase:
    """Say which brokers read a need that not everybody reads."""
    row = get_visible(request.actor, Need, code)
    if not lets_read.test(request.actor, row):
        raise NotAllowed(_("Whoever acts for the firm says which brokers read a need that not everybody reads."))
    back, title, people = faces.url_of(row.record), _("Technology brokers who may read it"), may_read(row)
    brokers = list(brokers_in_force())
    start = {"brokers": [one.pk for one in brokers if one.person_id in people]}

    def act(form: LettingForm) -> str:
        let_brokers_read(actor=request.actor, need=row, brokers=form.cleaned_data["brokers"])
        return back

    return action_page(
        request,
        lambda posted, _files: LettingForm(posted, brokers=brokers, initial=start),
        act,
        title=title,
        intro=name_of(row.record),
        submit_label=_("Save"),
        back=back,
        crumbs=record_trail(row.record, title),
        done=_("Saved."),
    )
