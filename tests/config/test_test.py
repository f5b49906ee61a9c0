from contextlib import contextmanager
from copy import copy
from types import SimpleNamespace

import pytest
from xdist.remote import WorkerInteractor

from kezhuan.config.commands import test as command

SHARED = ["-q", "-n", "3", "--dist", "loadgroup"]


@pytest.fixture
def sessions(monkeypatch):
    """Stands in for the pytest processes: notes their arguments, says a word, answers with the codes it is given."""
    noted, codes = {}, [0, 0]

    @contextmanager
    def cluster(binaries):
        yield "postgres://somewhere"

    def session(arguments, variables=None, output=None):
        address = (variables or {}).get("KEZHUAN_DATABASE_URL")
        noted[address] = arguments
        if output:
            output.write("再次\n".encode())
        return codes[bool(address)]

    monkeypatch.setattr(command, "pytest", session)
    monkeypatch.setattr(command.postgres, "temporary_cluster", cluster)
    monkeypatch.setattr(command.postgres, "find_binaries", lambda: "bin")
    monkeypatch.setattr(command.chromium, "find", lambda: "chromium")
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    return noted, codes


def test_test_runs_everything_and_the_database_tests_again_on_postgresql(sessions, capsys):
    again = ["-m", "again and not journey and not proof"]
    assert command.run([]) == 0
    assert sessions[0] == {None: [*SHARED, "-m", "not proof"], "postgres://somewhere": ["-q", *again]}
    assert capsys.readouterr().out == "── SQLite ──\n── PostgreSQL ──\n再次\n"
    assert command.run(["-k", "x"]) == 0
    assert sessions[0] == {None: ["-k", "x", "-m", "not proof"], "postgres://somewhere": ["-k", "x", *again]}


def test_test_says_in_one_line_what_it_left_out(sessions, monkeypatch, capsys):
    monkeypatch.setattr(command.postgres, "find_binaries", lambda: None)
    monkeypatch.setattr(command.chromium, "find", lambda: None)
    assert command.run([]) == 0
    assert sessions[0] == {None: [*SHARED, "-m", "not proof and not journey"]}
    assert capsys.readouterr().out == (
        "── SQLite ──\n"
        "Left out, because this machine has no PostgreSQL 15+ and no Chromium: "
        "the database tests on PostgreSQL, the journeys in a browser.\n"
    )


def test_test_speaks_the_language_of_the_terminal(sessions, monkeypatch, capsys):
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    monkeypatch.setattr(command.chromium, "find", lambda: None)
    assert command.run([]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "本机没有 Chromium，因此略去：浏览器中的完整流程。"
    monkeypatch.setenv("CI", "true")
    assert command.run([]) == 1
    assert capsys.readouterr().err == "CI：须先安装 Chromium；不得略去任何测试。\n"


def test_test_leaves_nothing_out_under_ci(sessions, monkeypatch, capsys):
    monkeypatch.setenv("CI", "true")
    monkeypatch.setattr(command.chromium, "find", lambda: None)
    assert command.run([]) == 1
    assert sessions[0] == {}
    assert capsys.readouterr().err == "CI: Chromium must be installed; nothing may be left out.\n"


@pytest.mark.parametrize(("codes", "answer"), [([1, 0], 1), ([0, 1], 1), ([0, 5], 0), ([5, 0], 0), ([5, 5], 5)])
def test_test_fails_when_either_session_fails_and_when_nothing_ran(sessions, codes, answer):
    sessions[1][:] = codes
    assert command.run([]) == answer
    assert command.run(["-k", "x"]) == answer


def test_statements_are_told_apart_by_types_and_not_by_names():
    from tests.factories.statements import parts

    by_title = (
        'SELECT "kernel_record"."id", "kernel_record"."title" FROM "kernel_record" WHERE "kernel_record"."title" = %s'
    )
    by_name = 'SELECT "kernel_post"."id" FROM "kernel_post" WHERE "kernel_post"."name" = %s'
    by_day = 'SELECT "kernel_record"."id" FROM "kernel_record" WHERE "kernel_record"."opened_on" = %s'
    assert parts(by_title) == parts(by_name)
    assert parts(by_day) - parts(by_title) == {"WHERE Date = %s"}
    assert parts(f'{by_name} ORDER BY "kernel_post"."id" ASC') - parts(by_name) == {"ORDER Integer ASC"}
    both = by_title + ' AND "kernel_record"."opened_on" = %s'
    assert parts(both) <= parts(by_title) | parts(by_day)
    assert not parts(both + " FOR UPDATE") & (parts(both) | parts(by_title + " FOR UPDATE"))
    count = 'SELECT COUNT(*) AS "__count" FROM "kernel_record" WHERE "kernel_record"."title" = %s'
    assert len(parts(count) | parts(count + ' AND "kernel_record"."opened_on" = %s')) == 2
    assert parts('UPDATE "kernel_record" SET "title" = %s WHERE "kernel_record"."id" = %s') == {
        "SET Char = %s", "UPDATE Integer = %s",
    }  # fmt: skip
    assert parts('INSERT INTO "kernel_post" ("name", "organisation_id") VALUES (..)') >= {
        "INSERT Char", "INSERT Integer",
    }  # fmt: skip


@pytest.mark.xdist_group("together")
def test_tests_that_share_something_are_named_as_one_group(request):
    """pytest-xdist keeps together by names: where pytest does not let it change them, no test stays with its group."""
    one = copy(request.node)
    WorkerInteractor.pytest_collection_modifyitems(None, SimpleNamespace(getvalue=lambda name: True), [one])
    assert one.nodeid.endswith("@together")
