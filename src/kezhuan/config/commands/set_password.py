"""`./kezhuan set-password`: a new password for whoever forgot theirs."""

import sys

from kezhuan.config.speech import Parser, hidden_word, prefers_english, told
from kezhuan.config.start import bring_up_to_date, start_django


def run(argv: list[str]) -> int:
    """Ask for what was not given and set the password; exit code 2 when something does not hold."""
    given = _parser().parse_args(argv)
    if not start_django() or not bring_up_to_date():
        return 2
    from django.utils import translation  # inline: Django must be set up first

    from kezhuan.areas.accounts.account_actions import set_password
    from kezhuan.areas.accounts.factor_actions import remove_all_factors
    from kezhuan.kernel.access import VISITOR
    from kezhuan.kernel.errors import Refused

    try:
        if given.password_stdin:
            password = sys.stdin.readline().rstrip("\n")
        else:
            password = hidden_word(told("新密码：", "New password: "))
        with translation.override("en" if prefers_english() else "zh-hans"):
            user = set_password(email=given.email, password=password)
            if given.remove_factors:
                remove_all_factors(user=user, actor=VISITOR)
    except EOFError:
        zh, en = (
            "输入已结束，密码未改；请用 --password-stdin 给出。",
            "The input ended, nothing was changed; use --password-stdin.",
        )
        print(f"\n{told(zh, en)}", file=sys.stderr)
        return 2
    except Refused as refused:
        for problem in refused.problems:
            print(problem.message, file=sys.stderr)
        return 2
    print(
        told(
            f"账号 {given.email} 的密码已更新；原有登录均已失效。",
            f"The account {given.email} has its new password; whoever was signed in with the old one is signed out.",
        )
    )
    return 0


def _parser() -> Parser:
    parser = Parser("set-password", "为忘记密码的账号设置新密码。", "Give an account a new password.")
    parser.add_argument("--email", required=True, help=told("登录用的邮箱", "the mail address one signs in with"))
    stdin = told("从标准输入读取密码", "read the password from standard input")
    parser.add_argument("--password-stdin", action="store_true", help=stdin)
    lost = told("同时移除身份验证器、通行密钥和恢复码", "also remove authenticator app, passkeys and recovery codes")
    parser.add_argument("--remove-factors", action="store_true", help=lost)
    return parser
