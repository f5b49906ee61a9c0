"""Pages of organisations and people: the list, a record, registering and correcting an organisation, its members."""

from collections.abc import Sequence

from django import forms
from django.http import HttpResponse, HttpResponseBase, QueryDict
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from kezhuan.areas.people.actions import edit_organisation, register_organisation
from kezhuan.areas.people.checks import ABROAD, number_scheme
from kezhuan.areas.people.pages_claims import claims_shown, last_words, own_claim
from kezhuan.areas.people.pages_members import members_shown
from kezhuan.areas.people.permissions import may_edit, may_rename, may_renumber
from kezhuan.areas.people.queries import numbers_of, organisations_visible_to, people_visible_to
from kezhuan.exchange.settings import REGISTERS
from kezhuan.kernel.access import Actor, can_view, get_visible
from kezhuan.kernel.errors import NotAllowed
from kezhuan.kernel.models import Organisation, Person
from kezhuan.kernel.models.parties import FIRMS, FirmSize, OrganisationKind
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.vocabulary import REGIONS
from kezhuan.web import faces, owned
from kezhuan.web.addresses import sign_in_first
from kezhuan.web.components import ButtonLink, Fact, ResultLine, Tag
from kezhuan.web.fields import EMPTY, long_text, region_choice
from kezhuan.web.lists import list_page, snippet, takes_a_list
from kezhuan.web.middleware import ACTING_FOR, Request
from kezhuan.web.names import name_of
from kezhuan.web.record_forms import RecordForm, Rows, action_page, expected_version, form_page
from kezhuan.web.records import record_page
from kezhuan.web.shell import trail


def _organisation_rows(actor: Actor, ids: Sequence[int]) -> Sequence[Organisation]:
    return list(organisations_visible_to(actor).filter(pk__in=ids))


def _organisation_line(actor: Actor, row: Organisation, words: str) -> ResultLine:
    record = row.record
    tags = [faces.stage_tag(record), Tag(OrganisationKind(row.kind).label)]
    if row.chain_leader:
        tags.append(Tag(_("chain leader"), "ok", "★"))
    return ResultLine(
        title=name_of(record),
        url=faces.url_of(record),
        code=record.code,
        kind_label=_("organisation"),
        tags=tuple(tags),
        meta=(str(REGIONS[row.region]),) if row.region in REGIONS else (),
        snippet_html=snippet(words, record.summary),
    )


def _person_rows(actor: Actor, ids: Sequence[int]) -> Sequence[Person]:
    return list(people_visible_to(actor).filter(pk__in=ids))


def _person_line(actor: Actor, row: Person, words: str) -> ResultLine:
    return faces.plain_line(row.record, kind_label=_("person"))


def register_face() -> None:
    """How organisations and people stand in lists."""
    faces.register("organisation", faces.Face(_organisation_rows, _organisation_line, edit=_organisation_edit))
    faces.register("person", faces.Face(_person_rows, _person_line, edit=_person_edit))


def _organisation_edit(actor: Actor, row: Organisation) -> str:
    return reverse("organisation-edit", args=[row.record.code]) if may_edit.test(actor, row) else ""


def _person_edit(actor: Actor, row: Person) -> str:
    own = actor.person is not None and actor.person.pk == row.pk
    return reverse("account") if own else ""


@takes_a_list
def organisation_list(request: Request) -> HttpResponse:
    """All organisations the reader may see."""
    buttons = (
        [ButtonLink(_("Your organisation"), reverse("claim-by-code"), primary=True)]
        if request.actor.is_signed_in
        else []
    )
    return list_page(
        request,
        title=capfirst(_("organisations")),
        kinds=("organisation",),
        facets=("organisation_kind", "region", "size", "stage"),
        buttons=buttons,
    )


@require_safe
def organisation_page(request: Request, code: str) -> HttpResponse:
    """One organisation with what it needs and offers."""
    row = get_visible(request.actor, Organisation, code)
    actor, record = request.actor, row.record
    inside = can_view(actor, record, "full")
    identifiers = numbers_of(row) if can_view(actor, record, "public") else []
    facts = [
        Fact(_("Kind of organisation"), OrganisationKind(row.kind).label),
        *([Fact(_("Size of the firm"), FirmSize(row.size).label)] if row.size else []),
        Fact(_("District"), str(REGIONS.get(row.region, row.region))),
        *([Fact(_("Country or region"), row.country)] if row.country != "CN" else []),
        *(Fact(_scheme_label(one.scheme), one.value) for one in identifiers),
    ]
    return record_page(
        request,
        row,
        "people/organisation.html",
        facts=facts,
        tags=[Tag(OrganisationKind(row.kind).label)],
        returned=last_words(row, "organisation.return") if inside and record.phase == Phase.DRAFT else "",
        **(members_shown(actor, row) if inside else {}),
        claims=claims_shown(actor, row),
        shares=owned.shares(actor, row),
        **own_claim(actor, row),
    )


def _scheme_label(scheme: str) -> str:
    if scheme == "uscc":
        return _("Unified social credit code")
    if scheme.startswith("registry:"):
        return _("Registry number (%(country)s)") % {"country": scheme.partition(":")[2]}
    return scheme.upper() if scheme in REGISTERS else _("Number in “%(source)s”") % {"source": scheme}


@require_safe
def person_page(request: Request, code: str) -> HttpResponse:
    """One person, as far as the reader may know of them."""
    row = get_visible(request.actor, Person, code)
    seen = can_view(request.actor, row.record, "full")
    facts = [Fact(_("Post"), row.post)] if can_view(request.actor, row.record, "public") else []
    facts += [Fact(_("Mail address"), row.email), Fact(_("Telephone"), row.phone)] if seen else []
    return record_page(request, row, facts=facts)


