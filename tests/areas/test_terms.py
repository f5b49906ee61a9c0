"""What a consortium agrees on property, benefit and exit: asked before filing, signed with the book, and printed."""

import pytest
from django.utils import translation

from kezhuan.areas.projects.actions import Share, write_book
from kezhuan.areas.projects.change_actions import agree_to_change, ask_change
from kezhuan.areas.projects.changing import Wanted
from kezhuan.areas.projects.lifecycle import PROJECT
from kezhuan.areas.projects.papers import PARTS
from kezhuan.areas.projects.queries import wording_of
from kezhuan.areas.projects.terms import Terms
from kezhuan.kernel.lifecycle import advance
from tests.areas.crawling import client_of
from tests.areas.test_projects import codes
from tests.factories import city, projects
from tests.factories.projects import fresh

pytestmark = pytest.mark.django_db


def test_a_consortium_agrees_on_property_benefit_and_exit_and_shares_go_on_with_a_member():
    officer, leader, partner, heir = city.bureau(), *(city.organisation(name) for name in ("牵头", "成员甲", "接替乙"))
    (chosen,) = projects.awarded(leader, by=officer)
    head = city.clerk(leader)
    row = projects.project(chosen, members=[(partner, 1)], terms=Terms())
    plain = wording_of(fresh(row))
    row = projects.answer_invitation(actor=city.clerk(partner), project=row, accepts=True)

    def written(terms, *parts):
        book = projects.book(fresh(row), [(partner, 1)], terms=terms)
        shares = tuple(
            Share(**{**vars(one), "property_bp": part, "benefit_bp": part})
            for one, part in zip(book.shares, parts or (0, 0), strict=True)
        )
        facts = projects.BookFacts(**{**vars(book), "shares": shares})
        return write_book(actor=head, project=fresh(row), facts=facts)

    assert codes(lambda: advance(PROJECT, fresh(row), "file", actor=head)) == {"terms-missing"}
    written(Terms("text", "", "shares", "", "退回经费"), 6000, 3000)
    draft = client_of(head).get(f"/projects/{row.record.code}/").content.decode()
    assert ("90%" in draft, "100%" in draft) == (True, False)
    assert codes(lambda: advance(PROJECT, fresh(row), "file", actor=head)) == {"terms-missing", "terms-shares"}
    assert codes(lambda: written(Terms("halves"), 6000, 10_001)) == {"choice-unknown", "terms-shares"}
    terms = Terms("task", "共同完成的共有", "shares", "", "退出成员许可联合体继续使用")
    written(terms, 6500, 3500)
    assert wording_of(fresh(row)) != plain
    advance(PROJECT, fresh(row), "file", actor=head)
    for unit in filter(None, (partner, fresh(row).poster)):
        projects.sign_book(actor=city.clerk(unit), project=fresh(row))
    advance(PROJECT, fresh(row), "sign", actor=officer)

    page = client_of(city.clerk(partner)).get(f"/projects/{row.record.code}/").content.decode()
    for words in ("退出成员许可联合体继续使用", "each member what its task yields", "35%", "Share of benefit"):
        assert words in page
    assert "Share of property" not in page
    told = client_of(head).get(f"/api/v1/projects/{row.record.code}").json()
    assert (told["terms"]["benefit_by"], [one["benefit_bp"] for one in told["members"]]) == ("shares", [6500, 3500])
    paper = {part.rows[1]: part for part in PARTS}
    fields, _rows = paper["targets"].values(head, row.record)
    said = dict(zip((one.zh for one in paper["targets"].fields), fields, strict=True))
    with translation.override("zh-hans"):
        assert said["退出约定"] == terms.exit_text
        assert said["产权约定"] == "按任务，各得其所承担任务的成果\n共同完成的共有"
        assert said["收益约定"] == "按份额"
    _none, rows = paper["consortium"].values(head, row.record)
    assert [one[-1] for one in rows] == ["65%", "35%"]

    wanted = Wanted("搬迁", leaving=partner.record.code, joining=heir.record.code)
    ask_change(actor=head, project=fresh(row), wanted=wanted)
    agree_to_change(actor=city.clerk(heir), project=fresh(row))
    advance(PROJECT, fresh(row), "approve-change", actor=officer, note="同意")
    shares = fresh(row).members.values_list("organisation__record__title", "state", "benefit_bp")
    assert list(shares) == [("牵头", "accepted", 6500), ("成员甲", "left", 3500), ("接替乙", "accepted", 3500)]
