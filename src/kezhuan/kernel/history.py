"""What the journal tells a reader about a record: the same for pages and API."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from kezhuan.kernel import journal, registry
from kezhuan.kernel.access import Actor, can_view, visible_to
from kezhuan.kernel.models import Approval, ApprovalStep, Entry, Organisation, Person, Record
from kezhuan.kernel.text import listed

_OTHERS = ("other", "introduction", "inspection", "person", "organisation")
"""Keys under which an entry names another record by its uid."""


@dataclass(frozen=True)
class Told:
    """One entry as the reader may know it: what happened and when; who, for whom, why and which fields for insiders.

    `about` are the other records it speaks of, `whom` the name it was noted with: of somebody who may have gone since.
    """

    entry: Entry
    label: str
    about: tuple[Record, ...] = ()
    whom: str = ""
    who: str = ""
    acting_for: Organisation | None = None
    reason: str = ""
    note: str = ""
    fields: tuple[str, ...] = ()


def entries_of(record: Record, limit: int) -> list[Entry]:
    """The newest entries of a record with all that telling them needs; one query."""
    return list(
        Entry.objects.filter(record=record)
        .select_related("actor__record", "acting_for__record", "text")
        .order_by("-seq")[:limit]
    )


def told_to(actor: Actor, record: Record, entries: Sequence[Entry]) -> list[Told]:
    """The entries the reader may know of, in their order; a constant number of queries.

    Readers of the title alone are told nothing; readers of the public part learn the steps and their days. Names,
    words, edits and the rest are for readers of the full part, and an entry that names another record only for those
    who may see that one too: a refused suggestion must not betray a closed result to the need's owner. Of what was done
    for a party that is hidden from the reader they learn that it was done, not by whom nor in which words, and of what
    the people of a party did that are not named yet, for whom.
    """
    if not can_view(actor, record, "public"):
        return []
    kind = registry.kind_of(record)
    if not can_view(actor, record, "full"):
        steps = {f"{kind.slug}.{name}" for name in ("open", *kind.lifecycle.moves)}
        return [Told(entry, label(kind, entry.kind)) for entry in entries if entry.kind in steps]
    named = {entry.data[key] for entry in entries for key in _OTHERS if key in entry.data}
    rows = Record.objects.filter(uid__in=named).select_related("public_to")
    known = {str(other.uid): other for other in visible_to(actor, rows)} if named else {}
    around_it = [record, *known.values()]
    hidden, unnamed = registry.hidden_parties(actor, around_it), registry.unnamed_people(actor, around_it)
    places = {entry.data[journal.FOR] for entry in entries if journal.FOR in entry.data}
    represented = (
        {str(uid): name for uid, name in Record.objects.filter(uid__in=places).values_list("uid", "title")}
        if places
        else {}
    )
    told = []
    for entry in entries:
        around = [entry.data[key] for key in _OTHERS if key in entry.data]
        if all(uid in known for uid in around):
            others = tuple(known[uid] for uid in around)
            place = represented.get(entry.data.get(journal.FOR, ""), "")
            one = _in_full(
                kind, entry, others, place, named=not _is_among(entry.acting_for_id, hidden, record, *others)
            )
            told.append(
                replace(one, who="", whom="") if _is_among(entry.acting_for_id, unnamed, record, *others) else one
            )
    return told


def _is_among(party: int | None, of: dict[int, frozenset[int]], *records: Record) -> bool:
    """Whether a party is one of those beside any of these records."""
    return any(party in of[record.pk] for record in records)


def _in_full(kind: registry.Kind, entry: Entry, others: tuple[Record, ...], place: str, *, named: bool) -> Told:
    name = _sorted_by_kind(entry, by_fields=named)
    words = label(kind, name)
    edited = entry.data.get("fields", ()) if named and name == f"{kind.slug}.edit" else ()
    parts = [str(PARTS.get(one, "")) for one in edited]
    if parts and all(parts):
        words = _("%(what)s: %(parts)s") % {"what": words, "parts": listed(parts)}
    if entry.backfilled:
        words = _("%(what)s (entered afterwards)") % {"what": words}
    if not named:
        return Told(entry, words, others, reason=entry.data.get("reason", ""))
    text = getattr(entry, "text", None)
    return Told(
        entry,
        words,
        others,
        whom=text.content.get("whom", "") if text is not None else "",
        who=in_place_of(entry.actor.record.title, place) if entry.actor else "",
        acting_for=entry.acting_for,
        reason=entry.data.get("reason", ""),
        note=text.content.get("note", "") if text is not None else "",
        fields=tuple(entry.data.get("fields", ())),
    )


def _sorted_by_kind(entry: Entry, *, by_fields: bool) -> str:
    """The name of what happened, with the kind of it where one name stands for several: a race's step says which, and
    an edit of one field, to whoever reads which it was, what was done by it."""
    sort = ",".join(entry.data.get("fields", ())) if by_fields else ""
    finer = f"{entry.kind}:{entry.data.get('kind', '') or sort}"
    return finer if finer in _PAPERS_MATCHES_RACES else entry.kind


def in_place_of(name: str, represented: str) -> str:
    """The name of whoever acted; of a deputy with whom they stood in for: 张三（代李四）."""
    return _("%(deputy)s (for %(represented)s)") % {"deputy": name, "represented": represented} if represented else name


def deputised(person: Person | None, represented: Person | None) -> str:
    """The name of somebody, as a deputy with whom they stood in for; nothing for nobody."""
    if person is None:
        return ""
    return in_place_of(person.record.title, represented.record.title if represented is not None else "")


def asker_name(approval: Approval) -> str:
    """Who asked for an approval; of a deputy with whom they stood in for."""
    return deputised(approval.asked_by, approval.asked_for)


def signer_name(step: ApprovalStep) -> str:
    """Who signed a step of an approval; of a deputy with whom they stood in for."""
    return deputised(step.signer, step.signed_for)


PARTS = {
    "quotes": gettext_lazy("sealed quotes"),
    "bids": gettext_lazy("bids"),
    "payments": gettext_lazy("payments"),
    "milestones": gettext_lazy("milestones"),
    "conditions": gettext_lazy("conditions of the exemption"),
    "decisions": gettext_lazy("decisions it is about"),
    "people": gettext_lazy("statements of those who took part"),
    "equity": gettext_lazy("equity"),
    "upkeep": gettext_lazy("fees of upkeep"),
    "stock_takes": gettext_lazy("stock-take"),
    "registration": gettext_lazy("registration"),
    "evidence": gettext_lazy("evidence of a level"),
    "level": gettext_lazy("level of maturity"),
    "contract": gettext_lazy("contract"),
    "documents": gettext_lazy("files"),
    "members": gettext_lazy("members"),
}
"""What an edit names that belongs to a record beside its own fields; an edit of nothing else says which."""
_OF_EVERY_KIND = {
    "open": gettext_lazy("entered"),
    "edit": gettext_lazy("edited"),
    "forget": gettext_lazy("the name of somebody was erased"),
}
_PEOPLE_AND_APPROVALS = {
    "document.attach": gettext_lazy("document added"),
    "document.withdraw": gettext_lazy("document taken back"),
    "document.read": gettext_lazy("document read for search"),
    "approval.asked": gettext_lazy("approval asked for"),
    "approval.returned": gettext_lazy("returned with opinion"),
    "approval.sign": gettext_lazy("agreed"),
    "approval.sheet": gettext_lazy("agreed on paper"),
    "approval.decide": gettext_lazy("decided by a meeting"),
    "approval.add-signer": gettext_lazy("signer added"),
    "approval.recuse": gettext_lazy("recused"),
    "organisation.member": gettext_lazy("member added"),
    "organisation.member-left": gettext_lazy("membership ended"),
    "organisation.claim": gettext_lazy("asked to act for the organisation"),
    "organisation.claim-declined": gettext_lazy("request to act for it declined"),
    "organisation.post-opened": gettext_lazy("post opened"),
    "organisation.post-closed": gettext_lazy("post closed"),
    "organisation.post-given": gettext_lazy("post given to"),
    "organisation.post-taken": gettext_lazy("post taken from"),
    "person.member": gettext_lazy("became a member"),
    "person.member-left": gettext_lazy("membership ended"),
    "person.deputy": gettext_lazy("deputy named"),
    "person.deputy-ended": gettext_lazy("deputyship ended"),
    "person.password": gettext_lazy("password changed"),
    "person.account": gettext_lazy("account opened"),
    "organisation.invite": gettext_lazy("member invited"),
    "organisation.invite-declined": gettext_lazy("invitation declined"),
    "organisation.invite-withdrawn": gettext_lazy("invitation withdrawn"),
    "organisation.duty": gettext_lazy("department put in charge"),
    "organisation.duty-ended": gettext_lazy("department no longer in charge"),
    "organisation.legal-person": gettext_lazy("its legal person signed in"),
    "account.sign-in": gettext_lazy("signed in"),
    "account.sign-in-failed": gettext_lazy("failed to sign in"),
    "account.sign-out": gettext_lazy("signed out"),
    "account.session-ended": gettext_lazy("session ended"),
    "account.factor-added": gettext_lazy("authenticator app or passkey added"),
    "account.factor-removed": gettext_lazy("authenticator app or passkey removed"),
    "account.recovery-renewed": gettext_lazy("recovery codes made anew"),
    "account.email": gettext_lazy("mail address changed"),
    "account.mobile": gettext_lazy("mobile number changed"),
    "account.identity-tied": gettext_lazy("identity provider added"),
    "account.identity-untied": gettext_lazy("identity provider removed"),
    "token.made": gettext_lazy("token made"),
    "token.used": gettext_lazy("token used for the first time"),
    "token.ended": gettext_lazy("token ended"),
}
_PAPERS_MATCHES_RACES = {
    "organisation.handover": gettext_lazy("post handed over"),
    "need.brokers": gettext_lazy("brokers who may read it changed"),
    "organisation.broker": gettext_lazy("made a broker"),
    "organisation.broker-edit": gettext_lazy("broker changed"),
    "organisation.broker-ended": gettext_lazy("no longer a broker"),
    "journal.erased": gettext_lazy("words about somebody erased"),
    "filing.made": gettext_lazy("filed to the bureau"),
    "filing.taken": gettext_lazy("taken in from an instance of the unit's own"),
    "filing.taken-up": gettext_lazy("taken up for registration"),
    "filing.confirmed": gettext_lazy("confirmed by the bureau's receipt"),
    "contracts.flag-looked": gettext_lazy("hint about contracts looked at"),
    "filings.answered": gettext_lazy("registrations given back to a unit"),
    "filings.packed": gettext_lazy("filings packed for the bureau"),
    "panel.committed": gettext_lazy("draw committed"),
    "panel.drawn": gettext_lazy("draw held"),
    "panel.replaced": gettext_lazy("replacements drawn"),
    "panel.assigned": gettext_lazy("experts assigned"),
    "panel.answered": gettext_lazy("an expert's question answered"),
    "review.scored": gettext_lazy("an item scored"),
    "review.recused": gettext_lazy("an item given back"),
    "review.questioned": gettext_lazy("the applicant asked"),
    "inspection.view": gettext_lazy("looked at"),
    "inspection.given": gettext_lazy("opened to an inspection"),
    "inspection.taken": gettext_lazy("closed to an inspection"),
    "sealed.look": gettext_lazy("tried to read it while it is sealed"),
    "call.shortlisted": gettext_lazy("shortlist made"),
    "call.opened": gettext_lazy("sealed applications opened"),
    "call.opening-refused": gettext_lazy("tried to open the sealed applications"),
    "paper.print": gettext_lazy("printed for signing"),
    "paper.stamped": gettext_lazy("stamped scan added, its code read"),
    "paper.stamped-typed": gettext_lazy("stamped scan added, its code typed by hand"),
    "paper.sealed": gettext_lazy("sealed by an e-seal provider"),
    "paper.seal-asked": gettext_lazy("handed to an e-seal provider"),
    "paper.seal-declined": gettext_lazy("e-seal declined"),
    "paper.confirmed": gettext_lazy("version confirmed on this site"),
    "evidence.frozen": gettext_lazy("what was known was frozen"),
    "evidence.packed": gettext_lazy("evidence taken along as a signed package"),
    "distribution.papers": gettext_lazy("papers for the tax relief taken along"),
    "grant.signed": gettext_lazy("signed"),
    "grant.signed-on-paper": gettext_lazy("signed on paper"),
    "contract.certify": gettext_lazy("certificate issued"),
    "export.paper": gettext_lazy("paper filled"),
    "export.archive": gettext_lazy("taken along as an archive folder"),
    "template.add": gettext_lazy("template added"),
    "template.withdraw": gettext_lazy("template withdrawn"),
    "match.introduce": gettext_lazy("introduced"),
    "match.refuse": gettext_lazy("suggestion refused"),
    "match.lift": gettext_lazy("refusal answered by a change"),
    "match.mend": gettext_lazy("what others missed was added"),
    "match.show": gettext_lazy("shown to the other side"),
    "match.hide": gettext_lazy("no longer shown to the other side"),
    "project.evidence-replaced:met": gettext_lazy("earlier report replaced: the task book was met by it"),
    "project.evidence-replaced:unmet": gettext_lazy("earlier report replaced: the task book was not met"),
    "race.terms": gettext_lazy("terms of the race fixed"),
    "race.step": gettext_lazy("step of the race kept"),
    "race.step:pay": gettext_lazy("a team of the race was paid"),
    "race.step:reserve": gettext_lazy("money of the race put by for a team"),
    "race.step:take-back": gettext_lazy("money came back from a team of the race"),
    "race.step:gate": gettext_lazy("gate of the race held"),
    "race.step:wind-up": gettext_lazy("what is left of the race's money settled"),
    "agreement.edit:counted_in,owner_on": gettext_lazy("counted in a call, or no more"),
    "agreement.edit:counted_in,party_on": gettext_lazy("counted in a call, or no more"),
    "application.edit:budget": gettext_lazy("named by a budget document, or by one no more"),
    "application.edit:checks": gettext_lazy("conditions looked at"),
    "application.edit:library": gettext_lazy("left the project library: its project begins"),
    "application.edit:place": gettext_lazy("given its place in the project library"),
    "application.edit:spot_checks": gettext_lazy("spot check recorded"),
    "call.edit:answers": gettext_lazy("question answered"),
    "call.edit:asked": gettext_lazy("question asked"),
    "call.edit:collected": gettext_lazy("needs that came in named"),
    "call.edit:invited": gettext_lazy("invited organisations named"),
    "call.edit:items": gettext_lazy("list changed"),
    "call.edit:opening_half": gettext_lazy("opening code made"),
    "call.edit:proposal": gettext_lazy("who is to be chosen was proposed"),
    "call.edit:questions": gettext_lazy("questions of the form changed"),
    "call.edit:readings": gettext_lazy("wording test recorded"),
    "expert.edit:ties": gettext_lazy("ties declared"),
    "introduction.edit:meeting": gettext_lazy("meeting planned"),
    "notice.edit:ended_on": gettext_lazy("end recorded at a place where it stands"),
    "notice.edit:started_on": gettext_lazy("begin recorded at a place where it stands"),
    "offer.edit:bookings": gettext_lazy("booking asked for, answered or taken back"),
    "offer.edit:uses": gettext_lazy("use recorded"),
    "panel.edit:asked": gettext_lazy("number of reviews of an item changed"),
    "panel.edit:dismissals": gettext_lazy("conflict dismissed"),
    "panel.edit:dismissals-withdrawn": gettext_lazy("dismissal of a conflict taken back"),
    "panel.edit:experts": gettext_lazy("experts chosen"),
    "panel.edit:fees": gettext_lazy("fees of experts written"),
    "panel.edit:hidden": gettext_lazy("further words of an item hidden from its experts"),
    "panel.edit:look-ups": gettext_lazy("ties looked up"),
    "panel.edit:meeting": gettext_lazy("meeting recorded, with what the panel advises"),
    "project.edit:changes": gettext_lazy("change of the task book asked for or answered"),
    "project.edit:evidence": gettext_lazy("report of the first user or of a test recorded"),
    "project.edit:fiscal_fen": gettext_lazy("fiscal money set as its race has it"),
    "project.edit:landing": gettext_lazy("local entity of a member recorded"),
    "project.edit:members": gettext_lazy("invitation answered"),
    "project.edit:milestones": gettext_lazy("milestone reported or judged"),
    "project.edit:payments": gettext_lazy("payment noted"),
    "project.edit:self_evaluation": gettext_lazy("evaluated by its leader itself"),
    "project.edit:settlement": gettext_lazy("settlement noted"),
    "project.edit:signature": gettext_lazy("signed the task book as it stands"),
    "project.edit:user": gettext_lazy("first user named"),
    "race.edit:figures": gettext_lazy("figures of the next gate entered"),
    "race.edit:teams": gettext_lazy("teams of the race named"),
    "race.edit:tester": gettext_lazy("third party asked for figures"),
    "review.edit:guest": gettext_lazy("address of a guest sent or taken back"),
    "task.edit:commission,project": gettext_lazy("commission awarded"),
    "task.edit:need": gettext_lazy("posed as a need"),
}
"""What happened to papers (templates, prints, signatures), between matches, and in races; and by an edit of one field
what was done."""


_DONE = {
    "admit": "admitted",
    "begin": "began",
    "cancel": "cancelled",
    "choose": "chose",
    "do": "did",
    "give": "gave",
    "have": "had",
    "keep": "kept",
    "leave": "left",
    "let": "let",
    "make": "made",
    "put": "put",
    "run": "ran",
    "send": "sent",
    "stop": "stopped",
    "submit": "submitted",
    "take": "took",
    "uphold": "upheld",
    "withdraw": "withdrew",
    "write": "wrote",
}
"""English verbs of moves whose past does not follow from their letters."""
_TELLS = frozenset(["back", "everybody", "everything", "it", "its", "money", "nobody", "rights", "the"])
"""First words of moves that say already what happened."""


def done(move: str) -> str:
    """What a move is called in English once it has happened: *Send it back* is a button, *sent it back* its history."""
    first, _space, rest = move.partition(" ")
    verb = first.rstrip(":").lower()
    colon = first[len(verb) :]
    if verb in _DONE:
        past = _DONE[verb]
    elif verb in _TELLS or verb.endswith("ed"):
        past = verb
    elif verb.endswith("e"):
        past = f"{verb}d"
    elif verb.endswith("y") and verb[-2:-1] not in "aeiou":
        past = f"{verb[:-1]}ied"
    else:
        past = f"{verb}ed"
    return f"{past}{colon} {rest}".rstrip()


def said_of(kind: registry.Kind, entry: Entry) -> str:
    """What happened by an entry, in words, for whoever reads which fields an edit touched."""
    return label(kind, _sorted_by_kind(entry, by_fields=True))


def label(kind: registry.Kind, name: str) -> str:
    """What happened, in words."""
    move = kind.lifecycle.moves.get(name.removeprefix(f"{kind.slug}."))
    if move is not None:
        return done(str(move.label)) if (get_language() or "").startswith("en") else str(move.label)
    own = _OF_EVERY_KIND.get(name.removeprefix(f"{kind.slug}."))
    return str(own or _PAPERS_MATCHES_RACES.get(name) or _PEOPLE_AND_APPROVALS.get(name) or name)
