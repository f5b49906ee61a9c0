"""What is given away is not given away again: transfers of rights of one kind of one achievement, told as a flag."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date

from kezhuan.engines.contracts.codes import tables
from kezhuan.engines.contracts.contract import Contract
from kezhuan.engines.contracts.flagging import Flag, Limits, rows_of, said_of
from kezhuan.engines.findings import Words


def second_transfers(contracts: Sequence[Contract], as_of: date, limits: Limits) -> Iterator[Flag]:
    """Transfers of one achievement that name the same kind of right: which of several it is, no form says."""
    of_one: dict[str, list[Contract]] = defaultdict(list)
    for one in contracts:
        if one.kind == "transfer" and one.achievement:
            of_one[one.achievement].append(one)
    for deals in of_one.values():
        by_right: dict[str, list[Contract]] = defaultdict(list)
        for one in deals:
            for right in one.rights:
                by_right[right].append(one)
        twice: dict[tuple[int, ...], list[str]] = defaultdict(list)
        for right, group in by_right.items():
            if len(rows := rows_of(group)) > 1:
                twice[rows].append(right)
        for rows, rights in twice.items():
            which = said_of(one for one in deals if one.row in rows)
            said = [tables()["rights"].say(right) for right in rights]
            words = Words(
                f"{which.zh}转让同一成果的同类知识产权（{'、'.join(one.zh for one in said)}）："
                "请核对是否为同一项权利、是否仍归卖方。",
                f"{which.en} transfer a right of the same kind of one achievement"
                f" ({', '.join(one.en for one in said)}): see whether it is one right, and still the seller's.",
            )
            yield Flag("second-transfer", words, rows)
