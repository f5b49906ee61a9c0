"""Yearly tables: maintained totals equal a recount whatever happens to contracts, and small sums are not told."""

from datetime import date
from decimal import Decimal
from random import Random

import pytest

from kezhuan.areas.contracts.counting_actions import count_contracts
from kezhuan.areas.contracts.figure_tables import LEAST, line
from kezhuan.areas.contracts.figures import ALL, UNFOUND, Sums, entry_of, recount, sums_by
from kezhuan.areas.contracts.lifecycle import CONTRACT
from kezhuan.areas.contracts.models import Contract, Tally
from kezhuan.areas.contracts.pages_figures import _cell
from kezhuan.areas.contracts.tables import ROWS
from kezhuan.demo import contracts as demo
from kezhuan.exchange.undo import take_back
from kezhuan.kernel import followers
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Record
from kezhuan.kernel.text import today
from kezhuan.web.templatetags.kezhuan import wan_in_table
from tests.areas.crawling import client_of
from tests.factories import city
from tests.factories.imports import take_in
from tests.web.test_exports import taken

pytestmark = pytest.mark.django_db
HEADERS = (
    "项目名称,合同登记编号,登记日期,合同类别,签订日期,卖方名称,卖方地区,卖方性质,买方名称,买方地区,技术领域,知识产权,计划来源,"
    "社会经济目标,合同成交总额(万元),技术交易额(万元)"
)


def totals():
    """The maintained totals as the recount tells them."""
    return {
        (one.dimension, one.year, one.month, one.place, one.kind, one.value): Sums(
            one.contracts, one.turnover_fen, one.technology_fen
        )
        for one in Tally.objects.exclude(contracts=0)
    }


def brought(tmp_path, size=60, start=1):
    random = Random(start)
    lines = [HEADERS]
    for number in range(start, start + size):
        day = date(random.choice([2021, 2023]), random.randrange(1, 13), 5)
        kind = random.choice(["技术开发", "技术转让", "技术服务", ""])
        region = [random.choice(["440106", "440112", "110105"]) for _ in "ab"]
        amount = random.randrange(10, 1000)
        lines.append(
            f"合同{number},{number:016d},{day},{kind},{day},卖{number % 7},{region[0]},高等院校,"
            f"买{number % 5},{region[1]},"
            f"{random.choice(['新材料', '电子信息'])},{random.choice(['发明专利', '技术秘密；发明专利'])},计划外,教育,"
            f"{amount},{amount - random.randrange(10)}"
        )
    file = tmp_path / f"{start}.csv"
    file.write_text("\n".join(lines), encoding="utf-8")
    return take_in(ROWS, file)


def test_maintained_totals_equal_a_recount_whatever_happens(tmp_path):
    kept = brought(tmp_path).kept
    followers.run_pending()
    assert totals() == recount()
    assert sum(one.contracts for one in sums_by(ALL, ["year"]).values()) == 60
    officer = city.officer()
    first, second, third = Contract.objects.select_related("record")[:3]
    advance(CONTRACT, first, "revoke", actor=officer, note="测试", reason="fake")
    advance(CONTRACT, second, "void", actor=officer, note="测试")
    Contract.objects.filter(pk=third.pk).update(registered_turnover_fen=10**12, field="energy", kind="licence")
    other = brought(tmp_path, 20, 1000).kept
    followers.run_pending()
    count_contracts([third.pk], False)
    assert totals() == recount()
    assert sum(one.contracts for one in sums_by(ALL, ["year"]).values()) == 78
    before = totals()
    # At least once: a second time changes nothing, and anew is the same.
    count_contracts(list(Contract.objects.values_list("pk", flat=True)), False)
    assert totals() == before
    count_contracts([], True)
    assert totals() == before
    take_back(other.pk, actor=officer)
    followers.run_pending()
    assert totals() == recount()
    assert sum(one.contracts for one in sums_by(ALL, ["year"]).values()) == 58
    assert kept.read == 60


def test_every_dimension_sums_to_the_year_and_amounts_stay_apart(tmp_path):
    brought(tmp_path)
    followers.run_pending()
    whole = {year: sums for (year,), sums in sums_by(ALL, ["year"]).items()}
    rows = Contract.objects.all()
    for year, sums in whole.items():
        mine = [row for row in rows if row.registered_on.year == year]
        assert sums.turnover_fen == sum(row.registered_turnover_fen for row in mine)
        assert sums.technology_fen == sum(row.registered_technology_fen for row in mine)
        for dimension in ("field", "rights", "goal", "plan", "seller_kind", "buyer_kind", "buyer_place", "flow"):
            parts = sums_by(dimension, ["value"], year=year).values()
            assert (
                Sums(
                    sum(one.contracts for one in parts),
                    sum(one.turnover_fen for one in parts),
                    sum(one.technology_fen for one in parts),
                )
                == sums
            )


