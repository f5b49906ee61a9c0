"""A small city with awkward contents, as a fixture for what copies whole cities."""

import pytest

from kezhuan.kernel.documents import Upload, attach_document
from tests.factories import city

AWKWARD = '引号"\'\\ 制表\t换行\n \\N \\. 𠮷😀 {"a": null}'


@pytest.fixture
def small_city(transactional_db):
    """A unit, a firm, a result with files and odd values, a need; returns the actor who may change them."""
    unit, firm = city.organisation("珠水大学", kind="university"), city.organisation("南沙公司")
    actor = city.member(unit)
    result = city.achievement(unit, by=actor, stage="listed", title="碳化硅", summary=AWKWARD)
    extra = {"z": [1, 2.5, -0.0, 1e-7, 1.0, None, True], "a": {"长": AWKWARD, "b": {}}, "": 12345678901234567890}
    result.extra = extra
    result.save()
    for number in range(3):
        upload = Upload(f"说明{number}.txt", f"第 {number} 份\n".encode() * 1000, declared_open=True)
        attach_document(actor=actor, record=result.record, upload=upload)
    city.need(firm, stage="published")
    return actor
