"""Finds the command a person named on the command line and runs it, importing only what that command needs."""

import contextlib
import difflib
import importlib
import io
import os
import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from kezhuan import __version__
from kezhuan.config.environment import BadSetting
from kezhuan.config.speech import prefers_english
from kezhuan.config.start import database_trouble
from kezhuan.engines.system_errors import said


@dataclass(frozen=True)
class Command:
    """The module in `commands` whose `run(argv) -> int` does the work, and a line of help in each language."""

    module: str
    chinese: str
    english: str


COMMANDS = {
    "demo": Command("demo", "搭建示范城市并在本机打开", "build the invented demo city and serve it here"),
    "match": Command("match", "为需求匹配成果，并逐条说明理由", "rank supply for needs, with reasons"),
    "assign": Command(
        "assign", "为项目分配评审专家，或指出为何不能", "assign experts to items, or say what makes it impossible"
    ),
    "income": Command(
        "income",
        "计算一笔转化收入的分配，每个数字附依据",
        "distribute the income of an achievement, each figure with its source",
    ),
    "check-contract": Command(
        "check_contract",
        "检查技术合同登记表或整个台账，提示风险",
        "check a technology contract's registration form or a register",
    ),
    "create-officer": Command("create_officer", "建立第一位管理人员账号", "create the first officer's account"),
    "set-password": Command("set_password", "为忘记密码的账号设置新密码", "give an account a new password"),
    "personal-data": Command(
        "personal_data",
        "导出系统中关于某人的全部数据",
        "all that is held of a person, as one file",
    ),
    "check-settings": Command(
        "check_settings",
        "列出生效的设置，指出不能对外服务的设置",
        "list the settings in force, and name those that must not go into service",
    ),
    "serve": Command("serve", "启动网站", "run the web site"),
    "work": Command("work", "处理后台任务，可在多台机器上运行", "do background jobs; may run on several machines"),
    "import": Command(
        "import_",
        "从表格导入成果、需求、团队、单位、内部材料或技术合同",
        "load achievements, needs, teams, organisations, dossiers or technology contracts",
    ),
    "template": Command("template", "写出可填写的导入模板", "write a workbook to fill in and import"),
    "imports": Command("imports", "列出已做的导入", "list the imports made so far"),
    "undo-import": Command("undo_import", "整体撤销一次导入", "take an import back as one action"),
    "load-calendar": Command("load_calendar", "载入一年的节假日与调休", "load a year's holidays and make-up workdays"),
    "rebuild-index": Command("rebuild_index", "由数据库重建检索索引", "rebuild the search index from the database"),
    "train": Command("train", "训练跨语言匹配", "teach matching across languages"),
    "migrate": Command("migrate", "升级数据库结构", "bring the database up to this version"),
    "verify": Command(
        "verify",
        "核对日志链、触发器、索引、已存文件与证据卷",
        "check the journal's chain, its triggers, the index, the stored files and evidence files",
    ),
    "verify-package": Command(
        "verify_package",
        "核对签名证据包，无需服务器",
        "check a signed package of evidence, without a server",
    ),
    "audit": Command("audit", "导出一个月的审计日志（CSV）", "write a month of the journal as CSV"),
    "check-database": Command(
        "check_database",
        "检查 PostgreSQL 或兼容数据库是否可用",
        "try whether a PostgreSQL or a database compatible with it can be used",
    ),
    "backup": Command("backup", "把整个系统备份为一个文件", "put the whole system into one file"),
    "restore": Command("restore", "核对备份并恢复", "check a backup and put it back"),
    "copy-database": Command(
        "copy_database",
        "把数据库复制到 PostgreSQL（或复制回来）",
        "copy the database to PostgreSQL, or back",
    ),
    "bundle": Command("bundle", "制作可离线安装的压缩包", "write one archive that installs without network"),
    "test": Command("test", "运行测试", "run the tests"),
    "prove": Command("prove", "运行长时间的证明，逐项给出数字", "run the long proofs, each printing its figure"),
    "bench": Command("bench", "与同类软件比较匹配质量", "compare the matching engine with its peers"),
    "check": Command(
        "check", "检查格式、类型、分层、迁移、翻译与文档", "check format, types, layers, migrations, translations, docs"
    ),
    "translations": Command("translations", "提取并编译界面翻译", "extract and compile translations"),
}


_NEAR = 0.7
"""Least likeness of a word to the one that is meant: export is not import."""


