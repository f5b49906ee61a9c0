"""`./kezhuan create-officer`: the first account of a real city."""

import sys
from collections.abc import Callable

from kezhuan.config.speech import Parser, hidden_word, prefers_english, told
from kezhuan.config.start import bring_up_to_date, start_django


class _NotGiven(Exception):
    """The input ended before an answer; the message names the option that gives it."""

    def __init__(self, option: str) -> None:
        super().__init__(
            told(
                f"输入已结束，未建立账号；请用 {option} 给出这一项。",
                f"The input ended and no account was made; give this with {option}.",
            )
        )


def run(argv: list[str]) -> int:
    """Ask for what was not given and make the account; exit code 2 when something does not hold."""
    given = _parser().parse_args(argv)
    if not start_django() or not bring_up_to_date():
        return 2
    from django.utils import translation  # inline: Django must be set up first

    from kezhuan.areas.people.actions import create_officer
    from kezhuan.kernel.errors import Refused
    from kezhuan.kernel.models.parties import Role

    trouble = _jurisdiction_trouble(given.jurisdiction)
    if trouble:
        print(trouble, file=sys.stderr)
        return 2
    try:
        name = given.name or _asked(input, "姓名：", "Name: ", "--name")
        email = given.email or _asked(input, "邮箱：", "Mail address: ", "--email")
        department = given.department or _asked(input, "单位：", "Department: ", "--department")
        password = (
            sys.stdin.readline().rstrip("\n")
            if given.password_stdin
            else _asked(hidden_word, "密码：", "Password: ", "--password-stdin")
        )
        with translation.override("en" if prefers_english() else "zh-hans"):
            create_officer(
                name=name,
                email=email,
                password=password,
                department=department,
                jurisdiction=given.jurisdiction,
                role=Role.AUDITOR if given.auditor else Role.OFFICER,
            )
    except _NotGiven as ended:
        print(f"\n{ended}", file=sys.stderr)
        return 2
    except Refused as refused:
        for problem in refused.problems:
            print(problem.message, file=sys.stderr)
        return 2
    print(
        told(
            f"账号 {email} 已建立。运行 ./kezhuan serve 后即可登录。",
            f"The account {email} is made. Run ./kezhuan serve and sign in.",
        )
    )
    return 0


def _parser() -> Parser:
    parser = Parser("create-officer", "建立第一位管理人员的账号。", "Make the first officer's account.")
    parser.add_argument("--name", help=told("姓名", "name"))
    parser.add_argument("--email", help=told("邮箱", "mail address"))
    department = told("政府部门，例如 广州市科学技术局", "the government department, for example 广州市科学技术局")
    parser.add_argument("--department", help=department)
    jurisdiction = told("区的行政区划代码；不写即全市", "GB/T 2260 code of a district; none for the whole city")
    parser.add_argument("--jurisdiction", default="", help=jurisdiction)
    auditor = told(
        "审计员：只查看审计日志，不办理业务",
        "an auditor, who reads the audit and decides nothing, in place of an officer",
    )
    parser.add_argument("--auditor", action="store_true", help=auditor)
    stdin = told("从标准输入读取密码", "read the password from standard input")
    parser.add_argument("--password-stdin", action="store_true", help=stdin)
    return parser


def _asked(ask: Callable[[str], str], chinese: str, english: str, option: str) -> str:
    try:
        return ask(told(chinese, english))
    except EOFError:
        raise _NotGiven(option) from None


def _jurisdiction_trouble(code: str) -> str:
    from django.conf import settings  # inline: Django must be set up first

    from kezhuan.kernel.vocabulary import REGIONS

    known = [settings.CITY, *(region for region in REGIONS if region != settings.CITY)]
    if not code or code in known:
        return ""
    return told(
        f"--jurisdiction {code}：没有这个行政区划代码；可用：{'、'.join(known)}。",
        f"--jurisdiction {code}: there is no such region; there are: {', '.join(known)}.",
    )
