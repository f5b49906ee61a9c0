from kezhuan.engines.matching import Match, best_by_owner


def test_owners_stand_in_the_order_of_their_best_record_each_once():
    matches = [Match(one, rank, 1 / rank, ()) for rank, one in enumerate(("a1", "b1", "a2", "c1"), 1)]
    found = best_by_owner(matches, lambda one: str(one)[0], 5)
    assert [(owner, match.supply) for owner, match in found] == [("a", "a1"), ("b", "b1"), ("c", "c1")]
    assert best_by_owner(matches, lambda one: str(one)[0], 2) == found[:2]
