"""What every record has: moves, files, papers, printed versions and Word templates, on pages and in the API."""

from typing import Any

from kezhuan.exchange.papers.actions import may_manage, templates_for
from kezhuan.exchange.papers.archiving import may_archive
from kezhuan.exchange.papers.printing import may_print
from kezhuan.exchange.papers.signing import may_sign as may_sign_paper
from kezhuan.kernel.access import Actor, can_view, represents_owner
from kezhuan.kernel.documents import may_attach, may_withdraw
from tests.access.rules.rule import EVERYBODY, SIGNED_IN, Rule, both, everybody, sees, signed_in, writes


def takes(actor: Actor, step: Any) -> bool:
    """Who sees the row and may take the move from its stage."""
    row, move = step
    return sees(actor, row) and bool(move.allowed.test(actor, row))


def asked_for_it(actor: Actor, kept: Any) -> bool:
    """Who asked for the file."""
    return actor.person is not None and kept.by_id == actor.person.pk


def on_file(actor: Actor, subject: Any) -> bool:
    """Who sees the record and the field group of its file."""
    row, file = subject
    return sees(actor, row) and can_view(actor, row.record, file.group)


def takes_file_back(actor: Actor, subject: Any) -> bool:
    """Who sees the file and may take it back."""
    return on_file(actor, subject) and may_withdraw(actor, *subject)


def fills(actor: Actor, template: Any) -> bool:
    """Who may fill a template."""
    return templates_for(actor).filter(pk=template.pk).exists()


def withdraws_template(actor: Actor, template: Any) -> bool:
    """Who may fill a template and writes for the office whose it is."""
    own = actor.organisation is not None and template.office_id == actor.organisation.pk
    return fills(actor, template) and may_manage(actor) and own


PAGES = {
    "record-move": Rule(takes, "moves", by="post", form={"note": "理由", "reason": ""}),
    "record-upload": Rule(both(may_attach), "records"),
    "archive": Rule(both(may_archive), "closed", by="post"),
    "signatures": Rule(both(may_print), "records"),
    "print-version": Rule(both(may_print), "records", by="post"),
    **dict.fromkeys(("signed-scan", "confirm-version"), Rule(both(may_print, may_sign_paper), "records")),
    "ask-seal": Rule(both(may_print, may_sign_paper), "records", by="post", form={"provider": "unknown"}),
    "version": Rule(everybody, "versions"),
    "version-page": Rule(everybody, "pages of versions"),
    "watch-record": Rule(both(signed_in), "records", by="post"),
    "document": Rule(on_file, "files"),
    "document-withdraw": Rule(takes_file_back, "files"),
    "export": Rule(asked_for_it, "exports"),
    "templates": SIGNED_IN,
    "template-new": Rule(lambda actor, _: may_manage(actor)),
    "template-fields": Rule(everybody, "kinds"),
    "template-file": Rule(fills, "templates"),
    "template-withdraw": Rule(withdraws_template, "templates"),
    "fill-record": Rule(both(signed_in), "records"),
    "fill-list": Rule(signed_in, "kinds"),
}  # fmt: skip

ANY_KIND = {
    "list": EVERYBODY,
    "get": Rule(sees, "{kind}"),
    "history": Rule(sees, "{kind}"),
    "moves": Rule(sees, "{kind}"),
    "documents": Rule(sees, "{kind}"),
    "move": Rule(takes, "moves of {kind}", by="post", form={"note": "理由"}),
    "attach": Rule(both(may_attach), "{kind}", by="post", form={"declared_open": "true"}, file=True),
    "download": Rule(on_file, "files of {kind}"),
    "withdraw-document": Rule(takes_file_back, "files of {kind}", by="delete"),
    "fill": Rule(sees, "papers of {kind}"),
    # what writes papers is asked about some records of each kind
    "print-version": Rule(both(may_print), "some {kind}"),
    "signatures": Rule(sees, "some {kind}"),
    "stamp": Rule(both(may_sign_paper), "some {kind}", by="post", form={"declared_open": "true"}, file=True),
    "confirm-version": Rule(both(may_sign_paper), "some {kind}", by="post", form={"version_code": "x"}),
    "seals": Rule(sees, "some {kind}"),
    "ask-seal": Rule(both(may_sign_paper), "some {kind}", by="post", form={"provider": "unknown"}),
    "archive": Rule(both(may_archive), "some {kind}", by="post"),
    "create": Rule(writes, by="post", form={"title": "草稿"}),
    "change": Rule(both(represents_owner.test), "{kind}", by="put", form={"title": "改名", "version": 1}),
}
"""Operations that every kind has, by what stands after its plural."""

OPERATIONS = {
    "template-fields": EVERYBODY,
    "templates-add": Rule(lambda actor, _: may_manage(actor), by="post", form={"kind": "x", "name": "函"}, file=True),
    "templates-withdraw": Rule(withdraws_template, "templates", by="delete"),
    "exports-get": Rule(asked_for_it, "exports"),
    "exports-file": Rule(asked_for_it, "exports"),
}  # fmt: skip
