"""What should be looked at twice in the register: kept as contracts change, as a look at the whole finds it."""

import json
from dataclasses import replace
from datetime import date, timedelta
from random import Random

import pytest
from django.utils.translation import override

from kezhuan.areas.contracts import flagging_actions
from kezhuan.areas.contracts.actions import ContractFacts, edit_contract
from kezhuan.areas.contracts.flagging_actions import follow_contracts, look_at_all
from kezhuan.areas.contracts.flags import SHOWN, flags_of, flags_seen, said_by, told
from kezhuan.areas.contracts.lifecycle import CONTRACT
from kezhuan.areas.contracts.looking_actions import note_look
from kezhuan.areas.contracts.models import Contract, Flag, FlagLook, FlagOf, Looked, columns_of, form_of
from kezhuan.engines import contracts as engine
from kezhuan.kernel import followers, journal
from kezhuan.kernel.errors import Conflict
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Entry, Job, Record
from kezhuan.kernel.text import today
from tests.areas.crawling import client_of
from tests.factories import agreements, city
from tests.factories.registers import party, register
from tests.web.test_exports import taken

pytestmark = pytest.mark.django_db
LONG = "约定甲乙双方的目标、创新内容、技术指标、验收、争议解决与权属，"


def written(row, form, phase="submitted"):
    """A contract whose columns say what a form says, handed in."""
    Record.objects.filter(pk=row.pk).update(phase=phase, title=form.name)
    Contract.objects.filter(pk=row.pk).update(**columns_of(form), reg_no=form.reg_no, registered_on=form.registered_on)
    return row.pk


def kept():
    about = {}
    for kind, flag, contract in FlagOf.objects.values_list("flag__kind", "flag", "contract"):
        about.setdefault((kind, flag), set()).add(contract)
    return {(kind, *sorted(rows)) for (kind, _flag), rows in about.items()}


def whole():
    rows = Contract.objects.exclude(record__phase__in=("draft", "void", "withdrawn")).select_related("record")
    found = engine.flags([form_of(row) for row in rows], as_of=today())
    return {(one.kind, *one.rows) for one in found}


def test_what_is_kept_around_changes_is_what_a_look_at_the_whole_register_finds(unit, keeper):
    random = Random(5)
    forms, _seeded = register(random, 8, 1)
    forms = [replace(one, row=0) for one in forms[:70]]
    rows = [city.contract(unit, by=keeper) for _ in forms]
    numbers = [written(row, form) for row, form in zip(rows, forms, strict=True)]
    random.shuffle(numbers)
    for at in range(0, len(numbers), 10):
        follow_contracts(numbers[at : at + 10], False)
    assert kept() == whole()
    assert {one[0] for one in kept()} == set(engine.KINDS) - {"second-transfer"}  # these are of no achievement here
    # Forms change places, some are taken back, and one comes again.
    for at, (row, form) in enumerate(zip(rows[:24], reversed(forms[:24]), strict=True)):
        written(row, form, "withdrawn" if at % 7 == 0 else "active")
        follow_contracts([row.pk], False)
    written(rows[0], forms[0])
    follow_contracts([rows[0].pk], False)
    assert kept() == whole()
    names = dict(Looked.objects.values_list("contract", "seller"))
    assert set(names) == {row.pk for row in Contract.objects.filter(record__phase__in=("submitted", "active"))}
    # A look at the whole says the same, and keeps what it finds again as it is.
    before = dict(Flag.objects.values_list("key", "pk"))
    look_at_all()
    assert (kept(), dict(Flag.objects.values_list("key", "pk"))) == (whole(), before)


