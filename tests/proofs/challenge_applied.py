"""A challenge until teams have applied: people, the need, the call, applications."""

from kezhuan.areas.people.actions import create_officer
from kezhuan.kernel.text import today
from tests.proofs.challenge_story import (
    CALL,
    EXPERTS,
    FIRM,
    NEED,
    OFFERS,
    OFFICE,
    TEAMS,
    TESTER,
    Story,
    day,
    moment,
    opens_call,
)
from tests.proofs.walkers import PASSWORD, Walker


def people_come(story: Story) -> Walker:
    with story.taking("the city's first officer is made by the command line, and signs in"):
        create_officer(name="陈经办", email="officer@example.com", password=PASSWORD, department=OFFICE)
        story.walk.said |= {"陈经办", OFFICE}
        officer = story.signs_in("陈经办", "officer@example.com")
    with story.taking("a firm opens an account and registers itself"):
        story.registers(story.signs_up("林工", "lin@firm.example"), FIRM, "enterprise", 1)
    with story.taking("three teams and a test centre register"):
        for number, unit in enumerate((*TEAMS, TESTER), 2):
            who = story.signs_up(f"{unit}负责人", f"u{number}@unit.example")
            story.registers(who, unit, "agency" if unit == TESTER else "university", number)
    with story.taking("the officer verifies them, from the list of things to do"):
        for unit in (FIRM, *TEAMS, TESTER):
            officer.to_do(unit)
            officer.take("verify")
    with story.taking("the officer asks four experts, who have accounts, into the pool"):
        for number, (name, sort) in enumerate(EXPERTS):
            story.signs_up(name, f"e{number}@expert.example")
            officer.menu("评审专家")
            officer.press("a[href$='/experts/new/']")
            officer.fill(email=f"e{number}@expert.example", sort=sort, topics="抛光；碳化硅")
            officer.page.locator("main [name=fields_known][value=materials]").check()
            officer.save()
    with story.taking("each expert declares that there is no tie, and joins"):
        for name, _sort in EXPERTS:
            who = story.people[name]
            who.to_do(name)
            who.press("a[href$='/ties/']")
            who.fill(complete=True)
            who.save()
            who.take("consent")
    return officer


def need_is_published(story: Story, officer: Walker) -> str:
    firm = story.people["林工"]
    with story.taking("the firm poses its need"):
        firm.press("a[href='/needs/']", within="header")
        firm.press("a[href^='/needs/new/']")
        firm.fill(
            confidentiality="public", title=NEED, summary="需要大尺寸碳化硅衬底的低缺陷抛光工艺。",
            background="外延片因衬底缺陷报废。",
            scenario="六英寸产线。", field="materials", deadline=day(days=900), budget="300", min_trl="6",
            ip_terms="joint", claimant_requirements="有中试线。",
            indicators__0__name="表面粗糙度", indicators__0__operator="≤", indicators__0__value="0.1",
            indicators__0__unit="nm", indicators__0__test_method="GB/T 29505",
        )  # fmt: skip
        firm.page.select_option("#id_contact", index=1)
        firm.save()
    with story.taking("the firm submits it"):
        firm.take("submit")
    with story.taking("the officer publishes it"):
        officer.to_do(NEED)
        officer.take("publish")
    return officer.text_of("main .meta .code")


def call_is_made(story: Story, officer: Walker, need: str) -> None:
    with story.taking("the officer makes a call from the template"):
        officer.press("a[href='/calls/']", within="header")
        officer.press("a[href^='/calls/new/']")
        officer.press("a[href='?template=challenge']")
        officer.fill(
            title=CALL, summary="面向产线的攻关，以指标论结果。",
            opens_at=moment(minutes=-5), closes_at=moment(days=20), ip_terms="joint", readers_asked="1",
            budget_year=str(today().year), budget_subject="2060404", budget_document="示例预算文件", budget="300",
            # Left away: no route is set, and nobody issues a budget document.
            unit_check=False, asks_recommending=False, needs_approval=False, holds_notice=False,
            keeps_library=False, awaits_budget=False,
        )  # fmt: skip
        officer.save()
    with story.taking("the officer puts the need on its list"):
        officer.press("a[href$='/items/new/']")
        officer.fill(need=need, fiscal="150", months="24", winners="2")
        officer.save()
    with story.taking("its wording is tested"):
        officer.press("a[href$='/readings/']")
        officer.fill(readings__0__who="王院士", readings__0__unit="示例科学院", readings__0__on=day())
        officer.page.locator("main [name='readings-0-understood']").check()
        officer.save()
    with story.taking("the call is published"):
        officer.take("publish")


def teams_apply(story: Story, officer: Walker) -> None:
    first = story.people[f"{TEAMS[0]}负责人"]
    with story.taking("a team finds the call in the hall and asks a question"):
        opens_call(first)
        first.press("a[href$='/questions/new/']")
        first.fill(words="样片由谁提供？")
        first.save()
    with story.taking("the officer answers for everybody"):
        officer.to_do(CALL)
        officer.press("a[href*='/questions/']")
        officer.fill(answer="由出题企业提供。")
        officer.save()
    for unit, offer in zip(TEAMS, OFFERS, strict=True):
        who = story.people[f"{unit}负责人"]
        with story.taking(f"{unit} writes an application and hands it in"):
            opens_call(who)
            who.reads("由出题企业提供。")
            who.press("a[href$='/items/1/apply/']")
            who.fill(
                title=f"{offer}攻关", summary=f"以{offer}达到指标。", leader="李攻关", asked="60", months="18",
                commitment_0="0.08 nm", promised=True,
            )  # fmt: skip
            who.fill_rest(f"{offer}已有小试数据。")
            who.save()
            who.take("submit")
    with story.taking("the poster is told why it does not apply for its own challenge"):
        firm = story.people["林工"]
        opens_call(firm)
        firm.reads("本单位")
    with story.taking("the second after the deadline the call closes by the clock"):
        story.walk.forward(days=20, minutes=1)
    with story.taking("the officer passes the formality check of each"):
        for offer in OFFERS:
            officer.to_do(f"{offer}攻关")
            officer.press("a[href$='/criteria/']")
            for met in officer.page.locator("main [name^=outcome_][value=met]").all():
                met.check()
            for basis in officer.page.locator("main select[name^=basis_]").all():
                basis.select_option("promise")
            officer.save()
            officer.take("accept")
