"""What a change costs in a big city, and how its database answers: run in a process that is told its data folder."""

import json
import sys
import time
from collections.abc import Callable
from typing import Any


def _addresses() -> dict[str, str]:
    """One page of each sort, by name."""
    from kezhuan.areas.matches.actions import MODEL
    from kezhuan.kernel.models import Record

    codes = Record.objects.order_by("pk").values_list("code", flat=True)
    need = Record.objects.filter(kind="need", need__suggestions__model_version=MODEL).order_by("pk")[0].code
    achievement = codes.filter(kind="achievement", stage="listed", achievement__secrecy="public").first()
    return {
        "list": "/achievements/",
        "list, 1 facet": "/achievements/?field=energy",
        "list, 3 facets": "/achievements/?field=energy&region=440106&trl=6",
        "list, page 400": "/achievements/?page=400",
        "needs": "/needs/",
        "organisations": "/organisations/?organisation_kind=enterprise",
        "search, 1 word": "/search/?q=碳化硅",
        "search, 2 words": "/search/?q=低温 电解液",
        "search, 4 words": "/search/?q=碳化硅 衬底 抛光 工艺",
        "search, English": "/search/?q=silicon carbide power device",
        "search, rare": "/search/?q=KX12345",
        "search, in every text": "/search/?q=样机型号",
        "search, in every text, newest": "/search/?q=样机型号&order=newest",
        "search, one character": "/search/?q=水",
        "search, 2 words, 2 facets": "/search/?q=低温 电解液&kind=achievement&region=440106",
        "home": "/",
        "achievement": f"/achievements/{achievement}/",
        "need with matches": f"/needs/{need}/",
        "inbox": "/inbox/",
    }


def _rows(table: str) -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f'SELECT count(*) FROM "{table}"')
        return int(cursor.fetchone()[0])


def plans() -> dict[str, Any]:
    """Queries of each page as a city officer, and the tables that any of them would read whole."""
    from django.db import connection
    from django.test import Client

    from kezhuan.kernel.models import User
    from tests.factories.plans import full_reads, queries_noted

    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    client = Client(HTTP_HOST="127.0.0.1")
    client.force_login(User.objects.get(email="officer@example.com"))
    counts, whole = {}, {}
    large = {table for table in connection.introspection.table_names() if _rows(table) > 5000}
    for name, path in _addresses().items():
        assert client.get(path).status_code == 200, name
        with queries_noted() as noted:
            client.get(path)
        counts[name] = len(noted)
        whole |= {
            f"{name}: {query[0][:160]}": sorted(found) for query in noted if (found := large & {*full_reads(query)})
        }
    return {"addresses": _addresses(), "queries": counts, "whole": whole}


def _took(function: Callable[[], Any]) -> float:
    began = time.perf_counter()
    function()
    return time.perf_counter() - began


def changes() -> dict[str, float]:
    """Seconds that one change takes at this size."""
    from kezhuan.areas.achievements.actions import AchievementFacts, register_achievement
    from kezhuan.areas.achievements.models import SUPPLY_STAGES, Achievement
    from kezhuan.areas.matches.actions import WORTH, refresh_suggestions
    from kezhuan.areas.needs.models import Need
    from kezhuan.areas.needs.queries import matching_item
    from kezhuan.kernel import search
    from kezhuan.kernel.access import VISITOR, actor_for
    from kezhuan.kernel.models import User

    index, seconds = search.live_index(), {}
    seconds["index read from its snapshot"] = _took(lambda: index.catch_up(wait=True))
    officer = actor_for(User.objects.get(email="officer@example.com").person)
    search.search(VISITOR, search.Asked(words="水"))
    made: list[Achievement] = []
    facts = AchievementFacts(title="量子点孤词玄武岩纤维", summary="用于海上风电叶片。" * 12, field="energy", trl=6)
    seconds["save of one record"] = _took(
        lambda: made.append(register_achievement(actor=officer, owner=None, facts=facts, stage="listed"))
    )
    found: list[int] = []
    seconds["first search that finds it"] = _took(
        lambda: found.extend(search.search(VISITOR, search.Asked(words="孤词玄武岩")).records)
    )
    assert made[0].pk in found  # beside those that were made in this city for the same figures before
    seconds["suggestions after one result changed"] = _took(lambda: refresh_suggestions([made[0].pk]))
    need = Need.objects.filter(record__stage="published", confidentiality="public").order_by("pk")[0]
    seconds["suggestions after one need changed"] = _took(lambda: refresh_suggestions([need.pk]))
    wanted = search.Supply("achievement", SUPPLY_STAGES, search.audience_mask(VISITOR))
    seconds["near misses of one need"] = _took(
        lambda: index.near_misses(matching_item(need), 20, 20, wanted, least=WORTH)
    )
    return seconds


if __name__ == "__main__":
    from kezhuan.config.start import start_django

    if not start_django():
        sys.exit(2)
    print(json.dumps({"plans": plans, "changes": changes}[sys.argv[1]]()))