def test_twins_beyond_any_number_are_found_and_a_decembers_share_is_that_of_the_whole_year(unit, keeper, monkeypatch):
    monkeypatch.setattr(flagging_actions, "BATCH", 3)
    seller, buyer = party(Random(1), 1), party(Random(2), 2)
    year = today().year - 1
    rows = [city.contract(unit, by=keeper) for _ in range(20)]
    for at, row in enumerate(rows):
        form = city.contract_form(
            name=f"第{at}项", text=LONG * 2 if at in (0, 19) else "", seller=seller,
            buyer=replace(buyer, code="", name=f"买方{'甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉'[at]}"),
            signed_on=date(year, 1 if at < 10 else 12, 3), registered_on=None, turnover=100_00 + at,
        )  # fmt: skip
        written(row, form)
    follow_contracts([row.pk for row in rows], False)
    (twins,) = Flag.objects.filter(kind="same-text")
    assert set(twins.about.values_list("contract", flat=True)) == {rows[0].pk, rows[19].pk}
    (spike,) = Flag.objects.filter(kind="year-end")
    assert f"10 of 20 contracts of {year} (50" in spike.en
    assert "20 份合同中 10 份" in spike.zh
    # Another one in spring changes the share, though the flag is not about it.
    more = city.contract(unit, by=keeper)
    written(more, city.contract_form(name="又一项", text="", seller=seller, signed_on=date(year, 3, 3)))
    follow_contracts([more.pk], False)
    assert Flag.objects.get(kind="year-end").en.startswith(f"{seller.name}: 10 of 21 contracts of {year}")
    assert Flag.objects.get(kind="year-end").pk == spike.pk


def test_a_change_that_comes_while_the_whole_is_looked_at_is_looked_at_after_it(unit, keeper, monkeypatch):
    row = city.contract(unit, by=keeper, stage="submitted", benefit_on=date(2020, 1, 1))
    real = flagging_actions.engine.flags

    def flags(*given, **options):
        found = real(*given, **options)
        monkeypatch.undo()
        city.contract(unit, by=keeper, stage="submitted", benefit_on=date(2019, 1, 1))
        return found

    monkeypatch.setattr(flagging_actions.engine, "flags", flags)
    look_at_all()
    assert {one.about.get().contract_id for one in Flag.objects.filter(kind="benefit-first")} == set(
        Contract.objects.values_list("pk", flat=True)
    )
    assert row.pk in Looked.objects.values_list("contract", flat=True)


def test_many_changes_and_a_new_journal_are_the_jobs(unit, keeper, monkeypatch):
    monkeypatch.setattr(flagging_actions, "FEW", 1)
    numbers = [city.contract(unit, by=keeper, stage="submitted").pk for _ in range(2)]
    follow_contracts(numbers, False)
    follow_contracts([], True)
    assert Job.objects.filter(name="contracts.look-at-all", key="owed").count() == 1
    assert not Looked.objects.exists()
    follow_contracts(numbers[:1], False)
    assert Looked.objects.count() == 1


def asked(actor, address):
    return client_of(actor).get(f"/api/v1{address}").json()


def flagged_pair(unit, keeper):
    text = LONG * 2
    first = city.contract(unit, by=keeper, stage="registered", text=text, benefit_on=date(2020, 1, 1))
    other = city.organisation("另一大学", kind="university", region="440112")
    seller = replace(party(Random(9), 9), region="440112")
    second = city.contract(other, stage="accepted", text=text, name="同文", seller=seller)
    followers.run_pending()
    return first, second


def test_the_list_says_why_and_nothing_of_what_is_not_the_readers(unit, keeper):
    first, second = flagged_pair(unit, keeper)
    registrar, district = city.registrars()[0], city.officer("440112")
    client = client_of(registrar)
    shown = client.get("/contracts/flags/").content.decode()
    assert f"Contracts {first.record.code}, {second.record.code} have the same text" in shown
    assert "before the contract was signed on" in shown
    with override("zh-hans"):
        (same,) = (one for one in flags_of(registrar, second) if one.kind == "same-text")
        assert same.why.startswith(f"合同 {first.record.code}, {second.record.code} 合同文本相同")
    desk = client.get(f"/contracts/{second.record.code}/desk/").content.decode()
    assert f"Contracts {first.record.code}, {second.record.code} have the same text" in desk
    assert "being looked at beside the register anew" not in desk
    # A district's registrar reads of the one of the district, and neither the other's code nor the sentence.
    seen = client_of(district).get("/contracts/flags/").content.decode()
    assert second.record.code in seen
    assert "1 other contract that is not yours to read" in seen
    assert first.record.code not in seen
    assert "have the same text" not in seen
    assert "the benefit was taken" not in seen
    for nobody in (keeper, city.member(unit)):
        assert client_of(nobody).get("/contracts/flags/").status_code == 403
    # What has changed since is told to be under way.
    city.contract(unit, by=keeper, stage="submitted", text=LONG * 2)
    newest = Contract.objects.latest("pk")
    assert (
        "being looked at beside the register anew"
        in client.get(f"/contracts/{newest.record.code}/desk/").content.decode()
    )


