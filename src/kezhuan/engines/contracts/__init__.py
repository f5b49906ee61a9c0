"""Technology contracts (技术合同): is the form complete and right, what are its amounts, what looks odd.

Rules: 国科发政字〔2000〕063号, 国科发政字〔2001〕253号, and the draft of 2024-12: data with a source per value.
"""

from kezhuan.engines.contracts.amounts import (
    DEDUCTIONS,
    EXEMPT,
    LEAST_LICENCE,
    RELIEF_UNKNOWN,
    TAX_CODES,
    TAXED,
    Relief,
    counts_for_relief,
    income_tax_relief,
    long_enough,
    technology_amount,
)
from kezhuan.engines.contracts.codes import CodeTable, tables
from kezhuan.engines.contracts.columns import CODED, COLUMNS, CONTENT, contract_from, label_of, read_instalments
from kezhuan.engines.contracts.completeness import check, content_of
from kezhuan.engines.contracts.contract import Contract, Party
from kezhuan.engines.contracts.flagging import CHOSEN, KINDS, Flag, Limits, shipped_limits
from kezhuan.engines.contracts.register import Found, Register, Sums, check_file, sums_by_kind
from kezhuan.engines.contracts.risks import common_names, flags, name_key, same_texts, text_key
from kezhuan.engines.contracts.rulesets import NAMES, Review, RuleSet, Term, rule_set_on, rule_sets
from kezhuan.engines.contracts.stages import (
    STEPS,
    File,
    Step,
    acceptance_day,
    experts_asked,
    hindrances,
    last_day,
    refused_at_once,
    step_named,
    term_of,
)

__all__ = [
    "CHOSEN",
    "CODED",
    "COLUMNS",
    "CONTENT",
    "DEDUCTIONS",
    "EXEMPT",
    "KINDS",
    "LEAST_LICENCE",
    "NAMES",
    "RELIEF_UNKNOWN",
    "STEPS",
    "TAXED",
    "TAX_CODES",
    "CodeTable",
    "Contract",
    "File",
    "Flag",
    "Found",
    "Limits",
    "Party",
    "Register",
    "Relief",
    "Review",
    "RuleSet",
    "Step",
    "Sums",
    "Term",
    "acceptance_day",
    "check",
    "check_file",
    "common_names",
    "content_of",
    "contract_from",
    "counts_for_relief",
    "experts_asked",
    "flags",
    "hindrances",
    "income_tax_relief",
    "label_of",
    "last_day",
    "long_enough",
    "name_key",
    "read_instalments",
    "refused_at_once",
    "rule_set_on",
    "rule_sets",
    "same_texts",
    "shipped_limits",
    "step_named",
    "sums_by_kind",
    "tables",
    "technology_amount",
    "term_of",
    "text_key",
]
