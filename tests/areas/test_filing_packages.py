"""A unit files at an instance of its own; the bureau's takes that in with a receipt, and both count the same."""

import io
import json
import zipfile
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from kezhuan.areas.filings.actions import file_record
from kezhuan.areas.filings.models import Receipt
from kezhuan.areas.filings.package_actions import confirm_filings, pack_filings, take_package
from kezhuan.areas.filings.queries import totals_for
from kezhuan.kernel import journal, registry
from kezhuan.kernel.access import can_view
from kezhuan.kernel.documents import Upload, attach_document, documents_of, read_document
from kezhuan.kernel.errors import NotAllowed, Refused
from kezhuan.kernel.models import Entry, Filing, Identifier
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.notices import content_hash
from kezhuan.kernel.text import today
from tests.areas.crawling import client_of
from tests.factories import agreements, city, ledgers, prices, receipts
from tests.factories.stages import as_if

pytestmark = pytest.mark.django_db
CODE = "124401044558660480"


def unit_here(instance):
    """The unit as an instance knows it, and its administrator there."""
    unit = city.organisation(f"南粤大学{instance}", kind="university", region="440106")
    Identifier.objects.filter(record=unit.record, scheme="uscc").delete()
    Identifier.objects.create(record=unit.record, scheme="uscc", value=CODE)
    return unit, city.member(unit, Role.ADMINISTRATOR)


@pytest.fixture
def at_the_unit():
    """What happens at the unit's own instance is gone from this database afterwards, as from another's."""
    began = transaction.savepoint()

    def leave():
        transaction.savepoint_rollback(began)

    return leave


def told(rows):
    return [(one.kind, one.name, one.year, one.filings, one.fen) for one in rows]


def refused(act):
    with pytest.raises(Refused) as stopped:
        act()
    return [one.code for one in stopped.value.problems]


def changed(package, **parts):
    """The package with other members: name → bytes, or a function of the list."""
    with zipfile.ZipFile(io.BytesIO(package)) as folder:
        inside = {name: folder.read(name) for name in folder.namelist()}
    for name, part in parts.items():
        if callable(part):
            listed = json.loads(inside["filings.json"])
            part(listed)
            inside["filings.json"] = json.dumps(listed).encode()
        else:
            inside[name] = part
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as folder:
        for name, content in inside.items():
            folder.writestr(name, content)
    return target.getvalue()


SUMS = {
    ("agreement", "agreement-agreed"): 10_000_000, ("contract", "technology"): 80_000_000,
    ("contract", "turnover"): 95_000_000,
    ("distribution", "received"): 100_000_000, ("distribution", "reward"): 63_000_000,
    ("dossier", "income"): 5_000, ("dossier", "price"): 400_000_000, ("ledger", "recognised"): 100,
    ("price", "price"): 90_000_000,
}  # fmt: skip
"""What the unit's filings come to by kind and figure, in 分: what was corrected counts as it was corrected."""


def of_other_kinds(unit, boss):
    """One record of each kind whose filings have figures, beside dossiers."""
    about = city.achievement(unit, stage="listed")
    sold = as_if(prices.price(unit, boss, about=about), "fixed")
    sold.final_fen = 90_000_000
    sold.save(update_fields=["final_fen"])
    terms = {"turnover": 95_000_000, "technology": 80_000_000, "payment": "once", "deductions": {}, "instalments": ()}
    kinds = (
        receipts.receipt(unit, boss, about=about, stage="settled"),
        sold,
        as_if(city.contract(unit, by=boss, **terms), "submitted"),
        ledgers.entry(unit, boss, about=about),
        agreements.agreement(unit, city.organisation("南粤材料公司"), by=boss, stage="active"),
    )
    return [registry.row_of(one.record) for one in kinds]


