"""What units keep inside and file, and inspections of it."""

from kezhuan.areas.dossiers.permissions import keeps, sorts_kept_by
from kezhuan.areas.exemptions.permissions import examines
from kezhuan.areas.filings.permissions import hands_over, takes_in
from kezhuan.areas.inspections.permissions import admits, may_prepare
from kezhuan.areas.prices.permissions import settles_price
from kezhuan.areas.rights.pages_grants import may_begin
from kezhuan.areas.rights.permissions import is_completer, keeps_grants, keeps_income, keeps_money, writes
from kezhuan.areas.rights.permissions import keeps as keeps_grant
from kezhuan.kernel import registry
from kezhuan.kernel.access import can_view
from tests.access.rules.rule import EVERYBODY, SIGNED_IN, Rule, at_stage, both, named, sees

_GRANT = {
    "title": "赋权", "kind": "share", "starts_on": "2026-01-01", "income_bp": 7000, "decision_rule": "team",
    "reclaim_text": "无进展", "exit_text": "不变", "members": [{"name": "林工", "part_bp": 10_000}],
}  # fmt: skip

_CASE = {"title": "价格变化", "event": "audit", "event_on": "2026-01-01", "source": "审计处"}

_PRICE = {"title": "定价", "way": "agreement", "mode": "licence", "basis": "income", "asked_fen": 1}

_RECEIPT = {"title": "到账", "reference": "收1", "received_on": "2026-01-01", "received_fen": 100}

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
    "my-share": SIGNED_IN,
    "distributions": EVERYBODY,
    "distribution": Rule(sees, "distribution"),
    "distribution-relief": Rule(sees, "distribution"),
    "distribution-papers": Rule(sees, "distribution", by="post"),
    "distribution-new": Rule(lambda actor, _: keeps_income(actor)),
    "distribution-edit": Rule(both(keeps_money.test, at_stage("draft")), "distribution"),
    "distribution-pay": Rule(both(keeps_money.test), "shares of income"),
    "prices": EVERYBODY,
    "price": Rule(sees, "price"),
    "price-new": Rule(lambda actor, _: keeps_income(actor)),
    "price-edit": Rule(both(keeps_money.test, at_stage("draft")), "price"),
    **dict.fromkeys(
        ("price-quote", "price-deal", "price-confirmation", "price-contract"), Rule(both(settles_price.test), "price")
    ),
    "price-open": Rule(both(settles_price.test), "quotes of prices"),
    "evidence": Rule(sees, "evidence"),
    "evidence-package": Rule(sees, "evidence", by="post"),
    "evidence-keys": EVERYBODY,
    "exemptions": EVERYBODY,
    "exemption": Rule(sees, "exemption"),
    "exemption-new": Rule(lambda actor, _: keeps_grants(actor)),
    "exemption-edit": Rule(both(examines.test), "exemption"),
    **dict.fromkeys(("exemption-decision", "exemption-finding"), Rule(both(examines.test), "exemption")),
    "exemption-condition": Rule(both(examines.test), "conditions of cases"),
    "exemption-statement": Rule(both(examines.test), "people of cases"),
    "ledger": EVERYBODY,
    "ledger-entry": Rule(sees, "ledger"),
    **dict.fromkeys(
        ("ledger-new", "ledger-overview", "ledger-fill", "ledger-stock-take", "ledger-company"),
        Rule(lambda actor, _: keeps_income(actor)),
    ),
    **dict.fromkeys(
        ("ledger-edit", "ledger-fee", "ledger-equity", "ledger-offer"), Rule(both(keeps_money.test), "ledger")
    ),
    **dict.fromkeys(
        ("ledger-pay", "ledger-drop", "ledger-exit"), Rule(both(keeps_money.test), "fees of the ledger")
    ),
    "grants": EVERYBODY,
    "grant": Rule(sees, "grant"),
    "grant-new": Rule(lambda actor, _: may_begin(actor)),
    "grant-edit": Rule(both(writes.test, at_stage("draft")), "grant"),
    "grant-sign": Rule(both(is_completer.test), "grant"),
    **dict.fromkeys(("grant-paper", "grant-title", "grant-contract"), Rule(both(keeps_grant.test), "grant")),
    "grant-milestone": Rule(both(writes.test), "milestones of grants"),
    "filing": Rule(sees, "filing"),
    **dict.fromkeys(("filings-package", "filings-confirm"), Rule(lambda actor, _: hands_over(actor))),
    "filings-take": Rule(lambda actor, _: takes_in(actor)),
    "filing-receipt": Rule(
        lambda actor, row: takes_in(actor) and actor.is_in_charge(row.region, row.programme), "receipts"
    ),
    "filing-new": Rule(both(registry.may_file), "dossier"),
}  # fmt: skip


def _opens_evidence(actor, case):
    """Who reads the case, or what was decided: the same file lies with both."""
    about = case.decisions.get().about
    return sees(actor, case) or can_view(actor, about, "inner")


