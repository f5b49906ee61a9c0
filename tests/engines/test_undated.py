import io
import time
import zipfile
from types import SimpleNamespace

import pytest
from docx import Document

from kezhuan.engines.official import Paper
from kezhuan.engines.papers import word_file
from kezhuan.engines.undated import undated


def notice():
    return word_file("公示", ["各单位："], [("成果", "抛光工艺")], [], ["科学技术局"])


def letter():
    return Paper("函").title("关于抛光工艺的函").text("各单位：").written()


@pytest.mark.parametrize("write", [notice, letter])
def test_what_says_the_same_has_the_same_bytes_whenever_it_is_written(monkeypatch, write):
    written = []
    for year in (2026, 2031):
        moment = time.struct_time((year, 3, 1, 8, 0, 0, 6, 60, 0))
        monkeypatch.setattr(
            zipfile, "time", SimpleNamespace(time=time.time, localtime=lambda _at, moment=moment: moment)
        )
        written.append(write())
    assert written[0] == written[1]
    assert Document(io.BytesIO(written[0])).paragraphs


def test_members_stay_as_they_are():
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("b/二.xml", "<b/>" * 50)
        archive.writestr("a.bin", b"\x00\xff")
    with zipfile.ZipFile(io.BytesIO(undated(held.getvalue()))) as archive:
        assert archive.namelist() == ["b/二.xml", "a.bin"]
        assert (archive.read("b/二.xml"), archive.read("a.bin")) == (b"<b/>" * 50, b"\x00\xff")