def test_the_list_is_asked_by_kind_year_and_district_and_taken_along(unit, keeper):
    first, second = flagged_pair(unit, keeper)
    registrar, year = city.registrars()[0], today().year

    def kinds(**asked):
        return {one.kind for one in flags_seen(registrar, **asked)}

    assert kinds() >= {"same-text", "benefit-first"}
    assert kinds(kind="benefit-first") == {"benefit-first"}
    assert kinds(kind="benefit-first", place="440112") == set()
    assert "same-text" in kinds(place="440112")
    assert kinds(year=year - 9) == set()
    assert "benefit-first" in kinds(year=first.registered_on.year)
    rows = taken(client_of(registrar), "/contracts/flags/?kind=same-text", "xlsx")
    assert [(row["Kind"], row["Contracts"], row["Not yours to read"]) for row in rows] == [
        ("same text", f"{first.record.code}, {second.record.code}", 0)
    ]
    assert "have the same text" in rows[0]["Why"]
    assert taken(client_of(registrar), "/contracts/flags/?kind=same-text&place=440106", "csv") != []
    found = asked(registrar, "/contract-flags?flag_kind=same-text")
    assert [(one["flag_kind"], [other["code"] for other in one["contracts"]]) for one in found["items"]] == [
        ("same-text", [first.record.code, second.record.code])
    ]
    assert found["next"] is None
    (seen,) = asked(city.officer("440112"), "/contract-flags?region=440112&flag_kind=same-text")["items"]
    assert ([one["code"] for one in seen["contracts"]], seen["why"], seen["unseen"]) == ([second.record.code], "", 1)
    assert client_of(keeper).get("/api/v1/contract-flags").status_code == 403
    before = asked(registrar, f"/contract-flags?before={Flag.objects.order_by('pk').first().pk}")
    assert before["items"] == []


