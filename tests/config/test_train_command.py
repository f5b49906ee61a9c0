"""`./kezhuan train`: from files to a table; from a city's own titles to one that is put in force if it is better."""

import json
from pathlib import Path

import pytest

from kezhuan.config.commandline import main
from kezhuan.config.commands import train
from kezhuan.engines.matching.meaning import Table

PAIRS = {"抛光": "polishing", "衬底": "wafer", "电池": "battery", "水稻": "rice", "涂层": "coating", "齿轮": "gear"}

SET = ["--set", "Texts of ours", "https://a.example", "CC BY 4.0"]


def rows(count: int) -> list[dict[str, str]]:
    words = list(PAIRS)
    return [
        {
            "id": f"r{n}",
            "title": f"{words[n % 6]}，{words[n // 6 % 6]}",
            "title_en": f"{PAIRS[words[n % 6]]} and {PAIRS[words[n // 6 % 6]]}",
        }
        for n in range(count)
    ]


def written(path: Path, count: int) -> Path:
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows(count)), encoding="utf-8")
    return path


def test_files_train_a_table_and_name_themselves_in_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = written(tmp_path / "texts.jsonl", 700)
    (tmp_path / "out.tsv").write_text("q1\tr3\t3\nq2\tr5\t3\n")
    out = tmp_path / "table.npz"
    assert main(["train", str(source), "--out", str(out), "--leave-out", str(tmp_path / "out.tsv"), *SET]) == 0
    table, said = Table.load(out), capsys.readouterr().out
    assert table.mark[:16] in said
    assert table.made_of["sets"] == [{"name": "Texts of ours", "source": "https://a.example", "licence": "CC BY 4.0"}]
    assert table.attribution == ["Texts of ours (CC BY 4.0), https://a.example"]
    assert table.attribution[0] in said
    assert set(table.made_of["files"]) == {"texts.jsonl", "out.tsv"}
    # Those named are left out, and so are the others of the same title.
    assert table.made_of["pairs"] == 700 - sum(row["title"] in {"齿轮，抛光", "水稻，抛光"} for row in rows(700))


def test_what_cannot_be_used_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    few = written(tmp_path / "few.jsonl", 20)
    out = ["--out", str(tmp_path / "t.npz")]
    assert main(["train", str(few), *out, *SET]) == 2
    assert "20 对" in capsys.readouterr().err
    assert main(["train", str(tmp_path / "absent.jsonl"), *out, *SET]) == 2
    assert "absent.jsonl" in capsys.readouterr().err
    unnamed = written(tmp_path / "many.jsonl", 700)
    nameless = [str(unnamed), *out, "--set", " ", "https://a.example", "CC0"]
    for wrong in (["--out", "t.npz"], [str(few), "--leave-out", str(tmp_path / "absent")], SET, nameless):
        assert main(["train", *wrong]) == 2
    capsys.readouterr()
    assert main(["train", str(unnamed), *out]) == 2
    assert "--set" in capsys.readouterr().err
    for wrong in (
        ["--out", "t.npz"],
        ["--weights", *SET],
    ):  # what else is wrong is said first
        assert main(["train", *wrong]) == 2
        assert "--set" not in capsys.readouterr().err
    assert not (tmp_path / "t.npz").exists()


@pytest.fixture
def city(tmp_path: Path, settings, monkeypatch: pytest.MonkeyPatch) -> Path:
    settings.DATA = tmp_path
    monkeypatch.setattr(train, "start_django", lambda: True)
    monkeypatch.setattr(train, "bring_up_to_date", lambda: True)
    return tmp_path / "meaning.npz"


def strange(count: int) -> str:
    """Texts in words that no other table knows, so that whatever is learnt is better."""
    words = {f"鿰{chr(0x9F00 + n)}": f"zq{chr(97 + n)}x" for n in range(20)}
    pairs = list(words.items())
    lines = []
    for n in range(count):
        one, other = pairs[n % 20], pairs[(n * 7 + n // 20) % 20]
        lines.append(
            json.dumps({"title": f"{one[0]}，{other[0]}", "title_en": f"{one[1]} {other[1]}"}, ensure_ascii=False)
        )
    return "\n".join(lines)


def test_what_is_better_is_put_in_force(city: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from kezhuan.kernel.search import meaning

    source = tmp_path / "texts.jsonl"
    source.write_text(strange(800), encoding="utf-8")
    assert meaning.table_in_use() is meaning.shipped()
    meaning._read.cache_clear()
    assert main(["train", str(source), *SET]) == 0
    said = capsys.readouterr().out
    assert "下次启动时启用" in said
    assert meaning.table_in_use().made_of["base"] == meaning.shipped().mark
    # What a table was taught on is still in it.
    assert meaning.attribution_in_use() == [
        *meaning.shipped().attribution,
        "Texts of ours (CC BY 4.0), https://a.example",
    ]
    assert all(line in said for line in meaning.attribution_in_use())
    city.write_bytes(b"harmed")
    meaning._read.cache_clear()
    assert meaning.table_in_use() is meaning.shipped()
    meaning._read.cache_clear()


def test_what_is_no_better_is_not(city: Path, tmp_path: Path, monkeypatch, capsys: pytest.CaptureFixture[str]) -> None:
    from kezhuan.engines.matching import training

    source = tmp_path / "texts.jsonl"
    source.write_text(strange(800), encoding="utf-8")
    monkeypatch.setattr(training, "found_first", lambda table, pairs: [0.5])
    assert main(["train", str(source)]) == 0
    assert "未启用" in capsys.readouterr().out
    assert not city.exists()


@pytest.mark.django_db
def test_a_city_with_few_titles_in_both_languages_is_told_so(city: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train"]) == 2
    assert "0 对" in capsys.readouterr().err


@pytest.mark.parametrize(("name", "said"), [("bad.bin", "不是 UTF-8 文本"), ("out", "无法写入")])
def test_a_file_that_cannot_be_read_or_written_is_one_sentence(tmp_path, monkeypatch, capsys, name, said):
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    table, bad = tmp_path / "t.csv", tmp_path / "bad.bin"
    table.write_text("id,title,title_en\n1,碳化硅,silicon carbide\n", encoding="utf-8")
    bad.write_bytes(b"\xff\xfe\x00")
    out = tmp_path / "nowhere" / "m.npz" if name == "out" else tmp_path / "m.npz"
    given = [str(table), "--out", str(out), *SET, *(["--leave-out", str(bad)] if name != "out" else [])]
    assert train.run(given) == 2
    told = capsys.readouterr().err.strip()
    assert said in told
    assert "\n" not in told
