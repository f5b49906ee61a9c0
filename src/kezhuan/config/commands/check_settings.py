"""`./kezhuan check-settings`: the settings in force, what must not be served with them, what looks forgotten."""

import os

from kezhuan.config import environment
from kezhuan.config.speech import Parser, told
from kezhuan.config.start import is_up_to_date, start_django

SECRET = ("_KEY", "_TOKEN", "_SECRET", "_PASSWORD", "_URL")
"""Endings of settings whose values are not shown; an address may hold a password."""
SHOWN = "KEZHUAN_SITE_URL"


def run(argv: list[str]) -> int:
    """Print the settings and a sentence for each thing that is wrong; exit code 1 when `serve` would refuse."""
    parser = Parser(
        "check-settings",
        "列出生效的设置，指出对外服务前必须更改的，以及可能遗漏的。",
        "List the settings in force, what must change before the site goes into service, and what looks forgotten.",
    )
    host = told("将要监听的地址（默认 127.0.0.1）", "the address it will listen on (default: 127.0.0.1)")
    parser.add_argument("--host", default="127.0.0.1", help=host)
    plain = told("与 serve 的同名选项相同", "as the option of serve")
    parser.add_argument("--plain-http", action="store_true", help=plain)
    given = parser.parse_args(argv)
    if not start_django() or not is_up_to_date():
        return 2
    from kezhuan.config import readiness  # inline: Django must be set up first

    for name in environment.KNOWN:
        print(f"{name} = {_shown(name)}")
    refusals = readiness.refusals(given.host, plain_http=given.plain_http)
    for sentence in refusals:
        print(f"{told('必须更改', 'must change')}: {sentence}")
    for sentence in readiness.advice(given.host):
        print(f"{told('请留意', 'worth a look')}: {sentence}")
    if not refusals:
        print(told("可以对外服务。", "The site may go into service."))
    return 1 if refusals else 0


def _shown(name: str) -> str:
    value = os.environ.get(name, "").strip()
    if not value:
        return told("（默认）", "(default)")
    return told("（已设置）", "(set)") if name.endswith(SECRET) and name != SHOWN else value