def test_a_units_filing_taken_in_by_the_bureau_gives_the_same_totals_on_both_sides(at_the_unit):
    unit, boss = unit_here("（自建）")
    price = city.dossier(
        unit, by=boss, sort="price", amount_fen=380_000_000, on=date(2025, 3, 1), summary="底价三百八十万"
    )
    attach_document(actor=boss, record=price.record, upload=Upload("定价.txt", "定价".encode(), True), group="inner")
    files = list(documents_of(price.record, ("inner",)).values_list("pk", flat=True))
    first = file_record(actor=boss, row=price, files=files, note="请查收")
    income = file_record(actor=boss, row=city.dossier(unit, by=boss, sort="income", amount_fen=5_000))
    others = [file_record(actor=boss, row=row) for row in of_other_kinds(unit, boss)]
    file_record(actor=boss, row=price, region="440106")
    early, count = pack_filings(actor=boss, region="", programme="")
    assert (count, pack_filings(actor=boss, region="", programme="")[0]) == (2 + len(others), early)
    price.record.refresh_from_db()
    from kezhuan.areas.dossiers.actions import DossierFacts, edit_dossier

    edit_dossier(
        actor=boss, dossier=price, expected_version=price.record.version,
        facts=DossierFacts(price.record.title, "price", price.on, "四百万", "", 400_000_000),
    )  # fmt: skip
    second = file_record(actor=boss, row=price)
    late, _count = pack_filings(actor=boss, region="", programme="")
    uids = [one.record.uid for one in (first, income, *others, second)]
    ours = told(totals_for(boss))
    assert {(kind, name): fen for kind, name, _year, _filings, fen in ours} == SUMS
    assert Filing.objects.filter(confirmed_on=None).count() == 4 + len(others)

    # The bureau's own instance: none of the unit's records is there.
    at_the_unit()
    with pytest.raises(Refused, match=CODE):
        take_package(actor=city.officer(), upload=Upload("a.zip", early, True))
    unit, boss = unit_here("")
    bureau = city.officer()
    for stranger in (city.officer("440106"), boss):
        with pytest.raises(NotAllowed):
            take_package(actor=stranger, upload=Upload("a.zip", early, True))
    taken = take_package(actor=bureau, upload=Upload("a.zip", early, True))
    kinds = ("dossier", "dossier", "distribution", "price", "contract", "ledger", "agreement")
    assert [(one.origin, one.about, one.about_kind, one.filed_by) for one in taken.fresh] == [
        (uid, None, kind, None) for uid, kind in zip(uids[:-1], kinds, strict=True)
    ]
    newer = take_package(actor=bureau, upload=Upload("b.zip", late, True))
    assert [one.origin for one in newer.fresh] == uids[-1:]
    assert [one.origin for one in newer.held] == uids[:-1]
    assert told(totals_for(bureau)) == ours
    row = Filing.objects.get(origin=uids[0])
    (paper,) = documents_of(row.record, ("full",))
    assert read_document(paper).decode() == "定价"
    assert (row.record.stage, row.note, newer.fresh[0].corrects_id) == ("superseded", "请查收", row.pk)
    assert can_view(boss, Filing.objects.select_related("record__full_to").get(pk=row.pk).record, "full")
    assert client_of(bureau).get(f"/filings/{row.record.code}/").status_code == 200
    assert client_of(bureau).get(f"/api/v1/filings/{row.record.code}").json()["instance"]
    # A second reading changes nothing and hands out the same receipt.
    entries, receipts = Entry.objects.count(), Receipt.objects.count()
    again = take_package(actor=bureau, upload=Upload("b.zip", late, True))
    assert (again.fresh, again.receipt.pk) == ((), newer.receipt.pk)
    assert (Entry.objects.count(), Receipt.objects.count(), journal.verify().broken_seq) == (entries, receipts, None)
    assert {
        (one["kind"], one["name"], one["year"], one["filings"], one["fen"]) for one in newer.receipt.said["totals"]
    } == set(ours)


def test_the_unit_reads_the_receipt_back_and_sees_both_sides():
    unit, boss = unit_here("")
    price = file_record(
        actor=boss, row=city.dossier(unit, by=boss, sort="price", amount_fen=7_000, on=date(2025, 1, 1))
    )
    client = client_of(boss)
    page = client.get("/filings/").content.decode()
    assert "/filings/package/" in page
    answer = client.post("/filings/package/", {"bureau": "|"})
    assert answer["Content-Type"] == "application/zip"
    # Another instance would know the uid by the package alone; here it is a copy under another one.
    said = {
        "instance": "https://kj.example", "package": "0" * 64, "unit": {"code": CODE, "name": "南粤大学"}, "region": "",
        "programme": "", "taken_on": "2026-02-03", "totals": [
            {"kind": "dossier", "name": "price", "year": 2025, "filings": 1, "fen": 7_000}
        ],
        "filings": [{"uid": str(price.record.uid), "code": "F-2026-00009", "hash": price.content_hash}],
    }  # fmt: skip

    def send(**other):
        sent = SimpleUploadedFile("回执.json", json.dumps(said | other).encode())
        return client.post("/filings/confirm/", {"file": sent})

    assert "count the same" in send().content.decode()
    price.refresh_from_db()
    assert (price.confirmed_as, price.confirmed_on) == ("F-2026-00009", date(2026, 2, 3))
    assert "F-2026-00009" in client.get(f"/filings/{price.record.code}/").content.decode()
    entries = Entry.objects.count()
    content = json.dumps(said).encode()
    assert (confirm_filings(actor=boss, content=content).before, Entry.objects.count()) == (1, entries)
    other = send(totals=[]).content.decode()
    assert "do not agree" in other
    odd = confirm_filings(
        actor=boss, content=json.dumps(said | {"filings": [said["filings"][0] | {"hash": "1" * 64}]}).encode()
    )
    assert (odd.strangers, odd.agrees) == (("F-2026-00009",), False)
    assert send(unit={"code": "91440101000000000X", "name": "他人"}).status_code == 422
    assert refused(lambda: pack_filings(actor=boss, region="", programme="")) == ["package-empty"]
    assert pack_filings(actor=boss, region="", programme="", again=True)[1] == 1


