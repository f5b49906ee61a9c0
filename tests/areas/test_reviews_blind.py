"""While a panel judges blind nobody finds a name: experts none of an applicant, applicants none of an expert."""

import re

import pytest

from kezhuan.areas.calls.application_lifecycle import APPLICATION
from kezhuan.areas.calls.lifecycle import CALL
from kezhuan.areas.calls.models import Call
from kezhuan.areas.calls.proposal_actions import Proposed, propose
from kezhuan.areas.calls.recommending_actions import recommend
from kezhuan.areas.reviews.asking_actions import answer_expert, ask_applicant
from kezhuan.areas.reviews.blinding import without_names
from kezhuan.areas.reviews.item_actions import hide_words
from kezhuan.areas.reviews.lifecycle import PANEL
from kezhuan.areas.reviews.models import Panel, Review
from kezhuan.areas.reviews.papers import printed_panel
from kezhuan.areas.reviews.scoring_actions import score_item
from kezhuan.kernel import followers
from kezhuan.kernel.access import actor_for
from kezhuan.kernel.errors import Conflict, NotAllowed, Refused
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Message, Record
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.outbox import words as letters
from kezhuan.kernel.text import today
from kezhuan.web import inbox
from tests.areas.asking import words_in
from tests.areas.crawling import API, DIRECTORIES, client_of, crawl
from tests.factories import calls, city, reviews

pytestmark = pytest.mark.django_db
HERS = ("qzxvunit", "qzxvhead", "qzxvman", "13812345678", "qzxvbrand")
"""What would tell an applicant: name without place and legal form, leader, member, telephone, brand."""


FOLLOWED = (
    "/reviews/",
    "/panels/",
    "/experts/",
    "/applications/",
    "/calls/",
    "/inbox/",
    "/mine/",
    "/notices/",
    "/feeds/",
)
"""Where anything about a call and its panel may stand; `./kezhuan prove leaks` follows every link."""


def told(client):
    """All that a reader is told: pages that links lead to, files of lists, and the API by hand."""
    yield from crawl(client, facets=False, chosen=lambda address, _by: address.startswith(FOLLOWED))
    for address in ("/reviews/", "/applications/", "/inbox/"):
        for ending in ("csv", "xlsx") if address == "/reviews/" else ("csv",):
            answer = client.post(address, {"export": ending})
            content = b"".join(answer.streaming_content) if answer.streaming else answer.content
            text = words_in(content) if ending == "xlsx" and answer.streaming else content.decode("utf-8-sig")
            yield f"{address} {ending} {answer.headers.get('Content-Disposition', '')}", answer.status_code, text
    for plural in ("reviews", "panels", "experts", "applications"):
        listed = client.get(f"{API}/{plural}?limit=100&facets=true")
        yield plural, listed.status_code, listed.content.decode()
        for one in listed.json()["items"]:
            for end in ("", "/history", "/documents", "/items", "/experts"):
                answer = client.get(one["href"] + end)
                yield one["href"] + end, answer.status_code, answer.content.decode()


def mails():
    """Every message that waits, as it would be sent: by receiver its heading and words."""
    found = {}
    for row in Message.objects.filter(letter__startswith="review").select_related("person__record"):
        out = letters.outgoing(row)
        if out is not None:
            found.setdefault(row.person.record.title, []).append(f"{out.subject}\n{out.text}")
    return found


def scene(officer, recommending=None):
    """A double-blind panel of three experts about the application of a unit whose every name is planted: the applicant,
    the application and the panel before it scores."""
    unit = city.organisation("广州市qzxvunit有限公司", kind="enterprise")
    applicant = city.member(unit, Role.ADMINISTRATOR, name="qzxvman")
    call = calls.call(stage="published", by=officer)
    if recommending is not None:
        calls.recommender_of(call, recommending, letter_optional=True)
    row = calls.application(
        call, unit, stage="qualified" if recommending is None else "offered", by=applicant,
        title="QZXV unit 的抛光攻关", leader="qzxvhead、李四",
        offer="由 qzxvunit（联系 13812345678）完成，品牌 qzxvbrand，负责人 qzxvhead。",
    )  # fmt: skip
    if recommending is not None:
        letter = {"letter_no": "荐1", "letter_on": today(), "applications": [row.record.code]}
        (row,) = recommend(actor=city.clerk(recommending), call=call, **letter)
        row = city.taken(APPLICATION, calls.checked(row, officer), [("accept", officer)])
    calls.end_time_of(call)
    city.taken(CALL, call, [("close", officer)])
    for number in range(3):
        reviews.expert(f"qzxvexpert{number}", by=officer)
    panel = reviews.panel(officer, row.item.call, scheme="double_blind")
    reviews.asked(officer, panel)
    hide_words(actor=officer, panel=panel, number=1, words=["qzxvbrand"])
    return applicant, row, panel


