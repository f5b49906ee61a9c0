"""Every list and record page: constant queries, wrong input told and kept, nonsense answered, others kept out."""

from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.test import Client
from django.urls import reverse

from kezhuan.areas.people.actions import SYSTEM, end_membership, register_organisation
from kezhuan.kernel import followers
from kezhuan.kernel.access import Actor
from kezhuan.kernel.marks import secrets_problem
from kezhuan.kernel.models import Record
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.search import status
from tests.areas.crawling import client_of
from tests.factories.city import achievement, introduction, member, need, officer, organisation

pytestmark = pytest.mark.django_db

LISTS = ("needs", "achievements", "organisations", "introductions", "search")
NONSENSE = (
    "-1", "0", "9999999", "9" * 5000, "<script>alert(1)</script>", "' OR 1=1 --", "a" * 10_000, "\x00", "%", "_", "*",
    "\\", "\u202e", "《》", "(((", '"', "~", "AND OR NOT", "𠮷", "\ud800",
)  # fmt: skip


@pytest.fixture
def firm(db: None) -> Actor:
    return member(organisation("穗芯公司"), Role.ADMINISTRATOR)


@pytest.fixture
def desk(db: None) -> Actor:
    return officer()


def asked(client: Client, address: str, queries: Any) -> int:
    """How many queries an address takes when the session and the index are warm."""
    client.get(address)
    with queries() as caught:
        assert client.get(address).status_code == 200
    return len(caught)


@pytest.fixture
def queries() -> Any:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    return lambda: CaptureQueriesContext(connection)


def test_lists_take_the_same_queries_for_one_and_three_records(firm: Actor, desk: Actor, queries: Any) -> None:
    unit = organisation("南粤大学", kind="university")
    client = client_of(desk)

    def grown() -> dict[str, int]:
        introduction(firm, firm.organisation, unit)
        followers.run_pending()
        return {name: asked(client, reverse(name), queries) for name in (*LISTS, "home", "inbox")}

    first = grown()
    grown()
    assert grown() == first


def test_page_tells_that_the_index_is_behind_when_a_search_would_be(firm: Actor, monkeypatch: Any) -> None:
    client = client_of(firm)
    client.get("/search/")
    need(firm.organisation, by=firm)
    assert b"behind" not in client.get("/account/").content
    monkeypatch.setattr(status, "AT_ONCE", 0)
    assert b"behind" in client.get("/account/").content


def test_record_pages_take_the_same_queries_for_one_and_three_neighbours(
    firm: Actor, desk: Actor, queries: Any
) -> None:
    unit = organisation("南粤大学", kind="university")
    by = member(unit)
    posed = need(firm.organisation, by=firm, stage="published")
    code = posed.record.code
    counts = []
    for size in (1, 2):
        for _each in range(size):
            achievement(unit, by=by, stage="registered", contact=by.person)
        followers.run_pending()
        pages = [f"/needs/{code}/", f"/achievements/{Record.objects.get(kind='achievement', code__endswith='1').code}/"]
        counts.append([asked(client_of(actor), page, queries) for actor in (firm, desk) for page in pages])
    assert counts[0] == counts[1]


KEYS = ("q", "page", "field", "region", "trl", "stage", "order", "kind", "source", "organisation_kind")
PLACES = ("/needs/{}/", "/achievements/{}/", "/organisations/{}/", "/introductions/{}/", "/people/{}/",
          "/records/{}/documents/", "/documents/{}/", "/styleguide/{}/")  # fmt: skip


@pytest.mark.parametrize("turn", range(len(NONSENSE)))
def test_nonsense_in_an_address_is_answered(turn: int, firm: Actor) -> None:
    """Each value in some keys alone and some places, and in all keys together on every list: an early refusal of one
    hides no other. In turns, so that each key and each place meets values of every sort."""
    client, typed = client_of(firm), quote(NONSENSE[turn], errors="surrogatepass")
    asked = [f"{reverse('search')}?{key}={typed}" for key in KEYS[turn % 5 :: 5]]
    asked += [f"{reverse(name)}?{'&'.join(f'{key}={typed}' for key in KEYS)}" for name in LISTS]
    for address in asked:
        answer = client.get(address)
        assert answer.status_code == 200, address
        assert b"<script>alert" not in answer.content
    for address in PLACES[turn % 4 :: 4]:
        assert client.get(address.format(typed)).status_code in {200, 404}, address


def sent(client: Client, address: str, fields: dict[str, str]) -> Any:
    """The answer to a form with these fields; lone surrogates travel as a careless browser would send them."""
    body = urlencode(fields, errors="surrogatepass")
    return client.post(address, body, content_type="application/x-www-form-urlencoded")


