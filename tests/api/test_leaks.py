"""What must not be seen is in no answer: not listed, counted, searched, got, moved, told or matched."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from kezhuan.areas.needs.lifecycle import NEED
from kezhuan.kernel import followers
from kezhuan.kernel.lifecycle import advance
from tests.api.actors import ROOT, Api, City, make_achievement, make_need

WORD = "锆英砂髓"


LISTS = ("/achievements", "/needs", "/organisations", "/introductions", "/search")


def own_addresses(kind: str, code: str) -> list[str]:
    """Every address about one record that can be read."""
    ends = ("", "/history", "/moves", "/documents", "/matches", *(("/near-misses",) if kind == "needs" else ()))
    return [f"/{kind}/{code}{end}" for end in ends]


def told(api: Api, addresses: Iterable[str]) -> str:
    """All that these addresses tell somebody, as one text."""
    return "\n".join(api.get(ROOT + address).content.decode() for address in addresses)


@dataclass(frozen=True, eq=False)
class Case:
    """A record and who is entitled: `knows` learn that it is there, `reads` read its public part."""

    kind: str
    word: str
    published: bool
    knows: frozenset[str]
    reads: frozenset[str]
    facts: dict[str, str]

    def make(self, city: City) -> str:
        """The record's code."""
        make, name = (make_need, "problem") if self.kind == "needs" else (make_achievement, "summary")
        bureau = city.officer if self.published else None
        return make(city.owner, bureau, title="某项事宜", **{name: f"{self.word}烧结"}, **self.facts).record.code


OWN = frozenset({"owner", "colleague"})
BUREAU = OWN | {"officer"}
ALL = BUREAU | {"university", "rival", "visitor"}
CASES = (
    Case("needs", "锆英砂髓", False, OWN, OWN, {}),
    Case("needs", "铌酸锂屏", True, BUREAU, BUREAU, {"confidentiality": "closed_door"}),
    Case("needs", "蜂窝陶瓷", True, ALL, BUREAU, {"confidentiality": "title_only"}),
    Case("achievements", "鲎试剂盒", True, BUREAU, BUREAU, {"secrecy": "internal"}),
    Case("achievements", "磷虾油脂", True, BUREAU, OWN, {"secrecy": "trade_secret"}),
    Case("achievements", "榫卯结构", True, ALL, ALL, {}),
)


def test_confidential_records_are_told_only_to_those_entitled(city):
    """Each audience by one of it; the proof `leaks` reads all that the API tells as fourteen readers."""
    codes = {case: case.make(city) for case in CASES}
    make_need(city.rival, city.officer, problem="".join(case.word for case in CASES))
    followers.run_pending()
    for who in ("owner", "officer", "rival", "visitor"):
        api = city.everybody[who]
        lists = told(api, LISTS)
        typed = json.dumps(api.send("/match", {"text": "烧结", "top": 100}), ensure_ascii=False)
        for case, code in codes.items():
            where = f"{who}: {case.word}"
            assert (code in lists) == (who in case.knows), where
            one = told(api, own_addresses(case.kind, code))
            assert (f'"code": "{code}"' in one) == (who in case.knows), where
            everything = f"{lists}\n{one}\n{typed}"
            assert (f"{case.word}烧结" in everything) == (who in case.reads), where
            found = api.read("/search", q=case.word + "烧结", facets="true")
            assert (code in [item["code"] for item in found["items"]]) == (who in case.reads), where
            assert sum(row["count"] for row in found["facets"]["kind"]) == found["total"] == len(found["items"]), where


def test_title_only_need_gives_title_stage_and_day_and_no_owner(city):
    need = make_need(city.owner, city.officer, confidentiality="title_only")
    shown = city.rival_api.read(f"/needs/{need.record.code}")
    assert set(shown) == {
        "code", "kind", "title", "title_en", "stage", "stage_label", "phase", "phase_label", "opened_on", "href",
    }  # fmt: skip
    assert "穗芯" not in told(city.rival_api, own_addresses("needs", need.record.code))
    listed = city.rival_api.read("/needs")["items"]
    assert listed == [shown]


def test_confidential_description_is_told_to_owner_and_officer_only(city):
    row = make_achievement(city.owner, city.officer, confidential=WORD)
    followers.run_pending()
    for who, api in city.everybody.items():
        everything = told(api, (*own_addresses("achievements", row.record.code), *LISTS))
        assert (WORD in everything) == (who in BUREAU), who
        assert api.read("/achievements", q=WORD)["total"] == (who in BUREAU), who


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
    history = [f"/needs/{need.record.code}/history"]
    assert "南粤大学" not in told(city.owner_api, history)
    assert "match.refuse" not in told(city.owner_api, history)
    assert "match.refuse" in told(city.officer_api, history)


def test_people_are_listed_to_no_visitor_and_made_by_nobody(city):
    assert city.visitor_api.read("/people")["total"] == 0
    assert city.officer_api.send("/people", {}, 405)["status"] == 405
    assert "person" not in {item["kind"] for item in city.visitor_api.read("/search", limit=100)["items"]}


def test_void_record_is_out_of_every_list(city):
    row = make_need(city.owner, city.officer, problem=WORD)
    advance(NEED, row, "void", actor=city.officer, note="误报")
    for who in city.everybody:
        assert city.everybody[who].read("/needs", q=WORD)["total"] == 0