def test_a_double_blind_panel_tells_no_name_to_either_side():
    officer = city.officer()
    applicant, row, panel = scene(officer)
    call = Call.objects.select_related("record").get(pk=row.item.call_id)
    panel = advance(PANEL, panel, "begin", actor=officer)
    first, second, _third = Review.objects.filter(panel=panel).select_related("record", "expert__person__record")
    done = {"number": 1, "marks": ["80", "80"], "words": ["方案完整", "市场明确"], "submit": True}
    score_item(actor=reviews.judge(second), review=second, **done)
    judge = reviews.judge(first)
    # Both name themselves where they should not: neither is told.
    ask_applicant(actor=judge, review=first, number=1, words=f"{judge.name}问：抛光温度是多少？")
    answer = "qzxvunit 的 qzxvhead 答：抛光温度80℃，电话13812345678。"
    answer_expert(actor=applicant, record=row.record, number=1, words=answer)
    followers.run_pending()
    names = [one.expert.person.record.title for one in Review.objects.select_related("expert__person__record")]
    others = [name for name in names if name != judge.name]
    met, seen = set(), []
    for address, status, text in told(client_of(judge)):
        assert status < 500, address
        if not address.startswith(DIRECTORIES):
            met |= {(address, word) for word in (*HERS, row.record.code, *others) if word in (text + address).lower()}
            seen.append(address)
    assert met == set()
    # What is to be read is there: the item with all that does not tell.
    page = client_of(judge).get(f"/reviews/{first.record.code}/items/1/").content.decode()
    assert "等离子体辅助化学机械抛光" in page
    assert "完成，品牌" in page
    assert "答：抛光温度80℃" in page
    asked = client_of(applicant).get(f"/applications/{row.record.code}/").content.decode()
    assert "问：抛光温度是多少？" in asked
    assert answer in asked
    assert f"/reviews/{first.record.code}/items/1/" in seen
    assert f"{API}/reviews/{first.record.code}/items" in seen
    letter = "\n".join(mails()[judge.name])
    assert panel.record.title in letter
    assert not any(word in letter for word in (*HERS, row.record.code, *others))
    for review in Review.objects.filter(panel=panel).exclude(pk=second.pk).select_related("expert__person__record"):
        score_item(actor=reviews.judge(review), review=review, **done)
    # The applicant: nothing of the panel before the decision, afterwards scores and words without a name.
    firm = actor_for(applicant.person)

    hidden = (*names, panel.record.code, "方案完整")
    for address, status, text in told(client_of(firm)):
        assert status < 500, address
        assert not [word for word in hidden if word in text + address], address
    panel = reviews.concluded(officer, advance(PANEL, panel, "close", actor=officer))
    propose(actor=officer, call=call, proposed={row.record.code: Proposed(False, "得分未达要求")})
    advance(CALL, call, "decide", actor=officer)
    followers.run_pending()
    page = client_of(firm).get(f"/applications/{row.record.code}/").content.decode()
    assert re.findall(r"<h3>([^<]*)</h3>", page) == ["Expert 1", "Expert 2", "Expert 3"]
    assert "得分未达要求" in page
    assert "方案完整" in page
    assert not [name for name in names if name in page]
    assert Record.objects.get(pk=row.pk).stage == "rejected"


