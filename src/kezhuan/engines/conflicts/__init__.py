"""Conflicts of interest (利益冲突、回避) from a graph of relations: found, explained, never taken for absent."""

from kezhuan.engines.conflicts.clearing import Cleared, Dismissal, Finding, Submission, Verdict, clear
from kezhuan.engines.conflicts.relations import KINDS, Relation, Rule, Tie, read_path, standard_rules
from kezhuan.engines.conflicts.words import say_finding, say_unknown

__all__ = [
    "KINDS",
    "Cleared",
    "Dismissal",
    "Finding",
    "Relation",
    "Rule",
    "Submission",
    "Tie",
    "Verdict",
    "clear",
    "read_path",
    "say_finding",
    "say_unknown",
    "standard_rules",
]
