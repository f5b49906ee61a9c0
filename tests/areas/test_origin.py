"""Where an organisation comes from decides which number it brings and how it is verified."""

import pytest

from kezhuan.areas.people.checks import check_origin


@pytest.mark.parametrize(
    ("kind", "country", "scheme", "codes"),
    [
        ("enterprise", "CN", "uscc", []),
        ("enterprise", "DE", "uscc", ["country-domestic"]),
        ("hk_macao", "HK", "registry:HK", []),
        ("hk_macao", "TW", "registry:TW", []),
        ("foreign", "HK", "registry:HK", ["country-missing"]),
        ("foreign", "MO", "registry:MO", ["country-missing"]),
        ("foreign", "TW", "registry:TW", ["country-missing"]),
        ("hk_macao", "DE", "registry:DE", ["country-missing"]),
        ("hk_macao", "", "registry:", ["country-missing"]),
        ("foreign", "DE", "registry:DE", []),
        ("foreign", "CN", "registry:CN", ["country-missing"]),
        ("foreign", "xx", "registry:xx", ["country-missing"]),
        ("foreign", "12", "registry:12", ["country-missing"]),
        ("foreign", "ZZ", "registry:ZZ", ["country-missing"]),
        ("foreign", "DE", "uscc", ["registry-foreign"]),
    ],
)
def test_origin_and_number_belong_together(kind, country, scheme, codes):
    assert [problem.code for problem in check_origin(kind, country, scheme)] == codes
