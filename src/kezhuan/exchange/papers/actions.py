"""What is done with templates: added, withdrawn, filled. The only writers of templates."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from django.db.models import Max, Q, QuerySet
from django.utils.translation import gettext as _

from kezhuan.exchange.models import Template
from kezhuan.exchange.papers.fields import Named, letter_values, parts_of, rows_of
from kezhuan.exchange.papers.filling import check_template, fill
from kezhuan.exchange.papers.samples import SAMPLES, Sample
from kezhuan.kernel import journal, registry
from kezhuan.kernel.access import WRITERS, Actor
from kezhuan.kernel.contents import WORD
from kezhuan.kernel.disclosures import confidential_records
from kezhuan.kernel.documents import Upload, check_upload, read_bytes, store
from kezhuan.kernel.errors import Missing, NotAllowed, Problem, Refused
from kezhuan.kernel.models import Organisation
from kezhuan.kernel.text import clean, now

MOST_ROWS = 500
"""Records that one paper lists."""


@dataclass(frozen=True)
class Filled:
    """A finished paper: its file name and its bytes."""

    name: str
    content: bytes


def may_manage(actor: Actor) -> bool:
    """Whether the actor adds and withdraws templates of the organisation they act for."""
    return actor.organisation is not None and bool(actor.roles & WRITERS)


def templates_for(actor: Actor) -> QuerySet[Template]:
    """The templates that the actor may fill: those of the organisation they act for, and those open to all."""
    mine = Q(office=actor.organisation) if actor.organisation is not None else Q(pk=None)
    everybody = Q(open_to_all=True) if actor.is_signed_in else Q(pk=None)
    newest = Template.objects.filter(withdrawn_at=None).values("office", "kind", "name").annotate(last=Max("pk"))
    rows = Template.objects.filter(mine | everybody, withdrawn_at=None, pk__in=newest.values("last"))
    return rows.select_related("office__record", "uploaded_by__record").order_by("kind", "name", "pk")


def own_template(actor: Actor, key: str) -> Template:
    """The template of a number; raises `Missing` for one not meant for the actor, and for a shipped sample."""
    number = int(key) if key.isascii() and key.isdecimal() and len(key) < 19 else 0
    found = templates_for(actor).filter(pk=number).first()
    if found is None:
        raise Missing(key)
    return found


def template_of(actor: Actor, key: str, kind: str) -> Template | Sample:
    """The template of a number, or the shipped sample of a name; raises `Missing` for one not meant for the actor."""
    if key in SAMPLES:
        return SAMPLES[key]
    found = own_template(actor, key)
    if found.kind != kind:
        raise Missing(key)
    return found


def add_template(*, actor: Actor, kind: str, name: str, upload: Upload, open_to_all: bool = False) -> Template:
    """Add a template, or a further version of one of this name, for the organisation that the actor acts for.

    Raises `NotAllowed`, or `Refused` for a file that is no template of this kind.
    """
    office = actor.organisation
    if office is None or actor.person is None or not may_manage(actor):
        raise NotAllowed(_("Choose the organisation you act for: templates belong to one."))
    if open_to_all and not actor.is_officer:
        raise NotAllowed(_("Only an officer opens a template to all."))
    problems = []
    name = clean(name)
    if not name or len(name) > 80:
        problems.append(Problem("template-name", _("Give the template a name of at most 80 characters."), "name"))
    if kind not in {one.slug for one in registry.kinds()}:
        problems.append(Problem("kind-unknown", _("Choose the kind of record that the template is for."), "kind"))
    if problems:
        raise Refused(problems)
    checked = check_upload(upload)
    if checked.media_type != WORD:
        message = _("“%(name)s” is no Word file. Save the template as .docx and send it again.")
        raise Refused(Problem("template-form", message % {"name": upload.name}, "file"))
    used = check_template(upload.content, kind)
    with journal.writing():
        # One after the other, so that two versions never share a number.
        Organisation.objects.select_for_update(of=("self",), no_key=True).get(pk=office.pk)
        earlier = Template.objects.filter(office=office, kind=kind, name=name).aggregate(last=Max("version"))["last"]
        template = Template.objects.create(
            office=office,
            kind=kind,
            name=name,
            version=(earlier or 0) + 1,
            stored=store(upload.content),
            for_list=used.for_list,
            open_to_all=open_to_all,
            uploaded_by=actor.person,
            uploaded_at=now(),
        )
        data = {"template": template.pk, "kind": kind, "version": template.version, "sha256": template.stored_id}
        journal.note("template.add", record=office.record, actor=actor, data=data, texts={"name": name})
    return template


def withdraw_template(*, actor: Actor, template: Template) -> None:
    """Let nobody fill any version of a template any more; papers that were filled stay as they are."""
    if actor.organisation is None or template.office_id != actor.organisation.pk or not may_manage(actor):
        raise NotAllowed(_("Only the office whose template it is withdraws it."))
    with journal.writing():
        same = Template.objects.filter(office=template.office_id, kind=template.kind, name=template.name)
        if same.filter(withdrawn_at=None).update(withdrawn_at=now()):
            data = {"template": template.pk, "kind": template.kind}
            journal.note("template.withdraw", record=actor.organisation.record, actor=actor, data=data)


def template_bytes(template: Template | Sample) -> bytes:
    """The template itself, to be looked at or changed."""
    return template.written() if isinstance(template, Sample) else read_bytes(template.stored_id)


def fill_template(
    *, actor: Actor, template: Template | Sample, kind: str, named: Sequence[Named], to_list: bool
) -> Filled:
    """Fill a template with what the actor may see of these records, and note in the journal who took what.

    Raises `Refused` for too many rows, and for a template of single records that is to be filled from a list.
    """
    if to_list and not template.for_list:
        message = _("This template is for one record: it repeats no rows.")
        raise Refused(Problem("template-single", message, "template"))
    if len(named) > MOST_ROWS:
        message = _("A paper lists at most %(most)s records. Narrow the list down.")
        raise Refused(Problem("template-rows", message % {"most": MOST_ROWS}))
    rows = rows_of(actor, kind, named)
    if not rows:
        raise Refused(Problem("template-nothing", _("There is no record that the paper could be filled from.")))
    about = named[0].record if not to_list else None
    beside = parts_of(actor, about) if about is not None else {}
    content = fill(template_bytes(template), kind, letter_values(actor, len(rows)), rows, beside)
    key = template.slug if isinstance(template, Sample) else template.pk
    with journal.writing():
        shown = confidential_records(actor, registry.kind_of(kind), [one.record.pk for one in named])
        data = {"template": key, "kind": kind, "format": "docx", "count": len(rows)}
        journal.note("export.paper", record=about, actor=actor, data=data | ({"shown": shown} if shown else {}))
    name = str(template.name)
    return Filled(f"{Path(name).name}-{about.code if about is not None else len(rows)}.docx", content)