@pytest.mark.parametrize(("turn", "value"), list(enumerate(["9" * 5000, "-1", "x", "\x00", "\ud800", "1e9"])))
def test_nonsense_in_a_form_is_answered(turn: int, value: str, firm: Actor) -> None:
    client = client_of(firm)
    draft = need(firm.organisation, by=firm)
    fields = ("version", "title", "budget", "min_trl", "deadline", "contact", "modes", "keywords", "add_row",
              "remove_row", "indicators-TOTAL_FORMS", "indicators-0-name")  # fmt: skip
    start = {"title": "t", "indicators-TOTAL_FORMS": "1", "indicators-INITIAL_FORMS": "0"}
    forms = ("/needs/new/", f"/needs/{draft.record.code}/edit/", "/achievements/new/")
    # Every other field alone, in turns, in one of the forms, and all together in each.
    asked = [(forms[number % 3], start | {name: value}) for number, name in enumerate(fields[turn % 2 :: 2])]
    asked += [(address, start | dict.fromkeys(fields, value)) for address in forms]
    for address, posted in asked:
        assert sent(client, address, posted).status_code in {200, 302, 422}, (posted, address)
    for address, name in (("/act-for/", "organisation"), ("/match/", "text"), ("/sign-in/", "email"),
                          ("/language/", "language")):  # fmt: skip
        answer = sent(client, address, {name: value})
        assert answer.status_code in {200, 302, 422}, address
    submit = f"/records/{draft.record.code}/moves/submit/"
    for name in ("note", "reason", "expected_stage"):
        assert sent(client, submit, {name: value}).status_code in {302, 409, 422}


def test_wrong_method_is_refused(firm: Actor) -> None:
    client = client_of(firm)
    code = need(firm.organisation, by=firm).record.code
    for address in (f"/needs/{code}/", "/"):
        assert client.post(address).status_code == 405, address
    for address in ("/needs/", "/search/"):  # a list is posted to for its file alone
        assert client.post(address).status_code == 422, address
    for address in (f"/records/{code}/moves/submit/", "/sign-out/", "/act-for/"):
        assert client.get(address).status_code == 405, address


def test_need_form_tells_every_mistake_and_keeps_every_answer(firm: Actor) -> None:
    typed = {
        "confidentiality": "public", "title": "", "summary": "要解决的问题", "budget": "1.0000001", "min_trl": "14",
        "deadline": "2030-02-30", "rd_ratio": "120", "trl_scale": "trl9",
        "source": "self", "field": "wizardry",
        "indicators-TOTAL_FORMS": "1", "indicators-INITIAL_FORMS": "0", "indicators-0-name": "粗糙度",
        "indicators-0-operator": "≤", "indicators-0-value": "",
    }  # fmt: skip
    answer = client_of(firm).post("/needs/new/", typed)
    text = answer.content.decode()
    assert answer.status_code == 422
    told = {problem.field_id for problem in answer.context["problems"]}
    assert told == {"id_title", "id_budget", "id_min_trl", "id_deadline", "id_rd_ratio", "id_field",
                    "id_indicators-0-value"}  # fmt: skip
    for value in ("要解决的问题", "1.0000001", "2030-02-30", "粗糙度"):
        assert value in text
    assert not Record.objects.filter(kind="need").exists()


@pytest.mark.parametrize(("address", "field"), [("needs", "confidentiality"), ("achievements", "secrecy")])
@pytest.mark.parametrize("word", ["秘密", "机密", "绝密"])
def test_state_secret_is_answered_with_one_sentence_even_beside_other_mistakes(
    firm: Actor, address: str, field: str, word: str
) -> None:
    answer = client_of(firm).post(f"/{address}/new/", {field: word, "title": "", "indicators-TOTAL_FORMS": "0",
        "indicators-INITIAL_FORMS": "0", "rights-TOTAL_FORMS": "0", "rights-INITIAL_FORMS": "0",
        "completers-TOTAL_FORMS": "0", "completers-INITIAL_FORMS": "0", "owners-TOTAL_FORMS": "0",
        "owners-INITIAL_FORMS": "0"})  # fmt: skip
    assert answer.status_code == 422
    assert len(answer.context["problems"]) == 1
    assert "保密办" in str(answer.context["problems"][0].message)
    assert Record.objects.filter(kind__in=("need", "achievement")).count() == 0


