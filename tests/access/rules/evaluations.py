"""Evaluations of achievements."""

from kezhuan.areas.evaluations.pages import grades_now
from kezhuan.areas.evaluations.permissions import evaluates, may_prepare, reports
from kezhuan.kernel.access import represents_owner
from tests.access.rules.rule import EVERYBODY, WITHOUT_LINK, Rule, at_stage, both, everybody

_CASE = {"title": "评价", "result_type": "soft", "purpose": "award", "method": "letter"}
_WHEN = {"on": "2026-01-01", "level": 3}


PAGES = {
    **dict.fromkeys(("evaluations", "evaluation-reports"), EVERYBODY),
    "evaluation": Rule(both(), "evaluation"),
    "evaluation-new": Rule(lambda actor, _: may_prepare(actor, actor.organisation)),
    "evaluation-edit": Rule(both(represents_owner.test, at_stage("draft")), "evaluation"),
    "evaluation-agency-report": Rule(both(reports.test), "evaluation"),
    "evaluation-findings": Rule(both(evaluates.test), "evaluation"),
    "evaluation-registration": Rule(both(lambda _actor, row: bool(row.report)), "evaluation"),
    "evaluation-registration-form": Rule(both(represents_owner.test, at_stage("delivered")), "evaluation"),
    **dict.fromkeys(("evaluation-item", "evaluation-level"), Rule(both(grades_now), "items of evaluations")),
}  # fmt: skip

OPERATIONS = {
    "evaluations-create": Rule(
        lambda actor, _: actor.organisation is not None, by="post", form=_CASE | {"achievement": "A-1999-00001"}
    ),
    "evaluations-change": Rule(
        both(represents_owner.test), "evaluation", by="put",
        form=lambda row: _CASE | {"achievement": row.achievement.code, "version": 1},
    ),
    "evaluations-evidence": Rule(
        both(lambda actor, row: represents_owner.test(actor, row) or evaluates.test(actor, row)),
        "items of evaluations", by="post", form=_WHEN | {"kind": "test", "reference": "1", "issuer": "检测中心"},
    ),
    "evaluations-level": Rule(
        both(lambda actor, row: represents_owner.test(actor, row) or evaluates.test(actor, row)),
        "items of evaluations", by="post", form=_WHEN | {"evidence": ["1"]},
    ),
    "evaluations-agency-report": Rule(
        both(reports.test), "evaluation", by="post", form={"declared_open": "true"}, file=True
    ),
    "evaluations-findings": Rule(
        both(evaluates.test), "evaluation", by="put", form={"conclusion": "结论", "limits": "限制"}
    ),
    "evaluations-registration": Rule(
        both(represents_owner.test), "evaluation", by="post", form={"number": "4402026Y0001", "on": "2026-01-01"}
    ),
    "evaluations-registration-form": Rule(both(represents_owner.test), "evaluation", by="put", form={}),
    "evaluation-reports-check": Rule(everybody, WITHOUT_LINK),  # told what is missing
}  # fmt: skip
