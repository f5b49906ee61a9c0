"""Projects, their payments, and races."""

from kezhuan.areas.calls.queries import reads_list
from kezhuan.areas.projects.permissions import (
    asks_change,
    decides,
    decides_race,
    evaluates_self,
    is_asked_to_agree,
    is_invited,
    opens,
    opens_races,
    reads_decisions,
    reports_milestone,
    signs_book,
    tests_gate,
    uses_first,
)
from kezhuan.kernel.access import can_view, represents_owner
from tests.access.rules.rule import EVERYBODY, SIGNED_IN, Rule, at_stage, both, named, nobody, sees

PAGES = {
    "project-landing": Rule(nobody, "project"),  # nobody has promised an entity
    "projects": EVERYBODY,
    "project": Rule(sees, "project"),
    "project-new": Rule(both(opens.test), "application"),
    "project-edit": Rule(both(represents_owner.test, at_stage("drafted")), "project"),
    "project-answer": Rule(both(is_invited.test), "project"),
    "project-sign-book": Rule(both(signs_book.test), "project"),
    **dict.fromkeys(("project-agree", "project-disagree"), Rule(both(is_asked_to_agree.test), "project")),
    "project-change-new": Rule(both(asks_change.test), "project"),
    "milestone-report": Rule(both(reports_milestone.test), "milestones of projects"),
    "milestone-judge": Rule(both(decides.test), "milestones of projects"),
    "payment-made": Rule(both(decides.test), "milestones of projects"),
    "project-first-use": Rule(both(uses_first.test), "project"),
    **dict.fromkeys(
        ("project-settlement", "project-test-report", "project-first-user"), Rule(both(decides.test), "project")
    ),
    "posed": SIGNED_IN,
    "project-decisions": Rule(both(reads_decisions.test), "project"),
    "race-decisions": Rule(both(reads_decisions.test), "race"),
    "races": EVERYBODY,
    "race": Rule(sees, "race"),
    "race-new": Rule(lambda actor, row: reads_list(actor, row) and opens_races(actor, row.region), "items of calls"),
    **dict.fromkeys(("race-gate", "race-reserve", "race-tester"), Rule(both(decides_race.test), "race")),
    "race-figures": Rule(both(tests_gate.test), "race"),
    "self-evaluation": Rule(both(evaluates_self.test), "project"),
    "execution-of-call": Rule(
        lambda actor, row: bool(actor.regions_of("project")) and can_view(actor, row.record), "call"
    ),
    **dict.fromkeys(
        ("execution", "performance", "consortia"), Rule(lambda actor, _: bool(actor.regions_of("project")))
    ),
    "report": Rule(lambda actor, _: bool(actor.regions_of("project")), "names of reports"),
    **dict.fromkeys(("payments", "payments-read-back"), Rule(lambda actor, _: bool(actor.regions_of("project")))),
}  # fmt: skip

OPERATIONS = {
    "projects-create": Rule(
        named(opens.test), "application", by="post", form=lambda row: {"application": row.record.code}
    ),
    "projects-change": Rule(
        both(represents_owner.test, at_stage("drafted")), "project", by="put", form={"version": 1}
    ),
    "projects-answer": Rule(both(is_invited.test), "project", by="post", form={"accepts": True}),
    "projects-sign-book": Rule(both(signs_book.test), "project", by="post"),
    "projects-ask-change": Rule(
        both(asks_change.test), "project", by="post", form={"leaving": "O-1999-00001", "reason": "搬迁"}
    ),
    "projects-agree": Rule(both(is_asked_to_agree.test), "project", by="post"),
    "projects-disagree": Rule(both(is_asked_to_agree.test), "project", by="post", form={"words": "份额过低"}),
    "projects-report": Rule(
        both(reports_milestone.test), "milestones of projects", by="post", form={"words": "样件达到0.09 nm"}
    ),
    "projects-landing": Rule(
        both(decides.test), "project", by="put", form={"member": "O-1", "entity": "O-2", "on": "2026-01-01"}
    ),
    "projects-judge": Rule(
        both(decides.test), "milestones of projects", by="put", form={"passed": True, "words": "检测报告齐全"}
    ),
    "projects-pay": Rule(
        both(decides.test), "milestones of projects", by="put", form={"voucher": "1", "paid_on": "2026-01-01"}
    ),
    "projects-settle": Rule(
        both(decides.test), "project", by="put", form={"spent_fen": 1, "diligent": True, "words": "审计"}
    ),
    "projects-first-use": Rule(
        both(uses_first.test), "project", by="put", form={"on": "2026-01-01", "meets": True, "words": "产线运行"}
    ),
    "projects-test-report": Rule(
        both(decides.test), "project", by="put",
        form={"on": "2026-01-01", "meets": True, "words": "检测", "tester": "O-1999-00001"},
    ),
    "projects-self-evaluation": Rule(
        both(evaluates_self.test), "project", by="put", form={"reached": ["0.09 nm"], "words": "达到预期"}
    ),
    "project-reports": Rule(lambda actor, _: bool(actor.regions_of("project")), "names of reports"),
    **dict.fromkeys(("execution", "performance"), Rule(lambda actor, _: bool(actor.regions_of("project")))),
    "projects-first-user": Rule(both(decides.test), "project", by="put", form={"user": "O-1999-00001"}),
    "races-create": Rule(
        lambda actor, row: reads_list(actor, row) and opens_races(actor, row.region), "open call", by="post",
        form=lambda row: {
            "call": row.record.code, "item": 1, "projects": [], "first_fen": 1, "gates": ["2027-01-01"],
            "least_teams": 2, "most_teams": 3, "first_share_bp": 3000,
        },
    ),
    "races-gate": Rule(
        both(decides_race.test), "race", by="post",
        form={"on": "2026-01-01", "tester": "O-1999-00001", "report_no": "1", "teams": []},
    ),
    "projects-decisions": Rule(both(reads_decisions.test), "project"),
    "races-decisions": Rule(both(reads_decisions.test), "race"),
    "races-tester": Rule(both(decides_race.test), "race", by="put", form={"tester": "O-1999-00001"}),
    "races-figures": Rule(
        both(tests_gate.test), "race", by="put", form={"on": "2026-01-01", "report_no": "1", "teams": []}
    ),
    "races-reserve": Rule(
        both(decides_race.test), "race", by="post", form={"team": "X-1", "fen": 1, "occasion": "signing"}
    ),
}  # fmt: skip