def test_completer_is_tied_to_a_colleague_in_the_form_and_stays_so(firm: Actor, queries: Any) -> None:
    colleague, stranger = member(firm.organisation), member(organisation("粤材公司"))
    client = client_of(firm)
    sizes = {"rights-TOTAL_FORMS": "0", "owners-TOTAL_FORMS": "0", "completers-TOTAL_FORMS": "2"}
    starts = {f"{name}-INITIAL_FORMS": "0" for name in ("rights", "owners", "completers")}
    rows = {"completers-0-name": "林工", "completers-0-person": str(colleague.person.pk), "completers-1-name": "外人"}
    typed = {"title": "抛光", "secrecy": "public", "trl_scale": "trl9", **sizes, **starts, **rows}
    refused = client.post("/achievements/new/", typed | {"completers-0-person": str(stranger.person.pk)})
    assert (refused.status_code, Record.objects.filter(kind="achievement").exists()) == (422, False)
    half = {"completers-1-name": "", "completers-1-share": "40"}
    empty = client.post("/achievements/new/", typed | half)
    assert [one.field_id for one in empty.context["problems"]] == ["id_completers-1-name"]
    assert client.post("/achievements/new/", typed).status_code == 302
    row = Record.objects.get(kind="achievement").achievement
    assert list(row.completers.values_list("name", "person")) == [("林工", colleague.person.pk), ("外人", None)]
    # Who has left the unit since stays named.
    end_membership(actor=firm, membership=colleague.person.memberships.get())
    again = typed | {"title": "新抛光", "version": str(row.record.version)}
    assert client.post(f"/achievements/{row.record.code}/edit/", again).status_code == 302
    assert row.completers.first().person_id == colleague.person.pk
    shown = asked(client, f"/achievements/{row.record.code}/edit/", queries)
    row.completers.filter(order=2).delete()
    assert asked(client, f"/achievements/{row.record.code}/edit/", queries) == shown


def test_draft_with_only_a_title_and_the_blank_row_of_the_form_is_kept(firm: Actor) -> None:
    client = client_of(firm)
    start = client.get("/needs/new/").context
    formset = start["rows"][0].formset
    typed = {"title": "只有名称", "confidentiality": "public", "trl_scale": "trl9", "source": "self"}
    typed |= {f"indicators-{name}": str(value) for name, value in formset.management_form.initial.items()}
    typed |= {"indicators-0-name": "", "indicators-0-operator": "≥", "indicators-0-value": " "}
    assert client.post("/needs/new/", typed).status_code == 302
    row = Record.objects.get(kind="need").need
    assert (row.record.title, row.indicators.count()) == ("只有名称", 0)
    half = client.post("/needs/new/", typed | {"indicators-0-unit": "nm"})
    assert {one.field_id for one in half.context["problems"]} == {"id_indicators-0-name", "id_indicators-0-value"}


def test_further_owner_is_one_that_everybody_sees(firm: Actor) -> None:
    hidden = register_organisation(
        actor=SYSTEM, name="未核实公司", kind="enterprise", number="91440101MA59ABCDX4", stage="unverified"
    )
    known = organisation("云山大学", kind="university")
    sizes = {f"{name}-{what}_FORMS": "0" for name in ("rights", "completers") for what in ("TOTAL", "INITIAL")}
    sizes |= {"owners-TOTAL_FORMS": "1", "owners-INITIAL_FORMS": "0"}
    typed = {"title": "抛光", "secrecy": "public", "trl_scale": "trl9", **sizes}
    client = client_of(firm)
    for number in hidden.record.identifiers.values_list("value", flat=True):
        assert client.post("/achievements/new/", typed | {"owners-0-organisation": number}).status_code == 422
    assert client.post("/achievements/new/", typed | {"owners-0-organisation": hidden.record.title}).status_code == 422
    assert client.post("/achievements/new/", typed | {"owners-0-organisation": known.record.title}).status_code == 302


@pytest.mark.parametrize(("language", "words"), [("zh-hans", "碳化硅、抛光"), ("en", "碳化硅, 抛光")])
def test_words_in_a_row_stand_as_the_language_has_them(language: str, words: str, firm: Actor) -> None:
    code = achievement(firm.organisation, by=firm, stage="listed").record.code
    answer = client_of(None).get(f"/achievements/{code}/", headers={"accept-language": language})
    assert words in answer.content.decode()


def test_forms_of_others_are_closed(firm: Actor, desk: Actor) -> None:
    rival = member(organisation("粤材公司"))
    reader = member(firm.organisation, Role.READER)
    posed = need(firm.organisation, by=firm, stage="published").record.code
    draft = need(firm.organisation, by=firm).record.code
    statuses = {
        (who, address): client_of(actor).get(address).status_code
        for who, actor in (("rival", rival), ("reader", reader), ("officer", desk), ("visitor", None))
        for address in (f"/needs/{posed}/edit/", f"/needs/{draft}/", f"/records/{posed}/documents/", "/needs/new/")
    }
    assert statuses == {
        ("rival", f"/needs/{posed}/edit/"): 403,
        ("rival", f"/needs/{draft}/"): 404,
        ("rival", f"/records/{posed}/documents/"): 403,
        ("rival", "/needs/new/"): 200,
        ("reader", f"/needs/{posed}/edit/"): 403,
        ("reader", f"/needs/{draft}/"): 200,
        ("reader", f"/records/{posed}/documents/"): 403,
        ("reader", "/needs/new/"): 403,
        ("officer", f"/needs/{posed}/edit/"): 403,
        ("officer", f"/needs/{draft}/"): 404,
        ("officer", f"/records/{posed}/documents/"): 403,
        ("officer", "/needs/new/"): 200,
        ("visitor", f"/needs/{posed}/edit/"): 403,
        ("visitor", f"/needs/{draft}/"): 404,
        ("visitor", f"/records/{posed}/documents/"): 403,
        ("visitor", "/needs/new/"): 403,
    }


