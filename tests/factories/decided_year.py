"""A simulated year of decisions, by a rule that the ranker does not know and could not write down.

A firm takes up what solves its problem, which is hidden behind the words, when it is ripe enough, not far too dear and
best from nearby; how it cooperates does not matter to it; records have a quality that is written nowhere, and firms
have moods. It looks at most of the twenty that the shipped weights show.
"""

from dataclasses import dataclass
from random import Random

from kezhuan.engines.matching import Facts, Item, Matcher
from kezhuan.engines.matching.learning import Decision, Pool, parts_of

FIELDS, PROBLEMS, REGIONS = 8, 12, ("440103", "440104", "440105", "440106", "440111", "440112")
SHOWN, YEAR = 20, 365
MODES = ("transfer", "licence", "joint_rd", "equity")


@dataclass(frozen=True)
class Year:
    """Decisions of the year, and what was shown for each need."""

    decisions: list[Decision]
    pools: list[Pool]


class _Side:
    """Somebody's problem with the words and facts in which it is told."""

    def __init__(self, random: Random, name: str, *, asks: bool) -> None:
        self.field = random.randrange(FIELDS)
        self.problem = random.randrange(PROBLEMS)
        self.trl, self.money = random.randint(4, 8), random.randint(50, 400)
        if not asks:
            self.trl, self.money = random.randint(2, 9), random.randint(20, 600)
        self.region = random.choice(REGIONS)
        self.quality = random.gauss(0, 1)
        own = [f"f{self.field}p{self.problem}w{n}" for n in range(9)]
        common = [f"f{self.field}w{n}" for n in range(40)]
        words = random.sample(own, 5) + random.sample(common, 10)
        random.shuffle(words)
        self.item = Item(
            name,
            " ".join(words[:3]),
            " ".join(words[3:]),
            facts=Facts(
                field=f"field {self.field}" if random.random() < 0.8 else None,
                trl=self.trl if random.random() < 0.8 else None,
                money_fen=self.money * 1_000_000 if random.random() < 0.7 else None,
                region=self.region,
                modes=frozenset(random.sample(MODES, 1)),
            ),
        )


def _takes_up(random: Random, need: _Side, supply: _Side) -> bool:
    like = 1.5 * (need.problem == supply.problem) + 0.5 * (need.field == supply.field)
    ripe = 0.6 if supply.trl >= need.trl else -1.6
    dear = -1.8 if supply.money > 1.3 * need.money else 0.2
    near = 1.4 if supply.region == need.region else -0.3
    return like + ripe + dear + near + 0.6 * supply.quality + random.gauss(0, 0.8) > 2.0


def year_of(needs: int, supply: int, *, seed: int, at_random: bool = False) -> Year:
    """Simulate it; `at_random` has the firms throw a coin that falls as often on yes as they say it else."""
    random = Random(seed)
    offered = {one.item.id: one for one in (_Side(random, f"s{n}", asks=False) for n in range(supply))}
    matcher = Matcher(table=lambda: None).fit([one.item for one in offered.values()])
    decisions, pools = [], []
    for number in range(needs):
        need, posed = _Side(random, f"n{number}", asks=True), random.random() * YEAR
        matches = matcher.kneighbors([need.item], SHOWN)[0]
        pools.append(Pool(need.item.id, {match.supply: parts_of(match) for match in matches}))
        for match in matches:
            if random.random() > 0.8:
                continue
            said = random.random() < 0.27 if at_random else _takes_up(random, need, offered[match.supply])
            at = posed + random.random() * 20
            decisions.append(Decision(need.item.id, match.supply, at, int(said), parts_of(match)))
    return Year(decisions, pools)
