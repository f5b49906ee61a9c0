"""What units keep inside and file, and inspections of it."""

from kezhuan.areas.dossiers.permissions import keeps, sorts_kept_by
from kezhuan.areas.inspections.permissions import admits, may_prepare
from kezhuan.kernel import registry
from tests.access.rules.rule import EVERYBODY, SIGNED_IN, Rule, at_stage, both, named, sees

PAGES = {
    "inspections": SIGNED_IN,
    "inspection-new": Rule(lambda actor, _: may_prepare(actor)),
    "inspection": Rule(sees, "inspection"),
    "inspection-letter": Rule(both(admits.test), "inspection"),
    "inspection-edit": Rule(both(admits.test, at_stage("prepared")), "inspection"),
    **dict.fromkeys(("dossiers", "filings", "roles"), EVERYBODY),
    "dossier": Rule(sees, "dossier"),
    "dossier-new": Rule(lambda actor, _: bool(sorts_kept_by(actor))),
    "dossier-edit": Rule(both(keeps.test), "dossier"),
    "filing": Rule(sees, "filing"),
    "filing-new": Rule(both(registry.may_file), "dossier"),
}  # fmt: skip

OPERATIONS = {
    "inspections-create": Rule(
        lambda actor, _: may_prepare(actor), by="post",
        form={"email": "nobody@example.com", "body": "市审计局", "letter_no": "7号", "since": "2026-11-25",
              "until": "2026-11-26", "codes": ["N-1999-00001"]},
    ),
    "inspections-change": Rule(
        both(admits.test), "inspection", by="put",
        form={"body": "市审计局", "letter_no": "7号", "since": "2026-11-25", "until": "2026-11-26",
              "codes": ["N-1999-00001"], "version": 1},
    ),
    "inspections-letter": Rule(
        both(admits.test), "inspection", by="post", form={"declared_open": "true"}, file=True
    ),
    "dossiers-create": Rule(
        lambda actor, _: "price" in sorts_kept_by(actor), by="post",
        form={"title": "底价", "sort": "price", "on": "2026-01-01"},
    ),
    "dossiers-change": Rule(
        both(keeps.test), "dossier", by="put",
        form={"title": "改名", "sort": "price", "on": "2026-01-01", "version": 1},
    ),
    "filings-create": Rule(
        named(registry.may_file), "to file", by="post", form=lambda row: {"record": row.record.code}
    ),
}  # fmt: skip