def test_a_registrar_notes_what_was_found_and_what_comes_again_otherwise_is_open(unit, keeper):
    first, _second = flagged_pair(unit, keeper)
    registrar, district = city.registrars()[0], city.officer("440112")
    flag = Flag.objects.get(kind="same-text")
    client, way = client_of(registrar), f"/contracts/flags/{flag.pk}/looked/"
    assert way in client.get("/contracts/flags/").content.decode()
    assert client.get(way).status_code == 200
    said = said_by(flag)
    for sent, status in (
        ({"finding": " ", "sha256": said}, 422), ({"finding": "字" * 501, "sha256": said}, 422),
        ({"finding": "机密：不得外传", "sha256": said}, 422), ({"finding": "核对过", "sha256": "0" * 64}, 409),
    ):  # fmt: skip
        assert client.post(way, sent).status_code == status, sent
        api = client.post(f"/api/v1/contract-flags/{flag.pk}/looked", json.dumps(sent), "application/json")
        assert api.status_code == status
    # A registrar who does not read all of it notes nothing, nor does the unit.
    for stranger, status in ((district, 403), (keeper, 404)):
        sent = {"finding": "核对过", "sha256": said}
        assert client_of(stranger).post(way, sent).status_code == status
        api = client_of(stranger).post(f"/api/v1/contract-flags/{flag.pk}/looked", json.dumps(sent), "application/json")
        assert api.status_code == status
    assert not FlagLook.objects.exists()
    entries = Entry.objects.count()
    assert client.post(way, {"finding": "两份合同标的不同", "sha256": said}).status_code == 302
    noted = Entry.objects.latest("seq")
    assert client.post(way, {"finding": "两份合同标的不同", "sha256": said}).status_code == 302  # pressed twice
    assert (Entry.objects.count(), noted.kind, noted.data["records"]) == (
        entries + 1, "contracts.flag-looked", [str(one.contract.record.uid) for one in flag.about.order_by("pk")]
    )  # fmt: skip
    look = FlagLook.objects.get()
    assert (look.by_id, look.finding, look.zh) == (registrar.person.pk, "两份合同标的不同", flag.zh)

    def kinds(looked, actor=registrar):
        return {one.kind for one in flags_seen(actor, looked=looked)}

    assert (kinds(True), "same-text" in kinds(False), "benefit-first" in kinds(False)) == ({"same-text"}, False, True)
    assert "两份合同标的不同" in client.get("/contracts/flags/?looked=yes").content.decode()
    assert "两份合同标的不同" not in client.get("/contracts/flags/?looked=no").content.decode()
    assert "两份合同标的不同" in client.get(f"/contracts/{first.record.code}/desk/").content.decode()
    (row,) = taken(client, "/contracts/flags/?looked=yes", "xlsx")
    assert (row["What was found of it"], row["By"]) == ("两份合同标的不同", registrar.person.record.title)
    (shown,) = asked(registrar, "/contract-flags?looked=true")["items"]
    assert (shown["look"]["finding"], shown["look"]["by"]["name"]) == ("两份合同标的不同", row["By"])
    assert {one["look"] for one in asked(registrar, "/contract-flags?looked=false")["items"]} == {None}
    # Who does not read the sentence does not read what was found of it.
    page = client_of(district).get("/contracts/flags/").content.decode()
    assert "两份合同标的不同" not in page
    assert "Looked at by" in page
    (seen,) = asked(district, "/contract-flags?looked=true")["items"]
    assert seen["look"]["finding"] == ""
    # Taken away and found again as it was, it was looked at; with other facts it is open, and noted anew.
    Flag.objects.all().delete()
    look_at_all()
    assert kinds(True) == {"same-text"}
    Flag.objects.filter(kind="same-text").update(zh="另一句话", en="Something else")
    assert (kinds(True), "same-text" in kinds(False)) == (set(), True)
    again = Flag.objects.get(kind="same-text")
    answer = client.post(
        f"/api/v1/contract-flags/{again.pk}/looked",
        json.dumps({"finding": "已约谈", "sha256": said_by(again)}), "application/json",
    )  # fmt: skip
    assert (answer.status_code, answer.json()["look"]["finding"]) == (200, "已约谈")
    assert FlagLook.objects.count() == 2
    with pytest.raises(Conflict):
        note_look(actor=registrar, flag=flag, finding="晚了", sha256=said)
    assert client.get(way).status_code == 404


def transfers(unit, keeper, about, *stages):
    """Transfers of one achievement to one buyer after another, at these phases."""
    rows = [city.contract(unit, by=keeper, about=about, kind="transfer", subkind="transfer-patent") for _ in stages]
    for at, (row, phase) in enumerate(zip(rows, stages, strict=True)):
        form = city.contract_form(
            kind="transfer", name=f"第{at}项", text="", rights=("secret",), buyer=party(Random(at), 70 + at),
            seller=replace(party(Random(3), 3), name=f"南粤大学{at}", code=""),
        )  # fmt: skip
        written(row, form, phase)
    return rows


def second_transfers():
    flags = Flag.objects.filter(kind="second-transfer")
    return [sorted(one.about.values_list("contract", flat=True)) for one in flags]


