"""100,000 rows enter SQLite at no more than 2 ms each, in less than 600 MB, as quickly at the end as at first."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.proofs.importing import imported

ROWS = 100_000
WRITE = """
import django, json, sys
django.setup()
from tests.proofs.big_city import Words
words = Words()
with open(sys.argv[1], "w", encoding="utf-8") as file:
    for number in range(int(sys.argv[2])):
        row = {"编号": f"CG{number}", "名称": f"{words.title()}{number}", "摘要": words.text(words.clauses, 3),
               "关键词": "抛光；衬底", "技术领域": "新材料", "成熟度": number % 9 + 1, "报价(万元)": number % 900,
               "所在区": "黄埔区", "备注": "第一批"}
        file.write(json.dumps(row, ensure_ascii=False) + "\\n")
"""


def test_100_000_rows_at_2_ms_each_in_600_mb_at_constant_speed(tmp_path: Path, figure: Callable[[str], None]) -> None:
    root = Path(__file__).resolve().parents[2]
    variables = {key: value for key, value in os.environ.items() if not key.startswith("KEZHUAN_")}
    variables |= {
        "KEZHUAN_DATA": str(tmp_path / "data"),
        "DJANGO_SETTINGS_MODULE": "kezhuan.config.settings",
        "PYTHONPATH": f"{root / 'src'}{os.pathsep}{root}",
    }
    path = tmp_path / "results.jsonl"
    subprocess.run([sys.executable, "-c", WRITE, str(path), str(ROWS)], env=variables, check=True)
    subprocess.run([sys.executable, "-m", "kezhuan", "migrate"], env=variables, check=True, stdout=subprocess.DEVNULL)
    told = imported(variables, "achievements", path, ROWS)
    figure(told.said)
    assert told.each <= 2
    assert told.megabytes < 600
    assert told.last <= 1.3 * told.first
