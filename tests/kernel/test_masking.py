"""Personal numbers are masked however they are written, and nothing else is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kezhuan.kernel.masking import masked


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("电话13812345678。", "电话138****5678。"),
        ("+86 138-1234-5678", "+86 138-****-5678"),
        ("１３８１２３４５６７８", "138****5678"),
        ("020-83120001转8", "020-*****001转8"),
        ("(0755)2345678", "(0755)****678"),
        ("440106199001011237", "440*************37"),
        ("44010619900101123x号", "440*************3x号"),
        ("旧证440106900101123", "旧证440**********23"),
        ("a.b-c@mail.example.cn", "a***@mail.example.cn"),
        # no personal numbers
        ("91440101MA5CXLQ12X", "91440101MA5CXLQ12X"),
        ("914401011904321987", "914401011904321987"),
        ("专利201710601862.3", "专利201710601862.3"),
        ("合同2026440100000123", "合同2026440100000123"),
        ("金额13800000000000元", "金额13800000000000元"),
        ("2026年3月2日至3月9日", "2026年3月2日至3月9日"),
        ("表面粗糙度≤0.1nm", "表面粗糙度≤0.1nm"),
    ],
)
def test_personal_numbers_are_masked_and_nothing_else(text, shown):
    assert masked(text) == shown


@given(
    before=st.text(alphabet="中文 ，。:abc", max_size=5),
    number=st.from_regex(r"1[3-9]\d{9}", fullmatch=True),
    after=st.text(alphabet="中文 ，。)", max_size=5),
)
def test_a_mobile_number_never_survives(before, number, after):
    shown = masked(before + number + after)
    assert number not in shown
    assert shown.endswith(after)
    assert masked(shown) == shown
