"""A register of many technology contracts as a file, and what it costs to read and to add to once it is in; for
processes of their own."""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

TIMES = 40


def write(path: Path, size: int) -> dict[str, Any]:
    """So many contracts of three years, in the columns of the registration form."""
    from datetime import date, timedelta

    from kezhuan.engines.contracts import tables

    random, codes = Random(440100), {name: list(table.codes) for name, table in tables().items()}
    kinds = (
        ("development", "development-commissioned"),
        ("transfer", "transfer-patent"),
        ("licence", "licence-patent"),
        ("consulting", "consulting-general"),
        ("service", "service-general"),
    )
    regions = ("440103", "440104", "440105", "440106", "440111", "440112", "440300", "110105", "310115")
    with path.open("w", encoding="utf-8") as file:
        for number in range(size):
            kind, subkind = random.choice(kinds)
            day = date(2023 + number % 3, 1, 1) + timedelta(days=random.randrange(40, 365))
            turnover = random.randrange(10_000, 90_000_000)
            row = {
                "项目名称": f"示例·{random.choice('泵阀膜芯药')}的研究开发{number}",
                "合同登记编号": f"{day.year}{number:012d}",
                "登记日期": day.isoformat(),
                "合同类别": kind,
                "合同子类": subkind,
                "合同形式": "written",
                "签订日期": (day - timedelta(days=30)).isoformat(),
                "合同开始日期": (day - timedelta(days=30)).isoformat(),
                "合同截止日期": (day + timedelta(days=500)).isoformat(),
                "卖方名称": f"示例·卖方{number % 20_011}",
                "卖方性质": random.choice(codes["parties"]),
                "卖方国别": "156",
                "卖方地区": random.choice(regions),
                "买方名称": f"示例·买方{number % 30_011}",
                "买方性质": random.choice(codes["parties"]),
                "买方国别": "156",
                "买方地区": random.choice(regions),
                "技术领域": random.choice(codes["fields"]),
                "知识产权": random.choice(codes["rights"]),
                "计划来源": random.choice(codes["plans"]),
                "社会经济目标": random.choice(codes["goals"]),
                "支付方式": "once",
                "合同成交总额(元)": f"{turnover / 100:.2f}",
                "技术交易额(元)": f"{turnover * random.randrange(60, 101) // 100 / 100:.2f}",
            }
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
    return {"rows": size}


def measure() -> dict[str, Any]:
    """Bring the totals up to date, hold them against a recount, and time tables, page and registration."""
    from django.test import Client

    from kezhuan.areas.contracts.actions import Registration, number_contract
    from kezhuan.areas.contracts.figures import ALL, DIMENSIONS, Sums, recount, sums_by
    from kezhuan.areas.contracts.models import Contract, Tally
    from kezhuan.kernel import followers
    from kezhuan.kernel.text import today
    from tests.factories import city

    counting = _took(followers.run_pending)
    totals = {
        (one.dimension, one.year, one.month, one.place, one.kind, one.value): Sums(
            one.contracts, one.turnover_fen, one.technology_fen
        )
        for one in Tally.objects.exclude(contracts=0)
    }
    began = time.monotonic()
    equal = totals == recount()
    seconds = time.monotonic() - began

    def tables() -> None:
        for dimension in DIMENSIONS:
            sums_by(dimension, ["kind", "value"], year=2024)
        for column in ("month", "place"):
            sums_by(ALL, ["kind", column], year=2024)

    client = Client(HTTP_HOST="127.0.0.1")
    contracts = Contract.objects.filter(record__stage="registered").count()
    passed = [city.contract(city.organisation(), stage="passed") for _ in range(TIMES)]
    registrar, _second = city.registrars()
    numbers = iter(range(TIMES))

    def register() -> None:
        number = next(numbers)
        given = Registration(f"{9 * 10**15 + number}", today(), 100_00, 50_00)
        number_contract(actor=registrar, contract=passed[number], given=given)

    before = time.process_time()
    registration = _times(register)
    processor = (time.process_time() - before) / TIMES * 1000
    return {
        "contracts": contracts,
        "totals": len(totals),
        "counting": counting,
        "recount": seconds,
        "equal": equal,
        "tables": _times(tables),
        "page": _times(lambda: client.get("/contracts/figures/", {"year": 2024, "by": "field"})),
        "registration": registration,
        "processor": processor,
    }


def _took(step: Callable[[], object]) -> float:
    began = time.monotonic()
    step()
    return time.monotonic() - began


def _times(step: Callable[[], object]) -> list[float]:
    """Median and 95th percentile in milliseconds."""
    taken = sorted(_took(step) * 1000 for _ in range(TIMES))
    return [taken[TIMES // 2], taken[TIMES * 95 // 100]]


if __name__ == "__main__":
    from kezhuan.config.start import start_django

    start_django()
    print(json.dumps(write(Path(sys.argv[2]), int(sys.argv[3])) if sys.argv[1] == "write" else measure()))
