"""No address without a rule that says who gets an answer there, and no rule without an address."""

import re
from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver

from kezhuan.api.resources import resources
from kezhuan.api.site import api
from tests.access.rules import ANY_KIND, OPERATIONS, PAGES, rule_of
from tests.architecture.test_sources import PACKAGE


def patterns(resolver: URLResolver | None = None) -> Iterator[URLPattern]:
    """All routes but those of the API, which has its own enumeration."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLPattern):
            yield pattern
        elif str(pattern.pattern) != "api/":
            yield from patterns(pattern)


def pages() -> Iterator[str | None]:
    """Their names."""
    return (pattern.name for pattern in patterns())


def test_every_page_has_a_name_and_a_rule():
    found = list(pages())
    assert len(found) > 100
    assert [name for name in found if name not in PAGES] == [], "say in tests/access/rules/ who gets an answer there"
    assert sorted(set(PAGES) - set(found)) == [], "rules of routes that are gone"
    assert len(found) == len(set(found)), "two routes of one name"


def test_every_operation_of_the_api_has_a_rule():
    get_resolver().url_patterns  # noqa: B018  the operations are there once the addresses are read
    plurals = {one.plural: one.slug for one in resources()}
    found = [one.operation_id for one in api.operations()]
    assert len(found) > 60
    assert [one for one in found if rule_of(one, plurals) is None] == [], "say in tests/access/rules/ who may"
    assert sorted(set(OPERATIONS) - set(found)) == []
    used = {one.partition("-")[2] for one in found if one not in OPERATIONS}
    assert sorted(set(ANY_KIND) - used) == []


ROWS = re.compile(r"<table|components/table.html|components/results.html|plain lines")
NO_LISTS = {
    **dict.fromkeys(
        ("achievements/achievement", "needs/need", "matches/introduction", "notices/notice",
         "inspections/inspection", "contracts/contract", "calls/call", "calls/application",
         "people/organisation", "record", "import", "signatures", "calls/proposal", "reviews/expert",
         "reviews/review", "reviews/guest", "projects/project", "projects/race", "agreements/agreement",
         "rights/grant", "rights/distribution", "evaluations/evaluation"),
        "one record and what belongs to it; lists of records lead to it",
    ),
    **dict.fromkeys(
        ("achievements/life_line", "calls/panel", "calls/outside", "projects/races", "reviews/found",
         "approvals/organisation_panel", "approvals/route_steps", "people/handover_lines", "brokers/panel",
         "matches/left_out", "contracts/paid", "contracts/flag_lines"),
        "a part of a page",
    ),
    **dict.fromkeys(("home", "mine", "rights/mine"), "the first few of lists that stand behind"),
    **dict.fromkeys(("styleguide_record", "template_fields", "roles", "calls/templates"), "tells how the program is"),
    **dict.fromkeys(("preferences", "accounts/security", "reviews/item", "filings/confirmed",
                     "filings/taken", "evaluations/item"), "a form, or its answer"),
    **dict.fromkeys(("rights/income", "rights/ways", "rights/relief_figures"),
                    "sums; the list of what is summed is taken along"),
    **dict.fromkeys(("evidence/evidence", "evidence/panel"), "one file, which is taken along itself"),
    "exemptions/case": "one record and what belongs to it; lists of records lead to it",
    "chains/task": "one record and what belongs to it; lists of records lead to it",
    "chains/offer": "one record and what belongs to it; lists of records lead to it",
    "prices/price": "one record and what belongs to it; lists of records lead to it",
    "ledger/entry": "one record and what belongs to it; lists of records lead to it",
    "audit": "a month is taken along whole, as CSV",
    "open_data": "names the files themselves",
    "approvals/sheet": "a sheet to print",
    "rule_versions": "a part of the page of a rule, which sends the file",
}  # fmt: skip
"""Templates that draw rows and are no list, and why."""


def test_every_list_is_taken_along_as_a_file():
    drawing, without = set(), set()
    for path in sorted(PACKAGE.glob("**/templates/**/*.html")):
        name, text = path.as_posix().partition("/templates/")[2].removesuffix(".html"), path.read_text(encoding="utf-8")
        if name.startswith("components/") or not ROWS.search(text) or '{% extends "list.html" %}' in text:
            continue
        drawing.add(name)
        if "components/export.html" not in text:
            without.add(name)
    assert len(drawing) > 30
    assert sorted(without - set(NO_LISTS)) == [], "include components/export.html, and send the file"
    assert sorted(set(NO_LISTS) - without) == []


def test_the_api_is_the_only_place_without_pages():
    beside = [one for one in get_resolver().url_patterns if str(one.pattern) == "api/"]
    (found,) = beside
    mounted = [part for part in found.url_patterns if isinstance(part, URLResolver)]
    assert [str(part.pattern) for part in mounted] == ["v1/"]
    names = {part.name for part in mounted[0].url_patterns}
    assert {"openapi-json", "api-root"} < names
