"""Pages of contracts: the list, one contract, its form, and the reading back of its registration."""

from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from kezhuan.areas.agreements.permissions import keeps, keeps_papers
from kezhuan.areas.agreements.queries import agreement_of
from kezhuan.areas.contracts.actions import EDITED, edit_contract, number_contract, prepare_contract, require_second
from kezhuan.areas.contracts.answering import ANSWERED_FROM
from kezhuan.areas.contracts.certificates import is_agency
from kezhuan.areas.contracts.checks import JUDGED, experts_for, findings_of, rules_for
from kezhuan.areas.contracts.flagging_actions import FOLLOWER
from kezhuan.areas.contracts.flags import flags_of
from kezhuan.areas.contracts.forms import GROUPS, ContractForm, RegistrationForm, check_typed, initial_of
from kezhuan.areas.contracts.from_agreements import form_from, seller_of
from kezhuan.areas.contracts.models import Contract, form_of
from kezhuan.areas.contracts.pages_flags import shown_flags
from kezhuan.areas.contracts.pages_sending import to_be_sent
from kezhuan.areas.contracts.pages_way import NUMBERED_FROM, SETTLED, barred_from, way_of
from kezhuan.areas.contracts.permissions import answers_come, looks_second, reads_back, registers
from kezhuan.areas.contracts.queries import (
    CHINA,
    NOT_TOLD,
    TIES,
    TOLD,
    as_read_by,
    contracts_visible_to,
    filing_of,
    form_label,
    in_words,
    papers_say,
    told_in_form,
)
from kezhuan.areas.contracts.taking_actions import answers_for
from kezhuan.areas.contracts.wording import column_label, entry, say
from kezhuan.engines import contracts as engine
from kezhuan.engines.findings import Finding
from kezhuan.kernel import followers
from kezhuan.kernel.access import Actor, can_view, get_visible, is_officer
from kezhuan.kernel.allowing import must_allow
from kezhuan.kernel.errors import NotAllowed
from kezhuan.kernel.models import Record
from kezhuan.web import faces, inbox
from kezhuan.web.components import ButtonLink, Fact, ResultLine, Tag
from kezhuan.web.lists import list_page, snippet, takes_a_list
from kezhuan.web.middleware import Request
from kezhuan.web.names import name_of
from kezhuan.web.record_forms import RecordForm, action_page, expected_version, form_page
from kezhuan.web.records import record_page
from kezhuan.web.shell import trail
from kezhuan.web.templatetags.kezhuan import day, wan

FACETS = ("contract_kind", "field", "region", "stage")


def _rows(actor: Actor, ids: Sequence[int]) -> Sequence[Contract]:
    return [as_read_by(actor, row) for row in contracts_visible_to(actor).filter(pk__in=ids)]


def amounts_of(row: Contract) -> list[str]:
    """Both amounts, each by its name: the registry's where it gave them."""
    turnover, technology = _both(row)
    said = [_("turnover %(amount)s") % {"amount": wan(turnover)}] if turnover is not None else []
    return said + ([_("technology %(amount)s") % {"amount": wan(technology)}] if technology is not None else [])


def _both(row: Contract) -> tuple[int | None, int | None]:
    if row.reg_no:
        return row.registered_turnover_fen, row.registered_technology_fen
    return row.turnover_fen, row.technology_fen


def _registered(row: Contract) -> list[str]:
    return [_("registered on %(day)s") % {"day": day(row.registered_on)}] if row.registered_on else []


def _line(_actor: Actor, row: Contract, words: str) -> ResultLine:
    parties = " → ".join(filter(None, (row.seller_name, row.buyer_name)))
    return faces.plain_line(
        row.record,
        kind_label=_("technology contract"),
        tags=(faces.stage_tag(row.record), *((Tag(entry("kinds", row.kind)),) if row.kind else ())),
        meta=(*filter(None, (parties, row.reg_no)), *amounts_of(row), *_registered(row)),
        snippet_html=snippet(words, row.text),
        on=row.record.opened_on,
    )


def register_face() -> None:
    """How contracts stand in lists."""
    faces.register("contract", faces.Face(_rows, _line, edit=_edit_url, new=_new_button))
    inbox.add_source(inbox.source_of(_to_register, standing={"contract": NUMBERED_FROM}))


def _to_register(actor: Actor) -> QuerySet[Record]:
    """What the registrars are to have registered, or changed, outside, where no term is set."""
    if not actor.is_officer:
        return Record.objects.none()
    return inbox.without_term(actor, Q(kind="contract", stage__in=NUMBERED_FROM))


def _edit_url(actor: Actor, row: Contract) -> str:
    may = row.record.stage in EDITED and keeps.test(actor, row)
    return reverse("contract-edit", args=[row.record.code]) if may else ""


def _new_button(actor: Actor) -> ButtonLink | None:
    may = keeps_papers(actor)
    return ButtonLink(_("Prepare a contract"), reverse("contract-new"), primary=True) if may else None


