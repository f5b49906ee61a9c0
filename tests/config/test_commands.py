"""Commands that are asked wrongly, or find their folder or database unfit, answer in one sentence with code 2."""

import io
import os
import socket
import sqlite3
import subprocess
import sys

import pytest
from django.core import management
from django.db import DEFAULT_DB_ALIAS, DatabaseError, OperationalError, connection, connections
from django.db.migrations.recorder import MigrationRecorder

from kezhuan.config import commandline, environment, readiness, serving, start
from kezhuan.config.commands import (
    check,
    create_officer,
    demo,
    load_calendar,
    migrate,
    prove,
    serve,
    translations,
    verify,
)
from kezhuan.config.commands import test as test_command
from kezhuan.config.copies import sessions
from kezhuan.kernel.models import User


def sentence_of(capsys):
    said = capsys.readouterr().err.strip()
    assert said, "nothing was said"
    assert "\n" not in said
    assert "Traceback" not in said
    return said


def exit_code(run, argv):
    try:
        return run(argv)
    except SystemExit as done:
        return done.code


# -- help and arguments --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", commandline.COMMANDS)
@pytest.mark.parametrize(("locale", "first"), [("C.UTF-8", "用法："), ("en_US.UTF-8", "Usage: ")])
def test_help_only_helps_and_speaks_the_language_of_the_terminal(monkeypatch, capsys, name, locale, first):
    def never(*_arguments, **_options):
        raise AssertionError(f"{name} --help did something")

    monkeypatch.setenv("LC_ALL", locale)
    for module, work in (
        (translations.translations, "update"),
        (test_command, "pytest"),
        (prove, "pytest"),
        (check, "ThreadPoolExecutor"),
        (subprocess, "run"),
    ):
        monkeypatch.setattr(module, work, never)
    for module in (demo, create_officer, serve, migrate, verify):
        monkeypatch.setattr(module, "start_django", never)
    for word in ("--help", "-h"):
        assert exit_code(commandline.main, [name, word]) == 0
        said = capsys.readouterr()
        assert said.out.startswith(first)
        assert said.err == ""
        if first == "用法：":
            for words in ("usage:", "arguments:", "options:", "show this help"):
                assert words not in said.out.lower()
        else:
            assert said.out.replace("广州市科学技术局", "").isascii()


@pytest.mark.parametrize(
    "argv",
    [
        ["serve", "--port", "99999"],
        ["serve", "--port", "0"],
        ["serve", "--port", "x"],
        ["serve", "--threads", "0"],
        ["demo", "--port", "-1"],
        ["translations", "--please"],
        ["check", "--fast"],
        ["prove", "--all"],
    ],
)
def test_argument_that_does_not_fit_is_one_sentence(capsys, argv):
    assert exit_code(commandline.main, argv) == 2
    assert argv[0] in sentence_of(capsys)


# -- where to listen -----------------------------------------------------------------------------------------------


def test_port_in_use_is_named():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert f"端口 {port} 已被占用" in serving.why_not("127.0.0.1", port)


def test_free_port_has_no_reason_against_it():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    assert serving.why_not("127.0.0.1", port) == ""


def test_port_without_the_right_to_it_has_its_own_sentence(monkeypatch):
    def refuse(self, address):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(socket.socket, "bind", refuse)
    assert "没有权限使用端口 80" in serving.why_not("127.0.0.1", 80)


@pytest.mark.parametrize("host", ["nosuch..invalid", "203.0.113.7"])
def test_host_that_is_not_this_machine_has_its_own_sentence(host):
    said = serving.why_not(host, 8000)
    assert host in said
    assert "--host" in said


def test_serve_brings_the_tables_up_to_date_before_anybody_is_served(monkeypatch):
    done = []
    monkeypatch.setattr(serve, "start_django", lambda: True)
    monkeypatch.setattr(start, "_is_newer", lambda: False)
    monkeypatch.setattr(management, "call_command", lambda name, **_options: done.append(name))
    monkeypatch.setattr(readiness, "refusals", lambda *_arguments, **_options: [])
    monkeypatch.setattr(serving, "serve", lambda *_arguments, **_options: done.append("serve") or 0)
    assert serve.run([]) == 0
    assert done == ["migrate", "serve"]


