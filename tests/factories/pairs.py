"""A need and a result that answers it, with people on both sides."""

from kezhuan.areas.matches.actions import introduce
from kezhuan.areas.matches.lifecycle import INTRODUCTION
from kezhuan.areas.matches.queries import suggestions_for_need
from kezhuan.kernel import followers
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Record
from tests.factories import city


class Pair:
    """A firm with a published need, a unit with a listed result that answers it, people on both sides."""

    def __init__(self, need=None, result=None, firm_region="440106", unit_region="440112"):
        self.firm, self.unit = city.organisation(region=firm_region), city.organisation(region=unit_region)
        self.asking, self.answering = city.member(self.firm), city.member(self.unit)
        self.officer = city.officer()
        asked, offered = ({"contact": actor.person} for actor in (self.asking, self.answering))
        self.need = city.need(self.firm, stage="published", by=self.asking, **asked | (need or {}))
        self.result = city.achievement(self.unit, stage="listed", by=self.answering, **offered | (result or {}))
        self.supply = Record.objects.get(pk=self.result.pk)
        followers.run_pending()

    def suggested(self, actor):
        return [one.supply_id for one in suggestions_for_need(actor, self.need)]

    def introduced(self, actor):
        return introduce(actor=actor, need=self.need, supply=self.supply)

    def move(self, row, name, actor, **words):
        return advance(INTRODUCTION, row, name, actor=actor, **words)