def test_a_second_transfer_of_an_achievement_is_told_as_contracts_come_and_go(unit, keeper):
    about, other = city.achievement(unit, stage="listed"), city.achievement(unit, stage="listed")
    rows = transfers(unit, keeper, about, "active", "submitted", "reviewing", "failed")
    (else_where,) = transfers(unit, keeper, other, "submitted")
    for row in (*rows, else_where):
        follow_contracts([row.pk], False)
    three = [row.pk for row in rows[:3]]
    assert second_transfers() == [three]
    assert "transfer a right of the same kind of one achievement" in Flag.objects.get(kind="second-transfer").en
    look_at_all()
    assert second_transfers() == [three]
    # One is withdrawn, another is of another achievement after all: what is left is told, then nothing.
    Record.objects.filter(pk=rows[0].pk).update(phase="withdrawn")
    follow_contracts([rows[0].pk], False)
    assert second_transfers() == [three[1:]]
    Contract.objects.filter(pk=rows[2].pk).update(achievement=other.pk)
    follow_contracts([rows[2].pk], False)
    assert second_transfers() == [sorted([rows[2].pk, else_where.pk])]
    look_at_all()
    assert second_transfers() == [sorted([rows[2].pk, else_where.pk])]
    Record.objects.filter(pk=else_where.pk).update(phase="failed")
    follow_contracts([else_where.pk], False)
    assert second_transfers() == []


def test_an_agreement_that_changes_while_the_whole_is_looked_at_is_looked_at_after_it(unit, keeper, monkeypatch):
    deal = agreements.agreement(unit, city.organisation("买家公司"), by=keeper, stage="active")
    row = city.contract(unit, by=keeper, stage="submitted", signed_on=today() - timedelta(days=500), paid=0)
    Contract.objects.filter(pk=row.pk).update(agreement=deal.pk)
    real = flagging_actions.engine.flags

    def flags(*given, **options):
        found = real(*given, **options)
        monkeypatch.undo()
        Contract.objects.filter(pk=row.pk).update(paid_fen=0)
        with journal.writing():
            journal.note("agreement.paid", record=deal.record, actor=keeper)
        return found

    monkeypatch.setattr(flagging_actions.engine, "flags", flags)
    Contract.objects.filter(pk=row.pk).update(paid_fen=5)
    monkeypatch.setattr(flagging_actions, "told_of", lambda _rows: {})
    look_at_all()
    assert Flag.objects.filter(kind="dead").exists()


def test_a_contract_whose_change_is_being_written_is_listed_by_its_registered_title(unit, keeper):
    first, _second = flagged_pair(unit, keeper)
    registered = first.record.title
    row = advance(CONTRACT, first, "amend", actor=keeper, note="改名")
    facts = ContractFacts(replace(form_of(row), name="还没有交的新名称"))
    edit_contract(actor=keeper, contract=row, facts=facts, expected_version=row.record.version)
    page = client_of(city.registrars()[0]).get("/contracts/flags/").content.decode()
    assert registered in page
    assert "还没有交的新名称" not in page
    assert (
        asked(city.registrars()[0], "/contract-flags?flag_kind=same-text")["items"][0]["contracts"][0]["title"]
        == registered
    )


def test_many_contracts_of_a_flag_are_shown_in_part_with_as_many_questions(unit, keeper, django_assert_num_queries):
    rows = [city.contract(unit, by=keeper) for _ in range(SHOWN + 4)]
    for row in rows:
        written(
            row, city.contract_form(name=f"项目{row.pk}", text=LONG * 2, signed_on=today() - timedelta(days=row.pk))
        )
    Record.objects.filter(contract__in=rows).update(full_to=city.contract(unit, stage="submitted").record.full_to)
    look_at_all()
    registrar = city.registrars()[0]
    (one,) = told(registrar, list(flags_seen(registrar, kind="same-text")))
    assert (len(one.contracts), one.more, one.unseen) == (SHOWN, 4, 0)
    flags = list(Flag.objects.all())
    for some in (flags[:1], flags):
        with django_assert_num_queries(4):
            told(registrar, some)
