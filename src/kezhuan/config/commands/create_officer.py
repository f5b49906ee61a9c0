"""`./kezhuan create-officer`: the first account of a real city."""

import argparse
import getpass
import sys

from kezhuan.config.start import bring_up_to_date, start_django


def run(argv: list[str]) -> int:
    """Ask for what was not given and make the account; exit code 2 when something does not hold."""
    parser = argparse.ArgumentParser(prog="./kezhuan create-officer", description=__doc__)
    parser.add_argument("--name")
    parser.add_argument("--email")
    parser.add_argument("--department", help="the government department, for example 广州市科学技术局")
    parser.add_argument("--jurisdiction", default="", help="GB/T 2260 code of a district; empty for the whole city")
    parser.add_argument("--password-stdin", action="store_true", help="read the password from standard input")
    given = parser.parse_args(argv)
    if not start_django() or not bring_up_to_date():
        return 2
    from kezhuan.areas.people.actions import create_officer  # inline: Django must be set up first
    from kezhuan.kernel.errors import Refused

    name = given.name or input("姓名 Name: ")
    email = given.email or input("邮箱 Mail address: ")
    department = given.department or input("单位 Department: ")
    password = sys.stdin.readline().rstrip("\n") if given.password_stdin else getpass.getpass("密码 Password: ")
    try:
        create_officer(
            name=name, email=email, password=password, department=department, jurisdiction=given.jurisdiction
        )
    except Refused as refused:
        for problem in refused.problems:
            print(problem.message, file=sys.stderr)
        return 2
    print(f"账号 {email} 已建立。运行 ./kezhuan serve 后即可登录。")
    return 0
