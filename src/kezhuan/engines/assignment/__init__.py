"""Assign experts to items: the proven best under loads, conflicts, mix and fairness; or what makes it impossible."""

from kezhuan.engines.assignment.blocking import Blocked, Blocking, Duty, Obligation, blocking
from kezhuan.engines.assignment.explaining import Alternate, Lost, Reason, Why, alternates, reasons
from kezhuan.engines.assignment.problem import Assignment, Group, Problem
from kezhuan.engines.assignment.solving import Step, assign, rule_costs
from kezhuan.engines.assignment.words import say_alternate, say_blocking, say_reason

__all__ = [
    "Alternate",
    "Assignment",
    "Blocked",
    "Blocking",
    "Duty",
    "Group",
    "Lost",
    "Obligation",
    "Problem",
    "Reason",
    "Step",
    "Why",
    "alternates",
    "assign",
    "blocking",
    "reasons",
    "rule_costs",
    "say_alternate",
    "say_blocking",
    "say_reason",
]