OPERATIONS = {
    "evidence-keys": EVERYBODY,
    "evidence-package": Rule(_opens_evidence, "hashes of evidence"),
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
    "distributions-relief": Rule(sees, "distribution"),
    "distributions-create": Rule(
        lambda actor, _: keeps_income(actor), by="post", form=_RECEIPT | {"achievement": "A-1999-00001"}
    ),
    "distributions-change": Rule(
        both(keeps_money.test, at_stage("draft")), "distribution", by="put",
        form=lambda row: _RECEIPT | {"achievement": row.achievement.code, "version": 1},
    ),
    "my-share-shown": Rule(lambda actor, _: actor.is_signed_in),
    "distributions-pay": Rule(
        both(keeps_money.test), "shares of income", by="post", form={"on": "2026-01-01", "voucher": "付1"}
    ),
    "prices-create": Rule(
        lambda actor, _: keeps_income(actor), by="post", form=_PRICE | {"achievement": "A-1999-00001"}
    ),
    "prices-change": Rule(
        both(keeps_money.test, at_stage("draft")), "price", by="put",
        form=lambda row: _PRICE | {"achievement": row.achievement.code, "version": 1},
    ),
    "prices-quote": Rule(both(settles_price.test), "price", by="post", form={"source": "评估所", "seal": "1" * 64}),
    "prices-deal": Rule(
        both(settles_price.test), "price", by="post",
        form={"place": "产权交易所", "deal_no": "G1", "deal_on": "2026-01-01", "final_fen": 1, "buyer": "某公司"},
    ),
    "prices-open-quote": Rule(
        both(settles_price.test), "quotes of prices", by="post", form={"fen": 1, "declared_open": "true"}, file=True
    ),
    "prices-confirmation": Rule(
        both(settles_price.test), "price", by="post", form={"declared_open": "true"}, file=True
    ),
    "prices-contract": Rule(both(settles_price.test), "price", by="post", form={"contract": "C-1999-00001"}),
    "exemptions-create": Rule(lambda actor, _: keeps_grants(actor), by="post", form=_CASE | {"decisions": ["0" * 64]}),
    "exemptions-change": Rule(both(examines.test), "exemption", by="put", form=_CASE | {"version": 1}),
    "exemptions-decision": Rule(both(examines.test), "exemption", by="post", form={"sha256": "0" * 64}),
    "exemptions-condition": Rule(
        both(examines.test), "exemption", by="post", form={"duty": "care", "holds": "missing", "note": "没有"}
    ),
    "exemptions-finding": Rule(both(examines.test), "exemption", by="post", form={"finding": "refused"}),
    "exemptions-statement": Rule(both(examines.test), "people of cases", by="post", form={"text": "没有补充"}),
    "ledger-create": Rule(
        lambda actor, _: keeps_income(actor), by="post", form={"achievement": "A-1999-00001"}
    ),
    "ledger-change": Rule(
        both(keeps_money.test), "ledger", by="put", form=lambda row: {
            "achievement": row.achievement.code, "version": 1
        }
    ),
    "ledger-fee": Rule(
        both(keeps_money.test), "ledger", by="post", form={"what": "年费", "fen": 1, "due_on": "2026-01-01"}
    ),
    "ledger-pay": Rule(
        both(keeps_money.test), "fees of the ledger", by="post", form={"on": "2026-01-01", "voucher": "付1"}
    ),
    "ledger-equity": Rule(
        both(keeps_money.test), "ledger", by="post",
        form={"company": "转化公司", "company_code": "1", "share_bp": 1, "cost_fen": 1, "held_on": "2026-01-01"},
    ),
    "ledger-name-company": Rule(
        lambda actor, _: keeps_income(actor), by="post", form={"name": "南粤资产公司", "code": "91440101MA59HUKE23"}
    ),
    "ledger-give-up": Rule(
        both(keeps_money.test), "fees of the ledger", by="post",
        form={"on": "2026-01-01", "proceeds_fen": 1, "declared_open": "true"}, file=True,
    ),
    "ledger-stock-take": Rule(both(keeps_money.test), "ledger", by="post", form={"outcome": "agrees"}),
    "ledger-offer": Rule(both(keeps_money.test), "ledger", by="post", form={"on": "2026-01-01", "answer": "放弃"}),
    "grants-create": Rule(
        lambda actor, _: actor.organisation is not None, by="post", form=_GRANT | {"achievement": "A-1999-00001"}
    ),
    "grants-change": Rule(both(writes.test, at_stage("draft")), "grant", by="put", form=lambda row: _GRANT | {
        "achievement": row.achievement.code, "version": 1
    }),
    "grants-sign": Rule(both(is_completer.test), "grant", by="post", form={"wording": "0" * 64}),
    "grants-sign-paper": Rule(
        both(keeps_grant.test), "grant", by="post", form={"numbers": 1, "declared_open": "true"}, file=True
    ),
    "grants-title": Rule(both(keeps_grant.test), "grant", by="post", form={"number": "变更1", "on": "2026-01-01"}),
    "grants-contract": Rule(both(keeps_grant.test), "grant", by="post", form={"contract": "C-1999-00001"}),
    "grants-milestone": Rule(
        both(writes.test), "milestones of grants", by="post", form={"on": "2026-01-01", "evidence": "检测报告"}
    ),
    "filings-create": Rule(
        named(registry.may_file), "to file", by="post", form=lambda row: {"record": row.record.code}
    ),
}  # fmt: skip
