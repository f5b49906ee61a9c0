"""What tests of imports share: rows are written as JSON lines."""

import json

import pytest


@pytest.fixture
def write(tmp_path):
    def write_rows(rows, name="results.jsonl"):
        path = tmp_path / name
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
        return path

    return write_rows


@pytest.fixture
def own_folder(settings, tmp_path):
    settings.DATA = tmp_path / "data"


@pytest.fixture
def firm():
    from tests.factories import city

    return city.organisation("甲公司")


@pytest.fixture
def member(firm):
    from tests.factories import city

    return city.member(firm)
