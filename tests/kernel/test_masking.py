"""Personal numbers are masked however they are written, and nothing else is."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc

from kezhuan.kernel.masking import _MAIL, masked


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
        (f"{'a' * 100}@x.cn 见 b@y@z.cn.+c@d.cn", "a***@x.cn 见 b@y***@z.cn.***@d.cn"),
        ("020-8312 0000", "020-**** *000"),
        ("+86 20 8312-0000", "+86 20 ****-*000"),
        ("（０７５５）２３４５６７８", "（0755）****678"),
        ("电话：8312 0000", "电话：**** *000"),
        ("440105 19900101 1234", "440*** ******** **34"),
        ("号2026 440105 19900101 1234", "号2026 440*** ******** **34"),
        ("440105－1990－01－01－123X", "440***-****-**-**-**3X"),
        ("440105 900101 123", "440*** ****** *23"),
        ("138.1234.5678", "138.****.5678"),
        ("138—1234—5678", "138—****—5678"),
        ("138 - 1234 - 5678", "138 - **** - 5678"),
        ("１３８\u3000１２３４\u3000５６７８", "138\u3000****\u30005678"),
        ("13812345678²", "138****5678²"),
        ("400-820-8820", "400-***-**20"),
        ("护照E12345678", "护照E******78"),
        ("EA1234567，G 1234 5678", "EA*****67，G **** **78"),
        ("H1234567890、M12345678", "H********90、M******78"),
        ("台胞证：12345678", "台胞证：******78"),
        # no personal numbers
        ("面积10²m²①", "面积10²m²①"),
        ("金额13800000000元整", "金额13800000000元整"),
        ("金额138.1234万元、1381234.5678万元", "金额138.1234万元、1381234.5678万元"),
        ("138.1234 5678", "138.1234 5678"),
        ("2026-03-02—2026-03-09 12:00", "2026-03-02—2026-03-09 12:00"),
        ("ZL 2020 1 0123456.7、CN113456789A、202110123456.7", "ZL 2020 1 0123456.7、CN113456789A、202110123456.7"),
        ("C-2026-00001", "C-2026-00001"),
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


BLANKS = [" ", "\u00a0", "\u2003", "\u3000"]
DASHES = [*"-‐‑‒–—―−－/_", "——"]
DOTS = [*".·•．。"]
SHAPES = [
    ("138{0}1234{0}5678", "1234"),
    ("1381{0}234{0}5678", "1{0}234"),
    ("+86{0}138{0}1234{0}5678", "1234"),
    ("010{0}8312{0}4567", "8312"),
    ("0755{0}2345{0}678", "2345"),
    ("400{0}820{0}8820", "820"),
    ("440105{0}19900101{0}1234", "19900101"),
    ("4401{0}0519{0}9001{0}0112{0}34", "9001"),
    ("44{0}01051990010112{0}3X", "01051990"),
    ("E{0}1234{0}5678", "1234"),
]


@given(
    shape=st.sampled_from(SHAPES),
    joint=st.sampled_from([*BLANKS, *DASHES, *DOTS]),
    around=st.sampled_from(["", " ", "，", "（", "电话", "1、", "2026年"]),
    wide=st.booleans(),
)
def test_no_blank_dash_or_dot_hides_a_number(shape, joint, around, wide):
    number, hidden = shape
    number, hidden = number.format(joint), hidden.format(joint)
    text = number.translate({48 + n: 0xFF10 + n for n in range(10)}) if wide else number
    shown = masked(around + text + "，详见附件")
    assert hidden not in shown
    assert "**" in shown
    assert shown.startswith(around)
    assert shown.endswith("，详见附件")
    assert masked(shown) == shown


def credit_code(seed):
    body = f"9{seed:016d}"
    return body + uscc.calc_check_digit(body)


def test_a_long_row_without_an_address_is_read_once():
    row = "ACGT." * 2000
    assert [found[0] for found in _MAIL.finditer(f"{row} a@b.cn {row}")] == [row, "a@b.cn", row]
    assert masked(f"{row} a@b.cn {row}") == f"{row} a***@b.cn {row}"


DAYS = st.dates(min_value=date(1990, 1, 1), max_value=date(2099, 12, 31))
OTHERS = st.one_of(
    st.builds("{:,.2f}元".format, st.floats(0, 10**12)),
    st.builds("{:.4f}万元".format, st.floats(0, 10**8)),
    st.builds("{}元".format, st.integers(0, 10**14)),
    st.builds("¥{}".format, st.integers(0, 10**14)),
    st.builds(date.strftime, DAYS, st.sampled_from(["%Y-%m-%d", "%Y.%m.%d", "%Y%m%d", "%Y/%m/%d", "%Y年%m月%d日"])),
    st.builds(lambda one, two, apart: f"{one:%Y-%m-%d}{apart}{two:%Y-%m-%d}", DAYS, DAYS, st.sampled_from("—~ 至")),
    st.builds("{}-{}-{:05d}".format, st.sampled_from("ACNTVPS"), st.integers(2020, 2099), st.integers(0, 99_999)),
    st.builds(credit_code, st.integers(0, 10**16 - 1)),
    st.builds("ZL{}{:08d}.{}".format, st.integers(2004, 2030), st.integers(10**7, 4 * 10**7), st.integers(0, 9)),
    st.builds("CN1{:08d}{}".format, st.integers(0, 99_999_999), st.sampled_from("AB")),
    st.builds("穗科规字〔{}〕{}号".format, st.integers(2000, 2099), st.integers(1, 9999)),
)  # fmt: skip


@given(parts=st.lists(OTHERS, min_size=1, max_size=4), apart=st.sampled_from(["，", "；", "\n", "、"]))
def test_amounts_days_codes_and_patents_stay(parts, apart):
    assert masked(apart.join(parts)) == apart.join(parts)
