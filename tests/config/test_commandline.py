import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from kezhuan.config import commandline
from kezhuan.config.environment import BadSetting
from kezhuan.engines.tables import written_beside


def test_unknown_command_names_the_nearest_in_both_languages(capsys):
    assert commandline.main(["mach"]) == 2
    assert capsys.readouterr().err == (
        "没有“mach”这个命令，是否想用 match？\nThere is no command “mach”; did you mean match?\n"
    )


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("mirgate", "migrate"), ("calender", "load-calendar"), ("runserver", "serve"), ("settings", "check-settings")],
)
def test_unknown_command_names_the_one_that_is_meant(typed, meant):
    assert commandline.unknown(typed).endswith(f"did you mean {meant}?")


@pytest.mark.parametrize("typed", ["nosuch", "export", "zzzz", ""])
def test_unknown_command_far_from_all_points_to_help(capsys, typed):
    assert commandline.main([typed]) == 2
    chinese, english = capsys.readouterr().err.splitlines()
    assert chinese == f"没有“{typed}”这个命令，./kezhuan help 列出全部命令。"
    assert english == f"There is no command “{typed}”; ./kezhuan help lists them."


@pytest.mark.parametrize(
    ("locale", "line"), [("C.UTF-8", "用法："), ("zh_CN.UTF-8", "用法："), ("en_GB.UTF-8", "Usage:")]
)
def test_help_speaks_the_language_of_the_terminal(monkeypatch, capsys, locale, line):
    monkeypatch.setenv("LC_ALL", locale)
    assert commandline.main(["--help"]) == 0
    assert capsys.readouterr().out.startswith(line)


def test_help_lists_every_command(capsys):
    commandline.main([])
    shown = capsys.readouterr().out
    assert [name for name in commandline.COMMANDS if f"  {name} " not in shown] == []


def test_version_is_one_line(capsys):
    assert commandline.main(["--version"]) == 0
    assert capsys.readouterr().out == "kezhuan 0.1.0\n"


def test_every_command_has_its_module():
    commands = Path(commandline.__file__).parent / "commands"
    named = {entry.module for entry in commandline.COMMANDS.values()}
    assert named == {path.stem for path in commands.glob("[a-z]*.py")}


@pytest.mark.parametrize(
    ("stop", "code", "said"),
    [(KeyboardInterrupt(), 130, "\n"), (BadSetting("KEZHUAN_X：没有。", "KEZHUAN_X: none."), 2, "KEZHUAN_X：没有。\n")],
)
def test_command_that_is_stopped_ends_without_a_traceback(monkeypatch, capsys, stop, code, said):
    class Command:
        @staticmethod
        def run(argv):
            raise stop

    monkeypatch.setattr(commandline.importlib, "import_module", lambda name: Command)
    assert commandline.main(["match"]) == code
    assert capsys.readouterr().err == said


def test_a_command_that_is_asked_to_end_lets_go_of_what_it_holds(monkeypatch, tmp_path):
    class Command:
        @staticmethod
        def run(argv):
            with written_beside(tmp_path / "run.jsonl") as stream:
                stream.write(b"half")
                os.kill(os.getpid(), signal.SIGTERM)
                raise AssertionError("it goes on")

    monkeypatch.setattr(commandline.importlib, "import_module", lambda name: Command)
    before = signal.getsignal(signal.SIGTERM)
    assert commandline.main(["match"]) == 130
    assert not list(tmp_path.iterdir())
    assert signal.getsignal(signal.SIGTERM) is before


def test_output_into_a_closed_pipe_ends_quietly():
    script = f"{sys.executable} -P -m kezhuan help | true"
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=False)
    assert done.stderr == ""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
@pytest.mark.parametrize("buffering", [{}, {"PYTHONUNBUFFERED": "1"}])
@pytest.mark.parametrize("words", [["help"], ["check-contract", "--help"]])
def test_output_that_cannot_be_written_is_told_in_one_sentence(words, buffering):
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"} | buffering
    with open("/dev/full", "w") as full:  # noqa: PTH123
        done = subprocess.run(
            [sys.executable, "-P", "-m", "kezhuan", *words], stdout=full, stderr=subprocess.PIPE, text=True,
            check=False, env=environment,
        )  # fmt: skip
    chinese, english = done.stderr.splitlines()
    assert chinese.startswith("标准输出无法写入（磁盘已满）")
    assert english.startswith("The standard output cannot be written (No space left on device)")
    assert done.returncode == 2


def test_output_that_is_closed_is_no_failure():
    script = f"{sys.executable} -P -m kezhuan help >&-; {sys.executable} -P -m kezhuan mach 2>&-"
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=False)
    # What is wrong is not said among the output.
    assert (done.returncode, done.stdout, done.stderr) == (2, "", "")


@pytest.mark.parametrize(
    ("said", "chinese"),
    [
        ("argument --lang: invalid choice: 'fr' (choose from 'zh', 'en')",
         "参数 --lang：没有 'fr' 这个值，可用：'zh', 'en'"),
        ("argument --top: invalid int value: 'x'", "参数 --top：'x' 不是整数"),
        ("unrecognized arguments: --bogus", "没有这样的参数：--bogus"),
        ("the following arguments are required: kind, FILE", "缺少 kind, FILE"),
        ("argument --out: expected one argument", "参数 --out：后面要有一个值"),
        ("argument --set: expected 3 arguments", "参数 --set：后面要有 3 个值"),
        ("应给出 2 个文件，实际 0 个", "应给出 2 个文件，实际 0 个"),
    ],
)  # fmt: skip
def test_misuse_is_told_in_chinese(said, chinese):
    from kezhuan.config.speech import misuse_in_chinese

    assert misuse_in_chinese(said) == chinese


def test_system_errors_are_told_in_both_languages():
    import errno

    from kezhuan.engines.system_errors import said

    assert said(FileNotFoundError(errno.ENOENT, "No such file or directory")) == (
        "没有这个文件或文件夹",
        "No such file or directory",
    )
    assert said(OSError(errno.ELOOP, "Too many levels")) == ("Too many levels", "Too many levels")