def test_inbox_counts_what_it_lists(firm: Actor, desk: Actor) -> None:
    """An introduction of two closed records waits for a side that must not know of it yet."""
    from kezhuan.areas.matches.actions import introduce

    unit = member(organisation("南粤大学", kind="university"))
    closed = need(firm.organisation, by=firm, stage="published", confidentiality="closed_door")
    internal = achievement(unit.organisation, by=unit, stage="listed", secrecy="internal")
    introduce(actor=desk, need=closed, supply=internal.record)
    for actor in (firm, unit, desk):
        answer = client_of(actor).get("/inbox/")
        assert answer.context["inbox_count"] == len(answer.context["lines"])


def test_long_inbox_is_paged_and_takes_the_same_queries_for_any_page(firm: Actor, desk: Actor, queries: Any) -> None:
    for number in range(3):
        need(firm.organisation, by=firm, stage="submitted", title=f"需求{number}")
    client = client_of(desk)
    few = asked(client, "/inbox/", queries)
    for number in range(3, 27):
        need(firm.organisation, by=firm, stage="submitted", title=f"需求{number}")
    first, second = client.get("/inbox/"), client.get("/inbox/?page=2")
    shown = [line.code for answer in (first, second) for line in answer.context["lines"]]
    assert (len(first.context["lines"]), len(second.context["lines"])) == (25, 2)
    assert sorted(shown) == sorted(Record.objects.filter(kind="need").values_list("code", flat=True))
    assert (first.context["pager"].next_url, second.context["pager"].total) == ("?page=2", 27)
    assert asked(client, "/inbox/", queries) <= few  # a full page does not ask for what has no term
    # Beyond the end stands the last page; the file holds everything.
    assert client.get("/inbox/?page=999").context["lines"] == second.context["lines"]
    assert len(b"".join(client.post("/inbox/", {"export": "csv"}).streaming_content).splitlines()) == 28


def test_blank_need_is_told_of_and_matched_with_nothing() -> None:
    answer = client_of(None).post("/match/", {"text": " \n "})
    assert "ChinaXiv" in answer.content.decode()  # what the words of both languages were learnt from
    assert answer.status_code == 422
    assert [one.field_id for one in answer.context["problems"]] == ["id_text"]
    assert answer.context["lines"] == ()


@pytest.mark.parametrize("text", ["密级：机密 qzxv配方", f"qzxv配方{'料' * 6000}\n机密★10年"], ids=["short", "long"])
def test_marked_need_is_matched_with_nothing_and_not_repeated(text: str) -> None:
    answer = client_of(None).post("/match/", {"text": text})
    assert answer.status_code == 422
    assert [(one.field_id, str(one.message)) for one in answer.context["problems"]] == [
        ("id_text", str(secrets_problem().message))
    ]
    assert answer.context["lines"] == ()
    assert "qzxv" not in answer.content.decode()


@pytest.mark.parametrize(("language", "name"), [("zh-hans", "海洋"), ("en", "ocean")])
def test_known_chains_are_named_in_the_readers_language_and_others_stay(language: str, name: str, firm: Actor) -> None:
    known = achievement(firm.organisation, by=firm, stage="listed", chain="海洋").record.code
    other = achievement(firm.organisation, by=firm, stage="listed", chain="盲盒产业链").record.code
    followers.run_pending()
    client = Client(headers={"accept-language": language})
    facts = [{str(fact.label): str(fact.value) for fact in client.get(f"/achievements/{code}/").context["facts"]}
             for code in (known, other)]  # fmt: skip
    label = {"zh-hans": "产业链", "en": "Industry chain"}[language]
    assert [fact[label] for fact in facts] == [name, "盲盒产业链"]
    facet = next(facet for facet in client.get("/achievements/").context["facets"] if facet.name == "chain")
    assert {str(option.label) for option in facet.options} == {name, "盲盒产业链"}


def test_best_results_that_are_still_being_looked_for_come_by_themselves(firm: Actor) -> None:
    followers.run_pending()
    code = need(firm.organisation, by=firm, stage="published").record.code
    client, mark = client_of(firm), '<section class="block" id="matches" data-live="2000">'
    assert mark in client.get(f"/needs/{code}/").content.decode()
    followers.run_pending()
    assert "data-live" not in client.get(f"/needs/{code}/").content.decode()
