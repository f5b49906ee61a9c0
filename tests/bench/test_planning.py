"""The plan for a size that nobody has: what is computed follows from what was measured, and failures only cost time."""

import pytest

from kezhuan.bench.planning import BUSY, MEASURED, Costs, Site, plan, scaled, simulate
from kezhuan.config import bench_plan
from kezhuan.engines.matching.runs import SHARD

LOW = Costs(250_000, 100, 1e9, 1e8, 2, 0.004, 0.1, 500)
HIGH = Costs(1_000_000, 400, 4e9, 4e8, 8, 0.010, 0.1, 500)


def test_costs_lie_on_the_line_through_what_was_measured():
    for measured in ((LOW, HIGH), MEASURED):
        for one in measured:
            assert scaled(one.records, measured)[:6] == pytest.approx(one[:6])
    ten = scaled(10_000_000, (LOW, HIGH))
    assert ten[:6] == pytest.approx((10_000_000, 4000, 4e10, 4e9, 80, 0.082))
    assert scaled(1, (LOW, HIGH)).need == pytest.approx(0.002, rel=0.01)


def test_a_plan_counts_shards_hours_memory_and_disk():
    made = plan(1_000_000, 100 * SHARD, Site(5, 10), (LOW, HIGH))
    assert (made.shards, made.disk, made.memory, made.results) == (100, 4e9, 8e9, 100 * SHARD * 500)
    assert made.core_hours == pytest.approx(100 * SHARD * 0.010 * BUSY / 3600)
    assert made.hours == pytest.approx((8 + 2 * SHARD * 0.010 * BUSY) / 3600)
    with pytest.raises(ValueError, match="at least 1"):
        plan(1_000_000, 1, Site(0, 1))


def test_failures_cost_time_and_nothing_is_left_undone():
    many = plan(10_000_000, 1_000_000, Site(4, 8), (LOW, HIGH))
    calm = Site(4, 8, between=1e6, scheduler_between=1e6)
    undisturbed = simulate(many, calm, runs=5)
    assert [one.lost for one in undisturbed] == [0] * 5
    for one in undisturbed:
        assert one.hours == pytest.approx(many.hours, rel=0.02)
    worse = [simulate(many, Site(4, 8, between=hours), runs=20) for hours in (25.0, 5.0)]
    means = [sum(one.hours for one in runs) / len(runs) for runs in (undisturbed, *worse)]
    assert means[0] < means[1] < means[2]
    assert all(sum(getattr(one, name) for one in worse[1]) > 0 for name in ("lost", "failures"))
    assert simulate(many, Site(4, 8, between=5.0), runs=20) == worse[1]
    stopped = simulate(many, Site(4, 8, between=1e6, scheduler_between=1.0, scheduler_repair=0.5), runs=20)
    assert sum(one.hours for one in stopped) / 20 > 1.2 * means[0]


def test_the_command_tells_what_is_measured_and_what_computed(capsys, monkeypatch):
    for locale, words in (("C.UTF-8", ("实测", "推算", "95%")), ("en_GB.UTF-8", ("measured", "computed", "95 of 100"))):
        monkeypatch.setenv("LC_ALL", locale)
        assert bench_plan.run(["--records", "2000000", "--needs", "20000", "--machines", "2"]) == 0
        said = capsys.readouterr().out
        assert all(word in said for word in words)
    too_much = ["--needs", "1000000000"], ["--workers", "999999999"], ["--between", "0.001", "--needs", "9999999"]
    for wrong in (["--machines", "0"], ["--between", "0"], ["--records", "many"], *too_much):
        with pytest.raises(SystemExit):
            bench_plan.run(wrong)