def main(argv: list[str]) -> int:
    """Run one command and return its exit code: 0 done, 1 failed, 2 unusable input, 3 impossible, 130 interrupted."""
    _watch_output()
    try:
        with _terminated_as_interrupted():
            code = _run(argv)
        if sys.stdout is not None:
            sys.stdout.flush()  # here, where a reader that has gone away is expected
        return code
    except BadSetting as problem:
        print(problem, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(file=sys.stderr)
        return 130
    except BrokenPipeError:
        _drop_output()  # the reader, such as `head`, has seen enough
        return 0
    except OutputLost as lost:
        _drop_output()
        print(lost.say(), file=sys.stderr)
        return 2
    except Exception as problem:
        sentence = database_trouble(problem)
        if not sentence:
            raise
        print(sentence, file=sys.stderr)
        return 2


@contextlib.contextmanager
def _terminated_as_interrupted() -> Iterator[None]:
    """SIGTERM ends a command as Ctrl+C does: what it holds is let go, and no file is left half written."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


class OutputLost(Exception):
    """What was printed could not be written: the disk is full, the device is gone."""

    def __init__(self, problem: OSError) -> None:
        super().__init__(problem)
        self.problem = problem

    def say(self) -> str:
        """One sentence in each language."""
        chinese, english = said(self.problem)
        return (
            f"标准输出无法写入（{chinese}），内容没有显示完；命令已完成的部分仍然有效，请换一个输出位置。\n"
            f"The standard output cannot be written ({english}), so not all is shown; what the command did stands."
            " Send the output elsewhere."
        )


class _StandardOutput(io.FileIO):
    """The standard output, which tells its own failures from those of other files."""

    def write(self, data: Any) -> int:
        try:
            return super().write(data)
        except BrokenPipeError:
            raise
        except OSError as problem:
            raise OutputLost(problem) from None


def _watch_output() -> None:
    if sys.stderr is None:  # closed by whoever started this: what is said then goes nowhere, and not among the output
        sys.stderr = os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8")
    out = sys.stdout
    if isinstance(out, io.TextIOWrapper) and out is sys.__stdout__:
        at_once = out.line_buffering or out.write_through
        raw = io.BufferedWriter(_StandardOutput(out.fileno(), "wb", closefd=False))
        sys.stdout = io.TextIOWrapper(raw, out.encoding, out.errors, line_buffering=at_once)


def _drop_output() -> None:
    """What is left must not be written again when the program ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _run(argv: list[str]) -> int:
    name, rest = (argv[0], argv[1:]) if argv else ("help", [])
    if name in {"help", "--help", "-h"}:
        print(overview())
        return 0
    if name in {"version", "--version", "-V"}:
        print(f"kezhuan {__version__}")
        return 0
    if name not in COMMANDS:
        print(unknown(name), file=sys.stderr)
        return 2
    module = importlib.import_module(f"kezhuan.config.commands.{COMMANDS[name].module}")
    try:
        code: int = module.run(rest)
    except SystemExit as done:  # help was asked for, or the arguments are wrong
        return done.code if isinstance(done.code, int) else int(done.code is not None)
    return code


def overview() -> str:
    """The list of commands with one line each, in the language of the terminal."""
    english = prefers_english()
    usage = "Usage: ./kezhuan COMMAND …" if english else "用法：./kezhuan 命令 …"
    more = "./kezhuan COMMAND --help tells more." if english else "./kezhuan 命令 --help 查看详情。"
    lines = [f"  {name:<15} {entry.english if english else entry.chinese}" for name, entry in COMMANDS.items()]
    return "\n".join([usage, "", *lines, "", more])


def unknown(name: str) -> str:
    """One sentence in each language for a word that is no command, with the nearest ones."""
    # By its name or by a word of it: calender is load-calendar, and nosuch is nothing like bench.
    words: dict[str, list[str]] = {}
    for command in COMMANDS:
        for word in {command, *command.split("-")}:
            words.setdefault(word, []).append(command)
    near = difflib.get_close_matches(name, words, n=3, cutoff=_NEAR)
    close = list(dict.fromkeys(command for word in near for command in words[word]))[:3]
    names = "、".join(close), ", ".join(close)
    chinese = f"没有“{name}”这个命令" + (f"，是否想用 {names[0]}？" if close else "，./kezhuan help 列出全部命令。")
    english = f"There is no command “{name}”" + (
        f"; did you mean {names[1]}?" if close else "; ./kezhuan help lists them."
    )
    return f"{chinese}\n{english}"