def _register_buttons(actor: Actor) -> list[ButtonLink]:
    """What is made of the whole register, and what registrars do with it."""
    figures = ButtonLink(_("Yearly tables"), reverse("contract-figures"))
    check = ButtonLink(_("Check a certificate"), reverse("certificates"))
    may = actor.regions_of("contract")
    read_back = [ButtonLink(_("Read back a register"), reverse("contracts-read-back"))] if answers_come(actor) else []
    answered = may and answers_for(actor).exists()
    answer = [ButtonLink(_("Answer units' own instances"), reverse("contract-answers"))] if answered else []
    ocds = [ButtonLink("OCDS", reverse("contracts-ocds"))] if may or keeps_papers(actor) else []
    flags = [ButtonLink(_("To be looked at twice"), reverse("contract-flags"))] if may else []
    return [*read_back, *answer, *flags, figures, check, *ocds]


@takes_a_list
def contract_list(request: Request) -> HttpResponse:
    """The contracts of the reader's unit, or those handed in to the reader's office."""
    new = _new_button(request.actor)
    return list_page(
        request,
        title=capfirst(_("technology contracts")),
        kinds=("contract",),
        facets=FACETS,
        buttons=[*([new] if new is not None else []), *_register_buttons(request.actor)],
        lead=_(
            "Prepared and checked here, registered at a registration agency, and read back with number and amounts."
        ),
        empty=_("There is no contract here that you may read.")
        if request.actor.is_signed_in
        else _("Sign in to see the contracts of your organisation."),
        labels={"contract_kind": lambda value: entry("kinds", value)},
    )


@require_safe
def contract_page(request: Request, code: str) -> HttpResponse:
    """One contract: its text beside the form, and what the checks find of it, with reason and clause."""
    actor = request.actor
    row = as_read_by(actor, get_visible(actor, Contract, code, related=TOLD))
    ties = [tie for name in TIES if (tie := getattr(row, name)) is not None and can_view(actor, tie)]
    ties += [filed] if (filed := filing_of(actor, row)) is not None else []
    checked = row.record.stage not in SETTLED
    findings = findings_of(row, papers_say(actor, row)) if checked else []
    return record_page(
        request,
        row,
        "contracts/contract.html",
        tags=(Tag(entry("kinds", row.kind)),) if row.kind else (),
        meta=amounts_of(row),
        buttons=_desk_buttons(actor, row),
        facts=[*barred_from(actor, row), *to_be_sent(actor, row), *way_of(row)],
        told=told_in_form(row, day),
        ties=[Fact(tie.code, name_of(tie), faces.url_of(tie)) for tie in ties],
        findings=[
            {
                "label": column_label(one.field) if one.field else "",
                "said": say(one.words),
                "clause": one.clause,
                "judged": one.code in JUDGED,
            }
            for one in findings
        ],
        checked=checked,
        clauses_unknown=_clauses_unknown(row),
        rules=say(rules_for(row).words),
        extra=row.extra.items(),
    )


def _desk_buttons(actor: Actor, row: Contract) -> list[ButtonLink]:
    """What the registrars in charge do on pages of their own."""
    if not registers.test(actor, row):
        return []
    code = row.record.code
    numbered = row.record.stage == "passed" or (row.record.stage == "changed" and looks_second.test(actor, row))
    label = _("Read back the registration")
    here = numbered and is_agency()
    certify = ButtonLink(_("Register and certify"), reverse("contract-certify", args=[code]), primary=True)
    return [
        *([certify] if here else []),
        *([ButtonLink(label, reverse("contract-registration", args=[code]), primary=not here)] if numbered else []),
        ButtonLink(_("Text beside the form"), reverse("contract-desk", args=[code])),
    ]


@require_safe
def contract_desk(request: Request, code: str) -> HttpResponse:
    """The registrar's desk: the text of the contract beside its form, with what the checks find at each column, and
    what should be looked at twice."""
    actor = request.actor
    row = as_read_by(actor, get_visible(actor, Contract, code, related=TOLD))
    if not is_officer.test(actor, row):
        raise NotAllowed
    papers = papers_say(actor, row)
    rules, form = rules_for(row), form_of(row, papers)
    asked = experts_for(row, form)
    return record_page(
        request,
        row,
        "contracts/desk.html",
        tags=(Tag(entry("kinds", row.kind)),) if row.kind else (),
        meta=amounts_of(row),
        facts=way_of(row),
        text=row.text,
        papers=papers,
        lines=_desk_lines(row, findings_of(row, papers)),
        amounts=_reckoned(row),
        clauses_unknown=_clauses_unknown(row),
        rules=say(rules.words),
        experts=say(asked.words) if asked is not None else "",
        experts_clause=asked.clause if asked is not None else "",
        flags=shown_flags(flags_of(actor, row)),
        flags_owed=not followers.has_seen(FOLLOWER, row.record),
        flags_from=say(engine.CHOSEN),
    )


