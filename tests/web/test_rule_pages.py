"""The rulebook and the working calendar on pages: everybody reads them, city officers change them."""

from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from kezhuan.kernel import rulebook, workdays
from kezhuan.kernel.models import CalendarYear, RuleValue
from kezhuan.kernel.text import today
from tests.areas.crawling import client_of
from tests.factories import city

pytestmark = pytest.mark.django_db
CODE = "clock.need.submitted"


def typed(**more):
    return {
        "code": CODE, "jurisdiction": "440100", "value": "7", "unit": "working days", "effective_from": "2026-01-01",
        "source": "穗科规字〔2026〕1号", **more,
    }  # fmt: skip


def test_terms_that_no_source_sets_ship_without_a_value_and_are_named_so():
    shipped_without = {
        "clock.approval.step": "Term of signing a step of an approval",
        "clock.organisation.claim": "Term of answer: organisation, asks to act for the organisation",
        "clock.need.returned": "Term of answer: need, returned for correction",
        "clock.achievement.returned": "Term of answer: achievement, returned for correction",
    }
    assert not RuleValue.objects.filter(code__in=shipped_without).exists()
    page = client_of(None).get(reverse("rules"))
    without = {url: str(label) for *_rest, parts in page.context["parts"] for label, url in parts}
    for code, words in shipped_without.items():
        assert without[reverse("rule", args=[code])] == words
        assert words in page.content.decode()


def test_everybody_reads_every_value_with_its_source_as_of_any_day():
    officer = city.officer()
    client_of(officer).post(reverse("rule-new"), typed())
    visitor = client_of(None)
    shown = visitor.get(reverse("rules")).content.decode()
    assert "Term of answer: need, submitted" in shown
    assert "7 working days" in shown
    assert "5 working days" in shown
    assert "穗科规字〔2026〕1号" in shown
    assert reverse("rule-new") not in shown
    before = visitor.get(reverse("rules"), {"on": "2025-12-31"}).content.decode()
    assert "7 working days" not in before
    assert "Longest term of a need" in before  # among those without a value
    assert visitor.get(reverse("rules"), {"on": "nonsense"}).status_code == 200
    page = visitor.get(reverse("rule", args=[CODE])).content.decode()
    assert "穗科规字〔2026〕1号" in page
    assert "Withdraw" not in page
    assert visitor.get(reverse("rule", args=["no.such-rule"])).status_code == 404


def test_a_city_officer_adds_a_version_and_takes_it_back():
    client = client_of(city.officer())
    answer = client.post(reverse("rule-new"), typed(effective_from=(today() + timedelta(days=1)).isoformat()))
    assert answer["Location"] == reverse("rule", args=[CODE])
    version = RuleValue.objects.exclude(entered_at=None).get(jurisdiction="440100")
    assert (version.value, version.unit) == (7, "working days")
    page = client.get(reverse("rule", args=[CODE])).content.decode()
    assert reverse("rule-withdraw", args=[CODE, version.pk]) in page
    assert client.post(reverse("rule-withdraw", args=[CODE, version.pk])).status_code == 302
    version.refresh_from_db()
    assert version.withdrawn_at is not None
    assert client.post(reverse("rule-withdraw", args=[CODE, version.pk])).status_code == 409


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"value": "five"}, "Enter a whole number, for example 5."),
        ({"value": "-3"}, "Enter a whole number, for example 5."),
        ({"value": "99999"}, "The value is a whole number from 0 to 2,500 in this unit."),
        ({"unit": "months"}, "Choose what the value is counted in."),
        ({"source": " "}, "This field is required."),
        ({"effective_to": "2025-01-01"}, "The last day lies before the first."),
        ({"code": "x"}, "Select a valid choice"),
    ],
)
def test_what_cannot_be_is_told_at_its_field_and_nothing_typed_is_lost(wrong, sentence):
    answer = client_of(city.officer()).post(reverse("rule-new"), typed(**wrong))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in page
    assert f'value="{wrong.get("value", "7")}"' in page
    assert not RuleValue.objects.filter(jurisdiction="440100").exclude(entered_at=None).exists()


@pytest.mark.parametrize(("unit", "value", "kept", "words"), [
    ("fen", "200", 200_000_000, "200 万元"), ("basis points", "70.5", 7050, "70.5 %"), ("count", "1200", 1200, "1,200"),
])  # fmt: skip
def test_money_and_shares_are_typed_and_shown_as_offices_write_them(unit, value, kept, words, monkeypatch):
    rule = rulebook.Rule("test.rule", "Test", (unit,))
    monkeypatch.setitem(rulebook._rules, "test.rule", rule)
    client = client_of(city.officer())
    client.post(reverse("rule-new"), typed(code="test.rule", unit=unit, value=value))
    assert RuleValue.objects.get(code="test.rule").value == kept
    page = client.get(reverse("rules"), headers={"accept-language": "zh-CN"}).content.decode()
    assert words in page


def test_others_are_kept_out_of_changing():
    for actor in (None, city.officer("440106"), city.member(city.organisation())):
        client = client_of(actor)
        assert client.get(reverse("rule-new")).status_code == 403
        assert client.post(reverse("rule-new"), typed()).status_code == 403
        assert client.post(reverse("calendar-load")).status_code == 403
    assert not RuleValue.objects.filter(jurisdiction="440100").exclude(entered_at=None).exists()


def test_a_records_page_shows_the_version_it_was_decided_by():
    firm = city.organisation()
    need = city.need(firm, stage="submitted")
    page = client_of(city.member(firm)).get(f"/needs/{need.record.code}/").content.decode()
    assert "Rules applied" in page
    assert "5 working days, version of 1 Jan 2024" in page


