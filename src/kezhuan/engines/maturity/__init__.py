"""Maturity of a result with evidence: a tree of work items, each on a named scale; the weakest core item decides."""

from kezhuan.engines.maturity.moving import KINDS, Evidence, Move, history, refused_move
from kezhuan.engines.maturity.scales import Scale, scales
from kezhuan.engines.maturity.tree import Item, Whole, refused_tree, whole

__all__ = [
    "KINDS",
    "Evidence",
    "Item",
    "Move",
    "Scale",
    "Whole",
    "history",
    "refused_move",
    "refused_tree",
    "scales",
    "whole",
]