# -- the demo's folder ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("inside", ["db.sqlite3", "letter.txt", ".hidden"])
def test_demo_leaves_a_folder_with_anything_else_alone(monkeypatch, capsys, tmp_path, inside):
    (tmp_path / inside).write_text("mine")
    monkeypatch.setenv("KEZHUAN_DATA", str(tmp_path))
    assert demo.run(["--no-serve"]) == 2
    assert str(tmp_path) in sentence_of(capsys)
    assert [path.name for path in tmp_path.iterdir()] == [inside]


def test_demo_that_could_not_be_shown_is_not_built(monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("KEZHUAN_DATA", str(tmp_path / "city"))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert demo.run(["--port", str(port)]) == 2
    assert str(port) in sentence_of(capsys)
    assert not (tmp_path / "city").exists()


def test_demo_tells_of_a_folder_that_is_a_file(monkeypatch, capsys, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("KEZHUAN_DATA", str(tmp_path / "file"))
    assert demo.run(["--no-serve"]) == 2
    assert "KEZHUAN_DATA" in sentence_of(capsys)


@pytest.mark.parametrize("prepared", ["nothing", "empty", "marked"])
def test_demo_takes_a_folder_that_is_new_empty_or_its_own(tmp_path, prepared):
    folder = tmp_path / "city"
    if prepared != "nothing":
        folder.mkdir()
    if prepared == "marked":
        (folder / "demo-city").touch()
        (folder / "db.sqlite3").touch()
    assert demo._claimed(folder) == ""
    assert (folder / "demo-city").exists()


# -- the first officer ---------------------------------------------------------------------------------------------


@pytest.fixture
def ready(monkeypatch, db):
    """The command meets the test's database."""
    monkeypatch.setattr(create_officer, "start_django", lambda: True)
    monkeypatch.setattr(create_officer, "bring_up_to_date", lambda: True)


WHOLE = ["--name", "李敏", "--email", "li@example.org", "--department", "广州市科学技术局", "--password-stdin"]


@pytest.mark.usefixtures("ready")
def test_officer_is_made_and_told_in_english(monkeypatch, capsys):
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    monkeypatch.setattr(sys, "stdin", io.StringIO("a long enough word\n"))
    assert create_officer.run([*WHOLE, "--jurisdiction", "440106"]) == 0
    assert capsys.readouterr().out.startswith("The account li@example.org is made.")
    assert User.objects.filter(email="li@example.org").exists()


@pytest.mark.usefixtures("ready")
def test_officer_of_an_unknown_region_is_refused(capsys):
    assert create_officer.run([*WHOLE, "--jurisdiction", "999999"]) == 2
    assert "440106" in sentence_of(capsys)
    assert not User.objects.exists()


@pytest.mark.usefixtures("ready")
@pytest.mark.parametrize(
    ("given", "option"),
    [([], "--name"), (WHOLE[:2], "--email"), (WHOLE[:4], "--department"), (WHOLE[:6], "--password")],
)
def test_officer_without_an_answer_names_the_option(monkeypatch, capsys, given, option):
    def ended(_prompt):
        raise EOFError

    monkeypatch.setattr("builtins.input", ended)
    monkeypatch.setattr(create_officer, "hidden_word", ended)
    assert create_officer.run(given) == 2
    assert option in sentence_of(capsys)


# -- the database --------------------------------------------------------------------------------------------------


def raised_by(work):
    """What Django raises when SQLite does: with its error as the cause."""
    try:
        work()
    except sqlite3.Error as cause:
        wrapped = (OperationalError if isinstance(cause, sqlite3.OperationalError) else DatabaseError)(str(cause))
        wrapped.__cause__ = cause
        return wrapped
    raise AssertionError("SQLite did not mind")


def locked(folder):
    with sqlite3.connect(folder / "a", timeout=0) as one, sqlite3.connect(folder / "a", timeout=0) as two:
        one.execute("BEGIN IMMEDIATE")
        two.execute("BEGIN IMMEDIATE")


def read_only(folder):
    sqlite3.connect(folder / "a").execute("CREATE TABLE t (x)").connection.close()
    sqlite3.connect(f"file:{folder}/a?mode=ro", uri=True).execute("INSERT INTO t VALUES (1)")


def damaged(folder):
    (folder / "a").write_bytes(b"no database at all " * 400)
    sqlite3.connect(folder / "a").execute("SELECT * FROM sqlite_master")


def unreachable(folder):
    sqlite3.connect(folder / "none" / "a")


@pytest.mark.parametrize(
    ("work", "chinese", "english"),
    [
        (locked, "数据库正忙", "busy"),
        (read_only, "只读", "read-only"),
        (damaged, "已损坏", "damaged"),
        (unreachable, "无法读写", "cannot be read"),
    ],
)
def test_state_of_the_database_has_its_own_sentence(monkeypatch, capsys, tmp_path, work, chinese, english):
    problem = raised_by(lambda: work(tmp_path))

    class Command:
        @staticmethod
        def run(argv):
            raise problem

    monkeypatch.setattr(commandline.importlib, "import_module", lambda name: Command)
    assert commandline.main(["verify"]) == 2
    assert chinese in sentence_of(capsys)
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    assert english in start.database_trouble(problem)


def test_fault_of_the_program_stays_one(monkeypatch):
    problem = raised_by(lambda: sqlite3.connect(":memory:").execute("SELECT * FROM nowhere"))
    assert start.database_trouble(problem) == ""
    assert start.database_trouble(ValueError()) == ""


@pytest.fixture
def in_folder(tmp_path, settings, django_db_blocker, capsys):
    """Runs a command on a data folder of the test's own; its exit code, and what it says of what is wrong."""

    def run(*words, url=""):
        settings.DATA, kept = tmp_path, connections[DEFAULT_DB_ALIAS]
        own = environment.database(tmp_path, {"KEZHUAN_DATABASE_URL": url} if url else {})
        with django_db_blocker.unblock(), sessions.another(own) as connections[DEFAULT_DB_ALIAS]:
            try:
                code = commandline.main(list(words))
            finally:
                connections[DEFAULT_DB_ALIAS] = kept
        said = capsys.readouterr()
        assert said.out == ""
        return code, said.err

    return run


def test_verify_of_a_folder_without_database_makes_none(in_folder, tmp_path):
    code, said = in_folder("verify")
    assert code == 2
    assert "没有数据库" in said
    assert said.count("\n") == 1
    assert not (tmp_path / "db.sqlite3").exists()


def test_verify_of_an_older_database_points_to_migrate(in_folder, tmp_path, monkeypatch):
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    (tmp_path / "db.sqlite3").touch()
    sentence = "The database is not of this version yet; run ./kezhuan migrate first.\n"
    assert in_folder("verify") == (2, sentence)


@pytest.mark.django_db
def test_database_of_a_newer_version_is_left_alone(capsys):
    recorder = MigrationRecorder(connection)
    recorder.record_applied("kernel", "9999_later")
    recorder.record_applied("somebody_elses", "0001_initial")
    assert not start.bring_up_to_date()
    assert "kernel.9999_later" in sentence_of(capsys)
    assert not start.is_up_to_date()
    assert "更新的版本" in sentence_of(capsys)
    recorder.record_unapplied("kernel", "9999_later")
    assert start.is_up_to_date()


def test_command_on_a_damaged_database_is_one_sentence(tmp_path):
    """In a process of its own, as somebody starts it."""
    (tmp_path / "db.sqlite3").write_bytes(b"no database at all " * 400)
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("KEZHUAN_", "LC_"))}
    del kept["DJANGO_SETTINGS_MODULE"]
    command = [sys.executable, "-P", "-m", "kezhuan", "migrate"]
    variables = {**kept, "KEZHUAN_DATA": str(tmp_path)}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=variables)
    assert (done.returncode, done.stdout) == (2, "")
    assert "已损坏" in done.stderr
    assert done.stderr.count("\n") == 1


def test_command_without_its_database_server_is_one_sentence(in_folder):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    code, said = in_folder("verify", url=f"postgres://me@127.0.0.1:{port}/x")
    assert code == 2
    assert "无法连接数据库" in said
    assert said.count("\n") == 1


# -- calendars -----------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_load_calendar_loads_each_file_and_names_the_one_that_cannot_be_used(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(load_calendar, "bring_up_to_date", lambda: True)
    good, bad = tmp_path / "2027.csv", tmp_path / "bad.csv"
    good.write_text("date,workday,name,source\n2027-01-01,no,元旦,公告\n2027-01-09,yes,调休,公告\n", encoding="utf-8")
    bad.write_text("date,workday,name,source\n2027-13-01,no,x,y\n", encoding="utf-8")
    assert load_calendar.run([str(good)]) == 0
    assert capsys.readouterr().out == "2027 年：放假 1 天，调休上班 1 天。\n"
    assert load_calendar.run([str(bad), str(tmp_path / "none.csv"), str(good)]) == 2
    said = capsys.readouterr()
    assert "bad.csv: " in said.err
    assert "none.csv" in said.err
    assert "Traceback" not in said.err
    assert "2027 年" in said.out