@pytest.mark.parametrize(
    ("region", "country", "place"),
    [
        ("440112", "156", "440100"),
        ("440306", "156", "440000"),
        ("110108", "", "110000"),
        ("", "840", "abroad"),
        ("", "156", ""),
        ("", "", ""),
    ],
)
def test_a_buyer_counts_for_the_city_its_province_or_abroad(region, country, place):
    given = {"buyer_region": region, "buyer_country": country, "registered_on": date(2026, 3, 1)}
    row = Contract(**given, registered_turnover_fen=1)
    row.record = Record(stage="registered")
    assert entry_of(row).values["buyer_place"] == place


def test_everybody_reads_the_years_and_a_missing_one_says_so(tmp_path):
    brought(tmp_path)
    followers.run_pending()
    page = client_of(None).get("/contracts/figures/?year=2023&by=flow&measure=contracts").content.decode()
    places = client_of(None).get("/contracts/figures/?year=2023&by=buyer_place&measure=contracts").content.decode()
    assert "Guangzhou" in places
    assert "No contract of 2022 is registered in this system" in page
    assert "sold out of the city" in page
    for odd in ("?year=1900", "?by=x&measure=y", "?year=%00", "?year=2022"):
        assert client_of(None).get(f"/contracts/figures/{odd}").status_code == 200


def test_a_sum_of_one_or_two_contracts_is_not_told(tmp_path):
    brought(tmp_path, 2)
    followers.run_pending()
    page = client_of(None).get("/contracts/figures/").content.decode()
    assert "CNY " not in page
    assert ">·<" in page
    assert "CNY" in client_of(city.officer()).get("/contracts/figures/").content.decode()


def test_what_is_hidden_is_not_told_by_the_sum_of_all():
    one, two, many = Sums(1, 100, 50), Sums(2, 300, 200), Sums(5, 900_00, 800_00)

    def shown(*parts, measure="turnover", least=LEAST, closed=False):
        return line(dict(enumerate(parts)), range(len(parts) + 1), measure, least, cell=_cell, closed=closed)

    plain = wan_in_table(900_00)
    assert shown(one, many) == ["·", "·", ""]
    assert shown(many, many, many) == [plain, plain, plain, ""]
    assert shown(many, one, many) == ["·", "·", plain, ""]  # two together, of which one is the smallest that was told
    assert shown(one, two, many) == ["·", "·", plain, ""]
    assert shown(one, one, many) == ["·", "·", "·", ""]  # two contracts are too few, too
    assert (shown(many), shown(many, closed=True)) == ([plain, ""], ["·", ""])  # whose sum was hidden with another's
    assert shown(one, many, measure="contracts", least=0) == ["1", "5", ""]
    assert shown(one, many, measure="technology", least=1) == [wan_in_table(50), wan_in_table(800_00), ""]


def test_the_tables_are_taken_along_and_told_by_the_api_with_the_same_figures_hidden(tmp_path):
    brought(tmp_path, 30)
    followers.run_pending()
    year = min(year for (year,) in sums_by(ALL, ["year"]))
    for actor, least in ((None, LEAST), (city.officer(), 1)):
        client, asked = client_of(actor), f"?year={year}&by=rights&measure=turnover"
        rows = taken(client, f"/contracts/figures/{asked}", "xlsx")
        told = client.get(f"/api/v1/contract-figures{asked}").json()
        assert (told["year"], told["by"], len(told["lines"])) == (year, "rights", len(rows))
        sums = {value: one for (value,), one in sums_by("rights", ["value"], year=year).items()}
        for row, one in zip(rows, told["lines"], strict=True):
            whole = sums[one["value"]]
            assert one["hidden"] or one["figure"] == whole.turnover_fen
            assert one["hidden"] or round(row["All (万元)"] * 1_000_000) == whole.turnover_fen
            assert not one["hidden"] or row["All (万元)"] == "·"
            assert whole.contracts >= least or one["hidden"]
            shown = [cell["figure"] for cell in one["kinds"] if cell["figure"] is not None]
            assert least > 1 or sum(shown) == whole.turnover_fen
    page = client_of(None).get(f"/contracts/figures/?year={year}&by=rights").content.decode()
    assert "counts once, with the one that its form names first" in page
    assert "names first" not in client_of(None).get(f"/contracts/figures/?year={year}").content.decode()
    for by in ("month", "place"):
        months = taken(client_of(None), f"/contracts/figures/?year={year}&by={by}&measure=contracts", "csv")
        assert sum(int(row["All"]) for row in months) == sums_by(ALL, ["year"])[(year,)].contracts
        assert client_of(None).get(f"/contracts/figures/?year={year}&by={by}").content.decode().count("<caption>") == 4
    assert client_of(None).get("/api/v1/contract-figures?by=name").status_code == 422
    assert client_of(None).get("/api/v1/contract-figures?year=1999").json()["lines"] == []


