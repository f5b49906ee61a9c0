"""Pages of Word templates: the list, adding and withdrawing one, its fields, and filling it from a record or a list."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from kezhuan.exchange.models import Template
from kezhuan.exchange.papers import actions
from kezhuan.exchange.papers.fields import LETTER, ROWS, Named, fields_of, parts
from kezhuan.exchange.papers.samples import SAMPLES, Sample
from kezhuan.kernel import access, registry, search
from kezhuan.kernel.access import Actor
from kezhuan.kernel.contents import WORD
from kezhuan.kernel.documents import Upload
from kezhuan.kernel.errors import Missing, NotAllowed
from kezhuan.kernel.inspecting import note_views
from kezhuan.kernel.models import Record
from kezhuan.web import exports, faces
from kezhuan.web.addresses import sign_in_first
from kezhuan.web.components import ButtonLink
from kezhuan.web.fields import EMPTY, offer
from kezhuan.web.lists import asked_by, takes_a_list
from kezhuan.web.middleware import Request
from kezhuan.web.names import name_of
from kezhuan.web.record_forms import action_page, confirm_page
from kezhuan.web.shell import page, trail

both = require_http_methods(["GET", "HEAD", "POST"])


@takes_a_list
def templates(request: Request) -> HttpResponseBase:
    """The templates that the reader may fill, and those that ship."""
    if not request.actor.is_signed_in:
        return sign_in_first(request)
    own = list(actions.templates_for(request.actor))
    manages = actions.may_manage(request.actor)
    office = request.actor.organisation
    if exports.asks_for_file(request):
        return _file(request, own)
    return page(
        request,
        "templates.html",
        title=_("Word templates"),
        crumbs=trail((_("Home"), "/"), _("Word templates")),
        own=[
            (one, registry.kind_of(one.kind).label, manages and office is not None and one.office_id == office.pk)
            for one in own
        ],
        samples=list(SAMPLES.values()),
        kinds=registry.kinds(),
        buttons=(ButtonLink(_("Add a template"), reverse("template-new"), primary=True),) if manages else (),
        endings=tuple(exports.MEDIA) if own else (),
    )


def _file(request: Request, own: Sequence[Template]) -> HttpResponse:
    headers = (
        _("Name"), _("Version"), _("Kind"), _("Use"), _("Office"), _("Added by"), _("Added on"), _("Open to all"),
    )  # fmt: skip
    lines = [
        (
            one.name, one.version, str(registry.kind_of(one.kind).label),
            str(_("for lists") if one.for_list else _("for one record")), str(name_of(one.office.record)),
            str(name_of(one.uploaded_by.record)) if one.uploaded_by else "", exports.local(one.uploaded_at),
            str(_("yes") if one.open_to_all else _("no")),
        )
        for one in own
    ]  # fmt: skip
    return exports.table_file(request, headers, lines, name="templates", title=_("Word templates"))


def _kind_choices() -> list[tuple[str, Any]]:
    return [EMPTY, *((kind.slug, capfirst(str(kind.label))) for kind in registry.kinds())]


class TemplateForm(forms.Form):
    """A template and what it is for; `for_officers` may open it to all."""

    kind = forms.ChoiceField(label=gettext_lazy("For records of the kind"), choices=_kind_choices)
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=80,
        help_text=gettext_lazy("One of the same name becomes its next version."),
    )
    file = forms.FileField(
        label=gettext_lazy("Word file"),
        help_text=gettext_lazy(".docx of at most 2 MB, with fields such as {{ 名称 }} and repeating rows."),
    )
    open_to_all = forms.BooleanField(
        label=gettext_lazy("Everybody who is signed in may fill it, each with what they may see"), required=False
    )
    declared_open = forms.BooleanField(
        label=gettext_lazy("I declare that this file holds no state secret (秘密, 机密, 绝密) and may be kept here."),
        error_messages={"required": gettext_lazy("Declare that the file holds no state secret, then send it again.")},
    )

    def __init__(self, *given: Any, for_officers: bool) -> None:
        super().__init__(*given)
        if not for_officers:
            del self.fields["open_to_all"]


@both
def template_new(request: Request) -> HttpResponseBase:
    """Add a template, or the next version of one."""
    if not actions.may_manage(request.actor):
        raise NotAllowed

    def act(form: TemplateForm) -> str:
        given = form.cleaned_data
        actions.add_template(
            actor=request.actor,
            kind=given["kind"],
            name=given["name"],
            upload=Upload(given["file"].name, given["file"].read(), given["declared_open"]),
            open_to_all=given.get("open_to_all", False),
        )
        return reverse("templates")

    return action_page(
        request,
        lambda posted, files: TemplateForm(posted, files, for_officers=request.actor.is_officer),
        act,
        title=_("Add a template"),
        intro=_("Each kind's list of fields says what a template may name."),
        submit_label=_("Add"),
        back=reverse("templates"),
        crumbs=trail((_("Home"), "/"), (_("Word templates"), reverse("templates")), _("Add a template")),
    )


@require_safe
def template_fields(request: Request, kind: str) -> HttpResponse:
    """What a template of a kind may name."""
    found = _kind(kind)
    title = _("Fields of %(kind)s") % {"kind": found.label}
    return page(
        request,
        "template_fields.html",
        title=title,
        crumbs=trail((_("Home"), "/"), (_("Word templates"), reverse("templates")), title),
        fields=fields_of(kind),
        letter=LETTER,
        rows=ROWS[0],
        example=f"{{%tr for 项 in {ROWS[0]} %}}",
        ending="{%tr endfor %}",
        parts=[
            {
                "rows": f"{part.rows[0]} / {part.rows[1]}",
                "example": f"{{%tr for 步 in {part.rows[0]} %}}",
                "fields": [(f"步.{one.zh}", f"步.{one.en}") for one in part.row_fields],
            }
            for part in parts()
        ],
    )


def _kind(slug: str) -> registry.Kind:
    if slug not in {kind.slug for kind in registry.kinds()}:
        raise Missing(slug)
    return registry.kind_of(slug)


@require_safe
def template_file(request: Request, key: str) -> HttpResponse:
    """A template itself, to be looked at or changed in Word."""
    if key in SAMPLES:
        return exports.file_answer(f"{SAMPLES[key].name}.docx", SAMPLES[key].written(), WORD)
    found = actions.own_template(request.actor, key)
    return exports.file_answer(f"{found.name}-v{found.version}.docx", actions.template_bytes(found), WORD)


@both
def template_withdraw(request: Request, key: str) -> HttpResponseBase:
    """Withdraw a template with all its versions, after asking once."""
    found = actions.own_template(request.actor, key)
    office = request.actor.organisation
    if not actions.may_manage(request.actor) or office is None or found.office_id != office.pk:
        raise NotAllowed

    return confirm_page(
        request,
        lambda: actions.withdraw_template(actor=request.actor, template=found),
        title=_("Withdraw: %(name)s") % {"name": found.name},
        sentence=_("Nobody fills it any more; papers that were filled stay as they are."),
        submit_label=_("Withdraw"),
        back=reverse("templates"),
        crumbs=trail((_("Home"), "/"), (_("Word templates"), reverse("templates")), _("Withdraw")),
    )


# -- filling -----------------------------------------------------------------------------------------------------------


class FillForm(forms.Form):
    """Which template is filled."""

    template = forms.ChoiceField(label=gettext_lazy("Template"), widget=forms.RadioSelect)

    def __init__(self, *given: Any, offered: Sequence[Template | Sample]) -> None:
        super().__init__(*given)
        choices = [
            (one.slug, one.name)
            if isinstance(one, Sample)
            else (str(one.pk), _("%(name)s, version %(version)s, of %(office)s") % _said(one))
            for one in offered
        ]
        offer(self, "template", choices)


def _said(one: Template) -> dict[str, Any]:
    return {"name": one.name, "version": one.version, "office": name_of(one.office.record)}


def _offered(actor: Actor, kind: str, *, to_list: bool) -> list[Template | Sample]:
    own = [one for one in actions.templates_for(actor).filter(kind=kind) if one.for_list or not to_list]
    return [*own, *(one for one in SAMPLES.values() if one.for_list == to_list)]


@both
def fill_record(request: Request, code: str) -> HttpResponseBase:
    """Fill a template from a record."""
    if not request.actor.is_signed_in:
        return sign_in_first(request)
    record = access.get_visible(request.actor, Record, code)
    note_views(request.actor, [record.pk], "document")
    named = [Named(record, faces.titles(request.actor, [record])[record.pk])]
    back = faces.url_of(record)
    crumbs = trail((_("Home"), "/"), (record.code, back), _("Fill a template"))
    return _fill(request, record.kind, named, intro=named[0].title, back=back, crumbs=crumbs, to_list=False)


@both
def fill_list(request: Request, kind: str) -> HttpResponseBase:
    """Fill a template from a list, as the address narrows it."""
    if not request.actor.is_signed_in:
        return sign_in_first(request)
    found = _kind(kind)
    question = asked_by(request.GET, (kind,), faces.FACETS)
    asked = search.Asked(question.words, (kind,), question.chosen, (), question.order, 0, actions.MOST_ROWS + 1)
    results = search.search(request.actor, asked)
    records = Record.objects.in_bulk(results.records)
    ordered = [records[pk] for pk in results.records if pk in records]
    titles = faces.titles(request.actor, ordered)
    named = [Named(record, titles[record.pk]) for record in ordered]
    back = f"{reverse(found.list_page)}?{request.GET.urlencode()}" if found.list_page else "/"
    crumbs = trail((_("Home"), "/"), (capfirst(str(found.plural)), back), _("Fill a template"))
    intro = _("%(count)s records, as the list is filtered.") % {"count": f"{results.total:,}"}
    return _fill(request, kind, named, intro=intro, back=back, crumbs=crumbs, to_list=True)


def _fill(
    request: Request, kind: str, named: Sequence[Named], *, intro: str, back: str, crumbs: Any, to_list: bool
) -> HttpResponseBase:
    def act(form: FillForm) -> HttpResponse:
        template = actions.template_of(request.actor, form.cleaned_data["template"], kind)
        filled = actions.fill_template(actor=request.actor, template=template, kind=kind, named=named, to_list=to_list)
        return exports.file_answer(filled.name, filled.content, WORD)

    offered = _offered(request.actor, kind, to_list=to_list)
    return action_page(
        request,
        lambda posted, _files: FillForm(posted, offered=offered),
        act,
        title=_("Fill a template"),
        intro=intro,
        submit_label=_("Fill"),
        brings_file=True,
        back=back,
        crumbs=crumbs,
        template="template_fill.html",
    )