@pytest.mark.parametrize(
    ("text", "names", "read"),
    [
        ("由穗 芯公司牵头", ["穗芯公司"], "由〔＊＊＊〕牵头"),
        ("ＡＢＣ Lab 与 abc lab", ["ABC Lab"], "〔＊＊＊〕 与 〔＊＊＊〕"),
        ("无名", ["甲", ""], "无名"),
        ("电话 13812345678", [], "电话 138****5678"),
        ("穗芯半导体与穗芯", ["穗芯", "穗芯半导体"], "〔＊＊＊〕与〔＊＊＊〕"),
        ("邮箱huang@ysut.edu.cn。", [], "邮箱〔＊＊＊〕。"),
        ("ｈ．w＠ｙｓｕｔ．ｅｄｕ．ｃｎ", [], "〔＊＊＊〕"),
        (
            "见https://lab.example/x?y=1，另见www.suixin.tech和lab.ysut.edu.cn/a",
            [],
            "见〔＊＊＊〕，另见〔＊＊＊〕和〔＊＊＊〕",
        ),
        ("依据GB/T 1.1、v2.10及a.b.c", [], "依据GB/T 1.1、v2.10及a.b.c"),
    ],
)
def test_names_are_hidden_however_they_are_set(text, names, read):
    assert without_names(text, names) == read


def test_a_mail_address_of_any_length_is_hidden_and_no_long_row_is_read_anew_from_each_of_its_signs():
    assert without_names(f"{'a' * 200}@x.cn 1", []) == "〔＊＊＊〕 1"
    # Behind a name no more is read than such an address may have before its sign.
    assert without_names(f"Acme Co{'a' * 64}@x.cn", ["Acme Co"]) == "〔＊＊＊〕〔＊＊＊〕"
    assert without_names(f"Acme Co{'a' * 70}@x.cn", ["Acme Co"]) == f"〔＊＊＊〕{'a' * 6}〔＊＊＊〕"


def test_questions_close_with_the_scores_and_both_words_stay_with_the_panel():
    officer = city.officer()
    applicant, row, panel = scene(officer)
    first, second, _third = Review.objects.filter(panel=panel).select_related("record", "expert__person__record")
    first.expert.employer = city.organisation("乙大学", kind="university")
    first.expert.save()
    Record.objects.filter(pk=first.expert.employer_id).update(title_en="Secondary University")
    judge, stranger = reviews.judge(first), city.clerk(city.organisation())

    def ask(actor=judge, review=first, words="产能多少？", number=1):
        return ask_applicant(actor=actor, review=review, number=number, words=words)

    def answer(number, actor=applicant, words="每月千片"):
        return answer_expert(actor=actor, record=row.record, number=number, words=words)

    with pytest.raises(NotAllowed):  # nothing is open yet
        ask()
    panel = advance(PANEL, panel, "begin", actor=officer)
    first = Review.objects.select_related("record", "panel__record", "expert").get(pk=first.pk)
    with pytest.raises(NotAllowed):
        ask(actor=reviews.judge(second))
    for words in ("", "机密★十年"):
        with pytest.raises(Refused):
            ask(words=words)
    assert [ask().number, ask(words="Secondary University asks: 良率多少？").number] == [1, 2]
    assert [line.code for line in inbox.lines(applicant) if line.code == row.record.code]
    for actor in (stranger, judge, officer):
        with pytest.raises(NotAllowed):
            answer(1, actor=actor)
        assert client_of(actor).get(f"{API}/questions/{row.record.code}").status_code in {403, 404}
    answer(1)
    with pytest.raises(Conflict):
        answer(1)
    told = client_of(applicant).get(f"{API}/questions/{row.record.code}").json()["items"]
    assert "Secondary" not in str(told)
    assert [(one["number"], one["answer"], one["is_open"]) for one in told] == [(1, "每月千片", False), (2, "", True)]
    reviews.score_all(panel)
    panel = advance(PANEL, Panel.objects.select_related("record", "about").get(pk=panel.pk), "close", actor=officer)
    with pytest.raises(NotAllowed):
        ask()
    with pytest.raises(Conflict):
        answer(2)
    page = client_of(officer).get(f"/panels/{panel.record.code}/").content.decode()
    for words in ("产能多少？", "每月千片", "良率多少？", "not answered"):
        assert words in page
    paper = printed_panel(Panel.objects.get(pk=panel.pk)).facts
    said = [words for name, words in paper if name == "第1项提问"]
    number = first.number
    assert said == [
        f"{number}号专家：产能多少？\n答复：每月千片",
        f"{number}号专家：Secondary University asks: 良率多少？\n答复：未答复",
    ]