def test_what_is_wrong_with_a_package_keeps_all_of_it_out(at_the_unit):
    unit, boss = unit_here("（自建）")
    for number in (1, 2):
        file_record(actor=boss, row=city.dossier(unit, by=boss, title=f"第{number}份", amount_fen=number))
    package, _count = pack_filings(actor=boss, region="", programme="")
    # Where it was made they are read already, and would count twice.
    own = refused(lambda: take_package(actor=city.officer(), upload=Upload("a.zip", package, True)))
    assert (own, Filing.objects.count()) == (["package-own"], 2)
    at_the_unit()
    unit_here("")
    bureau = city.officer()

    def first(**parts):
        return lambda listed: listed["filings"][0].update(parts)

    def spoiled(listed):
        listed["filings"][1]["content"]["text"] = "改过"

    def anew(**parts):
        """With another content and its own hash, as whoever writes a package by hand would."""

        def act(listed):
            one = listed["filings"][0]
            one["content"].update(parts)
            one["hash"] = content_hash(one["content"])

        return changed(package, list=act)

    def packed(kind):
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w", kind) as folder:
            folder.writestr("filings.json", b"{}" * 100)
        return target.getvalue()

    names = bytearray(package)
    at = names.rfind(b"PK\x01\x02")
    names[at + 9], names[at + 46] = 8, 0xFF  # a name in UTF-8 that is none
    ends = bytearray(package)
    ends[ends.rfind(b"PK\x05\x06") + 16] ^= 4  # members lie before the file's beginning, or elsewhere
    nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

    for content, code in (
        (b"", "package-unfit"), (b"PK\x03\x04", "package-unfit"), (bytes(names), "package-unfit"),
        (bytes(ends), "package-unfit"), (packed(zipfile.ZIP_BZIP2), "package-unfit"),
        (anew(figures=[["price", 1, "x"]]), "package-unfit"), (anew(subject=" "), "package-unfit"),
        (anew(text="\0"), "package-unfit"), (anew(files=[["a.txt", nothing]]), "package-unfit"),
        (anew(figures=[["price", 1, "2025-01-01"]] * 2), "package-kind"),
        (changed(package, list=spoiled), "package-unfit"),
        (changed(package, list=lambda listed: listed.update(version=2)), "package-unfit"),
        (changed(package, list=first(note="机密：不得外传")), "state-secret"),
        (changed(package, list=lambda listed: listed["filings"].append(listed["filings"][0])), "package-twice"),
        (changed(package, list=lambda listed: listed["filings"][0]["about"].update(kind="unknown")), "package-kind"),
        (changed(package, list=lambda listed: listed.update(programme="unknown")), "filing-programme"),
    ):  # fmt: skip
        found = refused(lambda content=content: take_package(actor=bureau, upload=Upload("a.zip", content, True)))
        assert found == [code]
    assert refused(lambda: take_package(actor=bureau, upload=Upload("a.zip", package, False))) == [
        "declaration-missing"
    ]
    assert not Filing.objects.exists()
    # In the browser: taken in, and the receipt is a file for the officers in charge.
    sent = SimpleUploadedFile("a.zip", package)
    page = client_of(bureau).post("/filings/take/", {"file": sent, "declared_open": "on"}).content.decode()
    receipt = Receipt.objects.get()
    assert f"/filings/receipts/{receipt.code}/" in page
    assert client_of(bureau).get(f"/filings/receipts/{receipt.code}/").json()["package"] == receipt.package
    assert client_of(city.officer("440106")).get(f"/filings/receipts/{receipt.code}/").status_code == 404
    # What is here is not another's, nor of other words: nobody is told that it came in.
    other = city.organisation("别家")
    Identifier.objects.create(record=other.record, scheme="uscc", value="91440101000000000X")
    strange = changed(package, list=lambda listed: listed["unit"].update(code="91440101000000000X"))
    for content in (strange, anew(text="换过")):
        found = refused(lambda content=content: take_package(actor=bureau, upload=Upload("a.zip", content, True)))
        assert found == ["package-other"]
    assert (receipt.taken_at.date() <= today(), len(receipt.said["filings"])) == (True, 2)
