from kezhuan.engines.matching import Item, Match, Matcher, best_by_owner, nearest_owners


def test_owners_stand_in_the_order_of_their_best_record_each_once():
    matches = [Match(one, rank, 1 / rank, ()) for rank, one in enumerate(("a1", "b1", "a2", "c1"), 1)]
    found = best_by_owner(matches, lambda one: str(one)[0], 5)
    assert [(owner, match.supply) for owner, match in found] == [("a", "a1"), ("b", "b1"), ("c", "c1")]
    assert best_by_owner(matches, lambda one: str(one)[0], 2) == found[:2]


def test_no_owner_is_missed_however_many_records_another_has():
    works = [Item(f"a{n}", "碳化硅衬底抛光", f"衬底抛光 {n}") for n in range(40)]
    works += [
        Item("b0", "碳化硅衬底", "抛光液的回收与再利用"),
        Item("c0", "水稻育种"),
        Item("d0", "衬底清洗", "超声清洗"),
    ]
    matcher = Matcher().fit(works)
    need = Item("n", "碳化硅衬底抛光")
    found = nearest_owners(matcher, need, 3, lambda one: str(one)[0])
    assert [(match.rank, str(match.supply)[0]) for match in found] == [(1, "a"), (2, "b"), (3, "d")]
    assert found[0].score == matcher.kneighbors([need], 1)[0][0].score
    assert [str(one.supply)[0] for one in nearest_owners(matcher, need, 9, lambda one: str(one)[0])] == ["a", "b", "d"]
