"""An import that was stopped goes on where it stood; two who run or undo it at once do so once."""

import pytest

from kezhuan.areas.achievements.tables import ROWS as ACHIEVEMENTS
from kezhuan.areas.people.actions import SYSTEM
from kezhuan.exchange import importing
from kezhuan.exchange.importing import Importer
from kezhuan.exchange.models import Import, ImportedRecord, State
from kezhuan.exchange.settings import Settings
from kezhuan.exchange.undo import take_back
from kezhuan.kernel import journal
from kezhuan.kernel.errors import Conflict, Refused
from kezhuan.kernel.models import Record
from kezhuan.kernel.models.records import Phase
from tests.factories.databases import at_once

ROWS = [{"编号": str(n), "名称": f"成果{n}", "成熟度": "约六级" if n % 5 == 3 else 6} for n in range(23)]
COUNTS = {"read": 23, "created": 19, "updated": 0, "unchanged": 0, "rejected": 4}


class _KilledError(Exception):
    pass


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch):
    monkeypatch.setattr(importing, "BATCH", 4)


def stopped_after(path, rows, **settings):
    """An import of the file that was killed when it had read so many rows."""
    one = Importer(ACHIEVEMENTS, path, Settings(actor=SYSTEM, **settings))

    def kill(done):
        if done == rows:
            raise _KilledError

    with pytest.raises(_KilledError):
        one.run(kill)
    return Import.objects.get()


@pytest.mark.django_db
@pytest.mark.parametrize("rows", [1, 4, 9, 14, 22, 23])
@pytest.mark.parametrize("on_match", ["update", "create"])
def test_killed_import_goes_on_where_it_stood(write, rows, on_match):
    path = write(ROWS)
    kept = stopped_after(path, rows, on_match=on_match)
    assert (kept.state, kept.position) == (State.RUNNING, (rows - 1) // 4 * 4)
    assert Record.objects.count() == kept.created
    one = Importer(ACHIEVEMENTS, path, Settings(actor=SYSTEM, on_match=on_match), kept)
    assert vars(one.run()) == COUNTS
    kept.refresh_from_db()
    assert (kept.state, {name: getattr(kept, name) for name in COUNTS}) == (State.DONE, COUNTS)
    assert [reject.row for reject in one.rejects.rows] == [4, 9, 14, 19]
    assert Record.objects.count() == ImportedRecord.objects.count() == 19
    assert [one.columns for one in kept.rejects.all()] == [["成熟度"]] * 4
    take_back(kept.pk, actor=SYSTEM)
    assert Record.objects.exclude(phase=Phase.VOID).count() == 0


@pytest.mark.django_db
def test_import_stopped_by_hand_is_told_so_and_can_be_taken_back_at_once(write):
    path = write(ROWS)
    one = Importer(ACHIEVEMENTS, path, Settings(actor=SYSTEM), stopped_after(path, 10))
    one.stop()
    assert Import.objects.get().state == State.STOPPED
    assert vars(Importer(ACHIEVEMENTS, path, Settings(actor=SYSTEM), Import.objects.get()).run()) == COUNTS
    assert Import.objects.get().state == State.DONE


@pytest.mark.django_db
def test_import_that_was_taken_back_meanwhile_does_not_go_on(write):
    path = write(ROWS)
    kept = stopped_after(path, 10)
    Import.objects.update(state=State.UNDONE)
    with pytest.raises(Conflict):
        Importer(ACHIEVEMENTS, path, Settings(actor=SYSTEM), kept).run()
    assert Record.objects.count() == kept.created


@pytest.mark.django_db(transaction=True)
def test_one_of_many_who_run_an_import_at_once_does_it(write):
    path = write(ROWS)
    kept = stopped_after(path, 1)

    def run():
        return Importer(ACHIEVEMENTS, path, Settings(actor=SYSTEM), Import.objects.get(pk=kept.pk)).run()

    results = at_once([run] * 4)
    assert {type(one).__name__ for one in results} <= {"Counts", "Conflict"}
    assert Record.objects.count() == ImportedRecord.objects.count() == 19
    kept.refresh_from_db()
    assert {name: getattr(kept, name) for name in COUNTS} == COUNTS
    assert kept.rejects.count() == 4
    assert journal.verify().broken_seq is None


@pytest.mark.django_db(transaction=True)
def test_one_of_many_who_undo_an_import_at_once_does_it(write):
    path = write(ROWS)
    Importer(ACHIEVEMENTS, path, Settings(actor=SYSTEM)).run()
    number = Import.objects.get().pk
    results = at_once([lambda: take_back(number, actor=SYSTEM)] * 4)
    assert sorted(type(one).__name__ for one in results) == ["Import", "Refused", "Refused", "Refused"]
    assert {problem.code for one in results if isinstance(one, Refused) for problem in one.problems} == {
        "import-undone"
    }
    assert Record.objects.filter(phase=Phase.VOID).count() == 19
    assert journal.verify().broken_seq is None
