"""Adds to a big city what its own texts lack, teams and needs in English, and tells which needs are read: run in a
process that is told the city's data folder."""

import json
import sys
from datetime import date
from typing import Any

from tests.proofs.big_city import Words, _open

TEAMS, ENGLISH = 1000, 60
SOURCE = "示例·另一登记系统"


def _team(words: Words) -> Any:
    from kezhuan.areas.teams.models import Team
    from kezhuan.kernel.bulk import Opening

    def opening(owner: Any) -> Opening:
        like = words.random.choice(words.achievements)
        own = {"field": like["field"], "keywords": like["keywords"], "trl_from": 3, "trl_to": 8, "modes": ["joint_rd"]}
        return Opening(
            words.title(),
            lambda record: Team(record=record, region=owner.region, source=SOURCE, **own),
            title_en=like["title_en"],
            summary=words.text(words.clauses, 3),
        )

    return opening


def _english_need(words: Words) -> Any:
    from kezhuan.areas.needs.models import Need
    from kezhuan.kernel.bulk import Opening

    titles = [row["title_en"] for row in words.achievements]

    def opening(owner: Any) -> Opening:
        like = words.random.choice(words.needs)
        own = {"field": like["field"], "budget_fen": 300_000_000, "min_trl": 4, "deadline": date(2028, 6, 30)}
        return Opening(
            words.random.choice(titles),
            lambda record: Need(record=record, region=owner.region, source=SOURCE, **own),
            title_en=like["title_en"],
            summary=". ".join(words.random.sample(titles, 5)),
        )

    return opening


def add(city_needs: int) -> dict[str, Any]:
    """Add them once; the codes of public needs in Chinese, spread over the city, and of those in English, and texts
    for the page of typed needs."""
    from kezhuan.areas.matches.actions import refresh_suggestions
    from kezhuan.areas.needs.lifecycle import NEED
    from kezhuan.areas.needs.models import Need
    from kezhuan.areas.needs.tables import ROWS as NEED_ROWS
    from kezhuan.areas.people.actions import SYSTEM
    from kezhuan.areas.teams.lifecycle import TEAM
    from kezhuan.areas.teams.models import Team
    from kezhuan.areas.teams.tables import ROWS as TEAM_ROWS
    from kezhuan.kernel import followers, jobs
    from kezhuan.kernel.models import Organisation
    from kezhuan.kernel.search import live_index

    words = Words(11)
    owners = list(Organisation.objects.select_related("record").order_by("pk")[:20])
    new = not Team.objects.filter(source=SOURCE).exists()
    if new:
        share = len(owners)
        teams = iter([(one, "published", TEAMS // share) for one in owners])
        needs = iter([(one, "published", ENGLISH // share) for one in owners])
        _open(TEAM, TEAM_ROWS.alike, _team(words), teams, SYSTEM)
        _open(NEED, NEED_ROWS.alike, _english_need(words), needs, SYSTEM)
        live_index().catch_up(wait=True)
        live_index().save()
    public = Need.objects.filter(record__stage="published", confidentiality="public").order_by("pk")
    chinese = list(public.exclude(source=SOURCE).values_list("pk", "record__code"))
    english = list(public.filter(source=SOURCE).values_list("pk", "record__code"))
    read = chinese[:: max(1, len(chinese) // city_needs)][:city_needs]
    if new:  # the city is made with suggestions drawn by lot for all but its first needs
        refresh_suggestions([pk for pk, _code in (*read, *english)])
        followers.run_pending()  # and owes nothing when it is read
        jobs.run_pending()
    return {
        "chinese": [code for _pk, code in read],
        "english": [code for _pk, code in english],
        "typed": [words.text(words.problems, 3) for _ in range(60)],
    }


if __name__ == "__main__":
    from kezhuan.config.start import start_django

    if not start_django():
        sys.exit(2)
    print(json.dumps(add(int(sys.argv[1]))))
