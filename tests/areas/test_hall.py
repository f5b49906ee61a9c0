"""The hall finds lists of several fields by each, shows how far each call came, and a long list is narrowed."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kezhuan.areas.calls.models import Application, CallItem
from kezhuan.areas.calls.place_actions import Place
from kezhuan.kernel import search
from kezhuan.kernel.access import VISITOR
from tests.areas.crawling import client_of
from tests.factories import calls, city, reviews

pytestmark = pytest.mark.django_db


def listed(*fields, **facts):
    """A published call with a direction of each field."""
    places = [Place(f"方向{number}", field=field) for number, field in enumerate(fields, 1)]
    return calls.call(stage="published", places=places, call_kind="chain", **facts)


def found(made, **query):
    text = client_of(VISITOR).get("/calls/", query).content.decode()
    return [one for one in made if f"/calls/{one.record.code}/" in text]


def test_a_list_of_several_fields_is_found_by_each_of_them_and_counted_once_in_each():
    mixed, plain, none = listed("materials", "energy"), listed("energy"), listed("")
    made = (mixed, plain, none)
    assert found(made, field="materials") == [mixed]
    assert found(made, field="energy") == [mixed, plain]
    assert found(made, field=["energy", "materials"]) == [mixed, plain]
    assert found(made, field="biomedicine") == []
    told = search.search(VISITOR, search.Asked(kinds=("call",), facets=("field",)))
    assert [(one.value, one.count) for one in told.facets["field"]] == [("energy", 2), ("materials", 1)]
    assert told.total == 3
    # It stays so in an index that was written and read again.
    search.forget_live_index()
    assert found(made, field="materials") == [mixed]


def test_the_hall_shows_from_list_to_choice_what_became_of_a_call():
    officer, units = city.officer(), [city.organisation(kind="university") for _ in range(2)]
    call = reviews.closed_call(officer, *units)
    calls.application(calls.call(stage="published", by=officer))  # of one that is open nothing is told
    assert "1 on the list → 2 applications → 0 reviewed<" in hall()
    one = Application.objects.filter(item__call=call).first()
    Application.objects.filter(pk=one.pk).update(judged_elsewhere={"panel": "外部"})
    city.organisation()  # an entry, as whatever changes a number has one
    assert "1 on the list → 2 applications → 1 reviewed<" in hall()
    Application.objects.filter(pk=one.pk).update(judged_elsewhere={})
    reviews.judged(officer, call)
    assert "1 on the list → 2 applications → 2 reviewed<" in hall()
    Application.objects.filter(item__call=call).update(judged_elsewhere={"panel": "外部"})
    city.organisation()  # an entry, as whatever changes a number has one
    assert "2 applications → 2 reviewed" in hall()
    other = calls.call(stage="decided", by=officer)
    assert "1 on the list → 1 application → 1 chosen" in hall()  # nothing is known of marks
    Application.objects.filter(item__call=other).update(judged_elsewhere={"panel": "外部"})
    city.organisation()  # an entry, as whatever changes a number has one
    assert "1 application → 1 reviewed → 1 chosen" in hall()
    assert hall().count("on the list → ") == 2


def hall():
    return client_of(VISITOR).get("/calls/").content.decode()


def test_the_hall_asks_as_much_for_many_calls():
    asked = []
    for _ in range(2):
        calls.call(stage="decided")
        hall()
        with CaptureQueriesContext(
            connection,
        ) as told:
            hall()
        asked.append(len(told))
    assert asked[0] == asked[1]


def test_a_list_of_many_items_is_narrowed_by_field_and_words():
    call = listed(*["materials"] * 24, "energy")
    CallItem.objects.filter(call=call, number=24).update(title="抛光 工艺", problem="抛光液")
    CallItem.objects.filter(call=call, number=25).update(title="电池", problem="低温抛光")
    address, client = f"/calls/{call.record.code}/", client_of(VISITOR)

    def shown(**query):
        text = client.get(address, query).content.decode()
        return [number for number in range(1, 26) if f"<h3>{number} " in text], text

    numbers, text = shown()
    assert numbers == list(range(1, 21))
    assert 'name="item_field"' in text
    assert shown(item_field="energy")[0] == [25]
    assert shown(item_words="抛光")[0] == [24, 25]
    assert shown(item_words="抛光 低温")[0] == [25]
    assert shown(item_words="抛光", item_field="materials")[0] == [24]
    numbers, text = shown(item_words="没有的词")
    assert numbers == []
    assert "No item of the list is of this field with these words." in text
    second = shown(item_field="materials", list="2")
    assert second[0] == list(range(21, 25))
    assert "item_field=materials" in second[1]  # the pager keeps what was asked for
    assert 'name="item_field"' not in client.get(f"/calls/{listed('energy').record.code}/").content.decode()