def _desk_lines(row: Contract, findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """The columns that the form fills or ought to, each with what is found of it."""
    by_column: dict[str, list[dict[str, Any]]] = {}
    for one in findings:
        found = {"said": say(one.words), "clause": one.clause, "judged": one.code in JUDGED}
        by_column.setdefault(one.field, []).append(found)
    lines = []
    for column in engine.COLUMNS:
        if column.name in NOT_TOLD and column.name != "text":
            continue
        # The contract's text stands beside the form.
        value = "" if column.name == "text" else in_words(row, column.name, day)
        found_here = by_column.pop(column.name, [])
        if value or found_here:
            lines.append({"label": form_label(column), "value": value, "findings": found_here})
    lines += [{"label": column_label(name), "value": "", "findings": rest} for name, rest in by_column.items()]
    return lines


def _clauses_unknown(row: Contract) -> bool:
    """Whether no clauses are known that a contract of this kind must hold, so that its text is not looked through."""
    return bool(row.kind) and not engine.content_of(row.kind)


def _reckoned(row: Contract) -> str:
    """Turnover less what is no technology, beside the technology amount that the form says."""
    if row.turnover_fen is None:
        return ""
    costs = sum(row.deductions.values())
    return _("%(turnover)s less %(costs)s that is no technology is %(left)s; the form says %(technology)s.") % {
        "turnover": wan(row.turnover_fen),
        "costs": wan(costs),
        "left": wan(row.turnover_fen - costs),
        "technology": wan(row.technology_fen) if row.technology_fen is not None else _("nothing"),
    }


@require_http_methods(["GET", "HEAD", "POST"])
def contract_new(request: Request) -> HttpResponse:
    """Prepare a contract of the organisation one acts for."""
    actor, owner = request.actor, request.actor.organisation
    if owner is None or not keeps_papers(actor):
        raise NotAllowed(_("Contracts are kept by the administrators and the legal office of a unit."))

    def keep(form: ContractForm) -> Contract:
        return prepare_contract(actor=actor, owner=owner, facts=form.facts)

    start = seller_of(actor, owner) | {"buyer_country": CHINA, "form": "written"}
    start |= {name: request.GET[name] for name in TIES if name in request.GET}
    if (named := request.GET.get("agreement", "")) and (deal := agreement_of(actor, named)) is not None:
        start |= form_from(deal)
    return _form(request, _("Prepare a contract"), keep, start, back=reverse("contracts"))


@require_http_methods(["GET", "HEAD", "POST"])
def contract_edit(request: Request, code: str) -> HttpResponse:
    """Change the form of a contract while it is with its unit."""
    row = get_visible(request.actor, Contract, code, related=TOLD)
    must_allow(_edit_url, request.actor, row)
    version = row.record.version

    def keep(form: ContractForm) -> Contract:
        expected = expected_version(request, version)
        return edit_contract(actor=request.actor, contract=row, facts=form.facts, expected_version=expected)

    back = faces.url_of(row.record)
    return _form(request, _("Change the contract"), keep, initial_of(row), back=back, row=row)


def _form(
    request: Request,
    title: str,
    keep: Callable[[ContractForm], Contract],
    start: dict[str, Any],
    *,
    back: str,
    row: Contract | None = None,
) -> HttpResponse:
    return form_page(
        request,
        RecordForm(
            title=title,
            maker=lambda posted: ContractForm(posted, initial=start, actor=request.actor, held=row),
            groups=GROUPS,
            rows={},
            initial_rows={},
            save=lambda form, _rows: keep(form),
            crumbs=trail((_("Home"), "/"), (capfirst(_("technology contracts")), reverse("contracts")), title),
            back=back,
            version=row.record.version if row is not None else None,
            row=row,
            check=check_typed,
            intro=_("A draft needs a title only. What the registration form lacks is told before you hand it in."),
        ),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def contract_registration(request: Request, code: str) -> HttpResponseBase:
    """Read back number, day and both amounts as the registry gave them."""
    row = get_visible(request.actor, Contract, code, related=TOLD)
    here = registers.test(request.actor, row)
    must_allow(reads_back, request.actor, row, stages=NUMBERED_FROM if here else ANSWERED_FROM | {"changed"})
    if here:
        require_second(request.actor, row)
    back = faces.url_of(row.record)
    start = {"turnover": row.turnover_fen, "technology": row.technology_fen, "reg_no": row.reg_no}

    def act(form: RegistrationForm) -> str:
        number_contract(actor=request.actor, contract=row, given=form.given)
        return back

    title = _("Read back the registration")
    return action_page(
        request,
        lambda posted, _files: RegistrationForm(posted, initial=start, undetermined=row.undetermined),
        act,
        title=title,
        intro=_("The amounts are those of the form; correct them where the registry printed others."),
        submit_label=_("Registered outside"),
        back=back,
        done=_("The contract is registered here too."),
        crumbs=trail((_("Home"), "/"), (code, back), title),
    )
