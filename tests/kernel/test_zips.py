"""Zip files of strangers are read no further than they say: a small file takes no gigabyte."""

import io
import struct
import tracemalloc
import zipfile

import pytest

from kezhuan.engines.zips import UNREADABLE, opened, read_member
from kezhuan.kernel.contents import media_type
from kezhuan.kernel.errors import Refused


def bomb(kind):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", kind) as folder:
        folder.writestr("a", bytes(64 * 1024 * 1024))
    content = bytearray(target.getvalue())
    at = content.rfind(b"PK\x01\x02")
    content[at + 24 : at + 28] = struct.pack("<I", 10)
    return bytes(content)


@pytest.mark.parametrize("kind", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_member_that_claims_ten_bytes_is_refused_before_it_fills_memory(kind):
    content = bomb(kind)
    tracemalloc.start()
    try:
        with pytest.raises(UNREADABLE), opened(content) as folder:
            read_member(folder, folder.infolist()[0])
        assert tracemalloc.get_traced_memory()[1] < 8 * 1024 * 1024
    finally:
        tracemalloc.stop()


def test_an_office_file_whose_names_are_no_text_is_damaged():
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as folder:
        folder.writestr("word/document.xml", "<w/>")
    content = bytearray(target.getvalue())
    at = content.rfind(b"PK\x01\x02")
    content[at + 9], content[at + 46] = 8, 0xFF  # said to be UTF-8
    with pytest.raises(Refused) as refused:
        media_type("方案.docx", bytes(content))
    assert [one.code for one in refused.value.problems] == ["file-damaged"]