def test_a_year_without_contracts_says_why_and_the_page_opens_on_the_newest_whole_year():
    day = date(today().year, 1, 2)
    rows = [(2018, "settled"), (2021, "settled"), (day.year, "running")]
    for year, _what in rows:
        made = city.contract(city.organisation(kind="university"))
        Contract.objects.filter(pk=made.pk).update(
            registered_on=date(year, 1, 2), registered_turnover_fen=10**9, registered_technology_fen=10**8
        )
        Record.objects.filter(pk=made.pk).update(stage="registered", phase="active")
    count_contracts(list(Contract.objects.values_list("pk", flat=True)), False)
    city.rule(UNFOUND, 1, "count", date(2019, 1, 1))
    city.rule(UNFOUND, 0, "count", date(2020, 1, 1))
    page = client_of(None).get("/contracts/figures/").content.decode()
    assert "No figures were found for 2019" in page
    assert "No contract of 2020 is registered in this system" in page
    assert ("No contract of 2019" in page, "No figures were found for 2020" in page) == (False, False)
    assert ("2021 · kind and" in page, f"{day.year} · kind and" in page) == (True, False)
    assert '<option value="2021" selected>' in page  # the form says which year is shown
    assert f"{day.year} is running" in page
    assert f"{day.year}, so far" in page
    asked = client_of(None).get(f"/contracts/figures/?year={day.year}").content.decode()
    assert f"{day.year} · kind and" in asked


def test_years_without_figures_are_asked_about_in_one_question(django_assert_max_num_queries):
    def begun(year):
        made = city.contract(city.organisation(kind="university"))
        Contract.objects.filter(pk=made.pk).update(
            registered_on=date(year, 1, 2), registered_turnover_fen=10**9, registered_technology_fen=10**8
        )
        Record.objects.filter(pk=made.pk).update(stage="registered", phase="active")
        count_contracts([made.pk], False)

    begun(2021)
    begun(2019)
    city.rule(UNFOUND, 1, "count", date(2013, 6, 1))
    city.rule(UNFOUND, 0, "count", date(2015, 1, 1))
    client = client_of(None)
    client.get("/contracts/figures/?year=2021")
    with django_assert_max_num_queries(100) as few:
        client.get("/contracts/figures/?year=2021")
    begun(2012)
    with django_assert_max_num_queries(len(few.captured_queries)):
        page = client.get("/contracts/figures/?year=2021")
    assert page.context["missing"] == [2013, 2014]
    assert page.context["empty"] == [2015, 2016, 2017, 2018, 2020]
    assert [one.crossed for one in (page.context["years"], *page.context["tables"])] == [True] * 4
    # The sum stands beside the name, where a narrow screen shows it.
    assert [str(one.label) for one in page.context["tables"][0].columns[:2]] == ["technical field", "All"]


def test_without_contracts_the_page_says_so():
    assert "No contract is registered yet" in client_of(None).get("/contracts/figures/").content.decode()


def test_the_demo_register_repeats_the_public_figures_at_one_to_a_thousand():
    public = {2017: "357.51", 2018: "719.38", 2019: "1273.36", 2020: "2256.53", 2021: "2413.11", 2023: "2550.82"}
    rows = list(demo.register(Random(1), [city.organisation(kind="university")]))
    assert len({row["合同登记编号"] for row in rows}) == len(rows) == 600
    valid = [row for row in rows if row["合同登记编号"] != demo.REVOKED]
    sums = {}
    for row in valid:
        year = int(row["登记日期"][:4])
        sums[year] = sums.get(year, 0) + Decimal(row["合同成交总额(万元)"])
    # 亿元 over a thousand, in 万元.
    assert sums == {year: Decimal(figure) * 10 for year, figure in public.items()}
    technology = sum(Decimal(row["技术交易额(万元)"]) for row in valid if row["登记日期"].startswith("2020"))
    assert technology == Decimal("1484.57") * 10
