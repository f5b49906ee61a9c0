"""What must not be seen is in no answer: not listed, counted, searched, got, moved, told or matched."""

import json

import pytest

from kezhuan.areas.needs.lifecycle import NEED
from kezhuan.kernel import followers
from kezhuan.kernel.lifecycle import advance
from tests.api.actors import ROOT, City, make_achievement, make_need

WORD = "锆英砂髓"
INSIDE = {"owner", "colleague"}


def addresses(kind: str, code: str) -> list[str]:
    one = [f"/{kind}/{code}{end}" for end in ("", "/history", "/moves", "/documents", "/matches")]
    lists = [
        f"/{kind}",
        f"/{kind}?q={WORD}&facets=true",
        f"/search?q={WORD}&facets=true",
        f"/{kind}?facets=true&limit=100",
    ]
    others = ["/achievements", "/needs", "/organisations", "/introductions", "/search?limit=100"]
    near = [f"/needs/{code}/near-misses"] if kind == "needs" else []
    return [*one, *lists, *others, *near]


def everything(city: City, who: str, kind: str, code: str) -> str:
    """All that the API tells somebody about a record, as one text."""
    api = city.everybody[who]
    told = [api.get(ROOT + address).content.decode() for address in addresses(kind, code)]
    told.append(json.dumps(api.send("/match", {"text": WORD}), ensure_ascii=False))
    return "\n".join(told)


CASES = {
    # kind, facts, whether it is published, who learns of it (None: all), who reads the public part
    "draft": ("needs", {}, False, INSIDE, INSIDE),
    "closed-door need": ("needs", {"confidentiality": "closed_door"}, True, INSIDE | {"officer"}, INSIDE | {"officer"}),
    "title-only need": ("needs", {"confidentiality": "title_only"}, True, None, INSIDE | {"officer"}),
    "internal result": ("achievements", {"secrecy": "internal"}, True, INSIDE | {"officer"}, INSIDE | {"officer"}),
    "trade secret": ("achievements", {"secrecy": "trade_secret"}, True, INSIDE | {"officer"}, INSIDE),
}


@pytest.mark.parametrize("case", CASES)
def test_confidential_record_is_told_only_to_those_entitled(city, case):
    kind, facts, published, knows, reads = CASES[case]
    words = {"problem": f"{WORD}烧结"} if kind == "needs" else {"summary": f"{WORD}烧结", "advantage": WORD}
    make = make_need if kind == "needs" else make_achievement
    row = make(city.owner, city.officer if published else None, title="某项事宜", **words, **facts)
    followers.run_pending()
    code = row.record.code
    for who in city.everybody:
        told = everything(city, who, kind, code)
        assert (code in told) == (knows is None or who in knows), who
        assert (f"{WORD}烧结" in told) == (who in reads), who
        found = city.everybody[who].read(f"/{kind}", q=WORD, facets="true")
        assert found["total"] == (who in reads)
        assert bool(found["facets"]["stage"]) == (who in reads)


def test_title_only_need_gives_title_stage_and_day_and_no_owner(city):
    need = make_need(city.owner, city.officer, confidentiality="title_only")
    shown = city.rival_api.read(f"/needs/{need.record.code}")
    assert set(shown) == {
        "code", "kind", "title", "title_en", "stage", "stage_label", "phase", "phase_label", "opened_on", "href",
    }  # fmt: skip
    for address in addresses("needs", need.record.code):
        told = city.rival_api.get(ROOT + address).content.decode()
        if not address.startswith(("/organisations", "/search")):
            assert "穗芯" not in told, address
    listed = city.rival_api.read("/needs")["items"]
    assert listed == [shown]


def test_confidential_description_is_told_to_owner_and_officer_only(city):
    row = make_achievement(city.owner, city.officer, confidential=WORD)
    followers.run_pending()
    for who in city.everybody:
        told = everything(city, who, "achievements", row.record.code)
        assert (WORD in told.replace(f'"{WORD}"}}', "")) == (who in INSIDE | {"officer"}), who


def test_withdrawn_record_is_gone_at_once(city):
    row = make_achievement(city.owner, city.officer, summary=WORD)
    assert city.visitor_api.read("/achievements", q=WORD)["total"] == 1
    city.owner_api.send(f"/achievements/{row.record.code}/moves/withdraw", {"note": "撤回"})
    assert city.visitor_api.read("/achievements", q=WORD)["total"] == 0
    city.visitor_api.read(f"/achievements/{row.record.code}", 404)


def test_hidden_record_cannot_be_told_from_one_that_is_not_there(city):
    row = make_achievement(city.owner, city.officer, secrecy="internal")
    hidden, absent = row.record.code, "A-2001-00001"
    for end in ("", "/moves", "/history", "/documents", "/documents/" + "0" * 64, "/matches"):
        answers = [city.rival_api.read(f"/achievements/{code}{end}", 404) for code in (hidden, absent)]
        assert answers[0] == answers[1]
    for end in ("/moves/withdraw", "/moves/fly"):
        answers = [city.rival_api.send(f"/achievements/{code}{end}", {"note": "n"}, 404) for code in (hidden, absent)]
        assert answers[0] == answers[1]


def test_refused_suggestion_does_not_betray_a_closed_result_in_the_needs_history(city):
    need = make_need(city.owner, city.officer)
    closed = make_achievement(city.university, city.officer, secrecy="internal")
    followers.run_pending()
    pair = f"/needs/{need.record.code}/matches/{closed.record.code}"
    city.university_api.send(f"{pair}/refuse", {"reason": "partner", "words": "不与此方合作"}, 201)
    told = city.owner_api.get(f"{ROOT}/needs/{need.record.code}/history").content.decode()
    assert "南粤大学" not in told
    assert "match.refuse" not in told
    assert "match.refuse" in city.officer_api.get(f"{ROOT}/needs/{need.record.code}/history").content.decode()


def test_people_are_not_listed(city):
    city.officer_api.read("/people", 404)
    assert "person" not in {item["kind"] for item in city.visitor_api.read("/search", limit=100)["items"]}


def test_void_record_is_out_of_every_list(city):
    row = make_need(city.owner, city.officer, problem=WORD)
    advance(NEED, row, "void", actor=city.officer, note="误报")
    for who in city.everybody:
        assert city.everybody[who].read("/needs", q=WORD)["total"] == 0