# -- the calendar ------------------------------------------------------------------------------------------------------


def test_calendar_shows_a_loaded_year_and_says_which_is_missing():
    client = client_of(None)
    page = client.get(reverse("calendar"), {"year": "2026"}).content.decode()
    assert "国办发明电〔2025〕7号" in page
    assert "14 Feb 2026" in page
    assert "Spring Festival: make-up workday" in page
    assert "春节" not in page
    assert client.get(reverse("calendar"), {"year": "1999"}).status_code == 404
    assert client.get(reverse("calendar"), {"year": "x"}).status_code == 404
    workdays.CalendarDay.objects.all().delete()
    CalendarYear.objects.all().delete()
    page = client.get(reverse("calendar")).content.decode()
    assert f"The calendar of {today().year} is not loaded" in page


def test_a_city_officer_loads_a_year_and_a_bad_file_is_told_row_by_row():
    client = client_of(city.officer())

    def load(text):
        file = SimpleUploadedFile("2027.csv", text.encode())
        return client.post(reverse("calendar-load"), {"file": file})

    answer = load("date,workday,name,source\n2027-01-01,no,元旦,公告\nx,no,元旦,公告\n")
    assert answer.status_code == 422
    assert "Line 3: give a date like 2027-01-01" in answer.content.decode()
    assert client.post(reverse("calendar-load"), {"csrfmiddlewaretoken": "x"}).status_code == 422
    answer = load("date,workday,name,source\n2027-01-01,no,元旦,公告\n")
    assert answer["Location"] == "/calendar/?year=2027"
    assert "公告" in client.get(answer["Location"]).content.decode()


def test_a_term_that_reaches_into_an_unloaded_year_says_so_on_page_inbox_and_api():
    officer, firm = city.officer(), city.organisation()
    need = city.need(firm, stage="submitted")
    need.record.clocks.update(due_on=date(2031, 1, 15))
    client = client_of(officer)
    words = "holidays of 2031 not loaded: Monday to Friday assumed"
    assert words in client.get(f"/needs/{need.record.code}/").content.decode()
    assert words in client.get("/inbox/").content.decode()
    (clock,) = client.get(f"/api/v1/needs/{need.record.code}").json()["clocks"]
    assert clock["unloaded_years"][-1] == 2031


def test_the_rules_stand_in_parts_and_are_searched_by_words_of_name_place_and_source():
    client = client_of(None)
    whole = client.get("/rules/")
    parts = whole.context["parts"]
    assert sum(len(told) for _name, _label, told, _without in parts) == len(whole.context["lines"])
    assert sum(len(without) for *_rest, without in parts) == len(whole.context["missing"])
    by_name = {name: (told, without) for name, _label, told, without in parts}
    assert all(one[3].code.startswith("income.") for one in by_name["income"][0])
    assert {one[3].code.partition(".")[0] for one in by_name["other"][0]}.isdisjoint(by_name)
    page = whole.content.decode()
    # Each part is folded and says how much is in it; a search opens what it finds.
    assert page.count('id="part-') == page.count('role="heading"') == len(parts)
    assert "<details open>" not in page
    assert page.count("<details><summary>") == len(parts) + sum(bool(without) for *_rest, without in parts)
    searched = client.get("/rules/?q=contract.tax.exempt").content.decode()
    assert ("<details open>" in searched, "<details><summary>" in searched) == (True, False)
    found = client.get("/rules/?q=TRANSFER+income.tax")
    assert (found.context["lines"], found.context["missing"]) == ([], [])
    assert "No value in force on this day has these words" in found.content.decode()
    found = client.get("/rules/?q=contract.tax+Exempt&on=2026-01-01")
    assert [one[3].code for one in found.context["lines"]] == ["contract.tax.exempt"]
    assert 'value="contract.tax Exempt"' in found.content.decode()
    text = b"".join(client.post("/rules/?q=contract.tax.exempt", {"export": "csv"}).streaming_content).decode()
    assert len(text.splitlines()) == 2
    # A rule that has a value, which the words do not name, is not among those without one.
    assert client.get("/rules/?q=notice.price").context["missing"]
    city.rule("notice.price.fix", 15, "calendar days")
    shown = client.get("/rules/?q=notice.price.fix+nowhere")
    assert (shown.context["lines"], shown.context["missing"]) == ([], [])


def test_versions_that_are_over_are_folded_away():
    client = client_of(None)
    city.rule("notice.price.fix", 15, "calendar days", date(2020, 1, 1))
    alone = client.get("/rules/notice.price.fix/").context
    assert ([one["version"].value for one in alone["versions"]], alone["former"]) == ([15], [])
    city.rule("notice.price.fix", 20, "calendar days", date(2021, 1, 1))
    page = client.get("/rules/notice.price.fix/")
    assert [[one["version"].value for one in page.context[name]] for name in ("versions", "former")] == [[20], [15]]
    assert "1 former version<" in page.content.decode()


def test_rules_are_taken_along_as_of_the_day_that_is_shown():
    client = client_of(None)

    def taken(address):
        text = b"".join(client.post(address, {"export": "csv"}).streaming_content).decode("utf-8-sig")
        return text.splitlines()

    shown, early = client.get("/rules/").context["lines"], taken("/rules/?on=1990-01-01")
    assert len(taken("/rules/")) == len(shown) + 1
    assert len(early) < len(shown) + 1
    assert shown[0][3].source in "\n".join(taken("/rules/"))
