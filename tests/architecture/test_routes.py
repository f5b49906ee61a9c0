"""No address without a rule that says who gets an answer there, and no rule without an address."""

from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver

from kezhuan.api.resources import resources
from kezhuan.api.site import api
from tests.access.rules import ANY_KIND, OPERATIONS, PAGES, rule_of


def pages(resolver: URLResolver | None = None) -> Iterator[str | None]:
    """Names of all routes but those of the API, which has its own enumeration."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLPattern):
            yield pattern.name
        elif str(pattern.pattern) != "api/":
            yield from pages(pattern)


def test_every_page_has_a_name_and_a_rule():
    found = list(pages())
    assert len(found) > 100
    assert [name for name in found if name not in PAGES] == [], "say in tests/access/rules.py who gets an answer there"
    assert sorted(set(PAGES) - set(found)) == [], "rules of routes that are gone"
    assert len(found) == len(set(found)), "two routes of one name"


def test_every_operation_of_the_api_has_a_rule():
    get_resolver().url_patterns  # noqa: B018  the operations are there once the addresses are read
    plurals = {one.plural: one.slug for one in resources()}
    found = [one.operation_id for one in api.operations()]
    assert len(found) > 60
    assert [one for one in found if rule_of(one, plurals) is None] == [], "say in tests/access/rules.py who may"
    assert sorted(set(OPERATIONS) - set(found)) == []
    used = {one.partition("-")[2] for one in found if one not in OPERATIONS}
    assert sorted(set(ANY_KIND) - used) == []


def test_the_api_is_the_only_place_without_pages():
    beside = [one for one in get_resolver().url_patterns if str(one.pattern) == "api/"]
    (found,) = beside
    mounted = [part for part in found.url_patterns if isinstance(part, URLResolver)]
    assert [str(part.pattern) for part in mounted] == ["v1/"]
    names = {part.name for part in mounted[0].url_patterns}
    assert {"openapi-json", "api-root"} < names
