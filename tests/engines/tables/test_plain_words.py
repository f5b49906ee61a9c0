"""Words that say one value only, and those that may say two."""

from functools import partial

import pytest

from kezhuan.engines.tables.plain_words import at_most, ceiling, last_day, least_level


@pytest.mark.parametrize(
    ("read", "words", "value"),
    [
        (ceiling, "约200", "200"), (ceiling, "≤200", "200"), (ceiling, "200万以内", "200万"),
        (ceiling, "不超过1,200万元", "1200万元"), (ceiling, "Up to 200", "200"), (ceiling, "200万元左右", "200万元"),
        (ceiling, "100-200", "200"), (ceiling, "100万～200万元", "200万元"), (ceiling, "500万-1亿", "1亿"),
        (ceiling, "200-100", None), (ceiling, "100万-200", None), (ceiling, "≥200", None), (ceiling, "200万起", None),
        (ceiling, "200", None), (ceiling, "两三百", None), (ceiling, "2026-05-01", None),
        (at_most, "≤200", "200"), (at_most, "100-200", None),
        (least_level, "6-7", "6"), (least_level, "TRL6-7级", "6"), (least_level, "TRL 6～TRL 8", "6"),
        (least_level, "≥6", "6"), (least_level, "6级以上", "6"), (least_level, "六级及以上", "6"),
        (least_level, "at least TRL 6", "6"), (least_level, "6+", "6"), (least_level, "约六级", "6"),
        (least_level, "≤6", None), (least_level, "7-6", None), (least_level, "≥12", None), (least_level, "6", None),
        (least_level, "6级以下", None), (least_level, "高于6", None),
        (last_day, "31/12/2026", "2026-12-31"), (last_day, "12/31/2026", "2026-12-31"),
        (last_day, "06/06/2026", "2026-06-06"), (last_day, "Dec 31, 2026", "2026-12-31"),
        (last_day, "31 December 2026", "2026-12-31"), (last_day, "2026年底", "2026-12-31"),
        (last_day, "2026年12月31日前", "2026-12-31"), (last_day, "2026年6月底", "2026-06-30"),
        (last_day, "2026年第三季度", "2026-09-30"), (last_day, "六个月", "6个月"), (last_day, "半年内", "6个月"),
        (last_day, "一年", "12个月"), (last_day, "一年半", "18个月"), (last_day, "两年左右", "24个月"),
        (last_day, "2026年", ""), (last_day, "2026", ""), (last_day, "2126", None), (last_day, "18个月半", None),
        (partial(at_most, about=False), "不超过300万元", "300万元"), (partial(at_most, about=False), "约300", None),
        (partial(least_level, about=False), "≥7", "7"), (partial(least_level, about=False), "7级左右", None),
        (last_day, "05/06/2026", None), (last_day, "31/02/2026", None), (last_day, "2026-02-30", None),
        (last_day, "30-Jun-26", "2026-06-30"), (last_day, "30-Jun-2026", "2026-06-30"), (last_day, "31-Jun-26", None),
        (last_day, "签约后12个月", "12个月"), (last_day, "合同签订之日起一年内", "12个月"), (last_day, "签约后", None),
        (last_day, "31/13/2026", None), (last_day, "2026年13月底", None), (last_day, "尽快", ""),
        (last_day, "ASAP", ""),
    ],
)  # fmt: skip
def test_words_are_read_where_they_can_mean_one_value_only(read, words, value):
    assert read(words) == value