def size_choice() -> forms.ChoiceField:
    """A choice of a firm's size class, which may be left open."""
    return forms.ChoiceField(
        label=gettext_lazy("Size of the firm"),
        choices=[EMPTY, *FirmSize.choices],
        required=False,
        help_text=gettext_lazy(
            "As the standard for small and medium-sized enterprises (工信部联企业〔2011〕300号) classes it; leave it"
            " empty where it is not known."
        ),
    )


class OrganisationForm(forms.Form):
    """One's own organisation."""

    name = forms.CharField(label=gettext_lazy("Full name"), max_length=200)
    name_en = forms.CharField(label=gettext_lazy("English name"), max_length=300, required=False)
    kind = forms.ChoiceField(label=gettext_lazy("Kind of organisation"), choices=[EMPTY, *OrganisationKind.choices])
    number = forms.CharField(
        label=gettext_lazy("Unified social credit code, or registry number"),
        max_length=60,
        help_text=gettext_lazy(
            "18 characters on the licence. Bodies of Hong Kong, Macao and abroad enter their registry number."
        ),
    )
    country = forms.CharField(
        label=gettext_lazy("Country or region (for bodies abroad)"),
        max_length=2,
        required=False,
        help_text=gettext_lazy("Two letters, for example HK, MO or DE."),
        widget=forms.TextInput(attrs={"class": "short"}),
    )
    size = size_choice()
    region = region_choice()
    summary = forms.CharField(
        label=gettext_lazy("What the organisation does"), widget=long_text(3), max_length=2000, required=False
    )


@require_http_methods(["GET", "HEAD", "POST"])
def organisation_new(request: Request) -> HttpResponseBase:
    """Register the organisation one wants to act for; an officer verifies it."""
    if not request.actor.is_signed_in:
        return sign_in_first(request)

    def act(form: OrganisationForm) -> str:
        typed = form.cleaned_data
        abroad = typed["kind"] in ABROAD
        country = typed["country"].upper()
        organisation = register_organisation(
            actor=request.actor,
            name=typed["name"],
            name_en=typed["name_en"],
            kind=typed["kind"],
            number=typed["number"],
            number_scheme=f"registry:{country}" if abroad else "uscc",
            region=typed["region"],
            size=typed["size"],
            country=country if abroad else "CN",
            summary=typed["summary"],
        )
        request.session[ACTING_FOR] = organisation.pk
        return faces.url_of(organisation.record)

    return action_page(
        request,
        lambda posted, _files: OrganisationForm(posted, initial={"number": request.GET.get("number", "")[:60]}),
        act,
        title=_("Register your organisation"),
        intro=_("An officer compares the entries with the register; until then only you and the officers see them."),
        submit_label=_("Register"),
        back=reverse("organisations"),
        conflict_at="number",
        crumbs=trail(
            (_("Home"), "/"), (capfirst(_("organisations")), reverse("organisations")), _("Register your organisation")
        ),
    )


class CorrectionForm(forms.Form):
    """What may be corrected of an organisation; the number only for those who may."""

    name = forms.CharField(label=gettext_lazy("Full name"), max_length=200)
    name_en = forms.CharField(label=gettext_lazy("English name"), max_length=300, required=False)
    size = size_choice()
    region = region_choice()
    summary = forms.CharField(
        label=gettext_lazy("What the organisation does"), widget=long_text(3), max_length=2000, required=False
    )
    number = forms.CharField(
        label=gettext_lazy("Unified social credit code, or registry number"), max_length=60, required=False
    )
    override_note = forms.CharField(
        label=gettext_lazy("Why a failed check digit is accepted"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("For officers: only when the licence itself shows this number."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def organisation_edit(request: Request, code: str) -> HttpResponse:
    """Correct an organisation's entries."""
    actor, row = request.actor, get_visible(request.actor, Organisation, code)
    if not may_edit.test(actor, row):
        raise NotAllowed
    record, version, numbered = row.record, row.record.version, may_renumber.test(actor, row)
    renames = may_rename.test(actor, row)
    fields = ["name", "name_en", "region", "summary"] if renames else ["summary"]
    fields += ["size"] if row.kind in FIRMS else []
    fields += ["number"] if numbered else []
    fields += ["override_note"] if actor.is_officer else []
    scheme = number_scheme(row)
    start = {
        "name": record.title,
        "name_en": record.title_en,
        "region": row.region,
        "size": row.size,
        "summary": record.summary,
        "number": next((one.value for one in record.identifiers.filter(active=True) if one.scheme == scheme), ""),
    }

    def maker(posted: QueryDict | None) -> CorrectionForm:
        form = CorrectionForm(posted, initial=start)
        form.fields = {name: form.fields[name] for name in fields}
        return form

    def save(form: CorrectionForm, _rows: Rows) -> Organisation:
        expected = expected_version(request, version)
        return edit_organisation(actor=actor, organisation=row, **form.cleaned_data, expected_version=expected)

    title = _("Correct the organisation's entries")
    return form_page(
        request,
        RecordForm(
            title=title,
            maker=maker,
            groups=((name_of(record), fields),),
            rows={},
            initial_rows={},
            save=save,
            crumbs=trail((_("Home"), "/"), (name_of(record), faces.url_of(record)), title),
            back=faces.url_of(record),
            version=version,
            intro=""
            if renames
            else _(
                "Names, district and number of an organisation in the public list are corrected by the officer in"
                " charge: attach the new licence to its page and ask them."
            ),
        ),
    )
