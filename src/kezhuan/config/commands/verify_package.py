"""`./kezhuan verify-package FILE`: check a signed package of evidence; no server and no database."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from kezhuan.config.speech import Parser, prefers_english, told
from kezhuan.engines.findings import Language
from kezhuan.engines.system_errors import said


def run(argv: list[str]) -> int:
    """Return 0 when the package is as it was signed, 1 when it is not, 2 for a file or key that cannot be read."""
    options = _parser().parse_args(argv)
    from kezhuan.engines.findings import Unfit
    from kezhuan.engines.packages import check_package

    try:
        public = _public(options.key)
        content = Path(options.file).read_bytes()
    except OSError as problem:
        chinese, english = said(problem)
        print(told(f"{problem.filename}：{chinese}", f"{problem.filename}: {english}"), file=sys.stderr)
        return 2
    except ValueError:
        print(
            told(
                "--key：不是 Ed25519 公钥；请给出 Base64 或 PEM 文件。",
                "--key: no Ed25519 public key; give it as Base64 or as a PEM file.",
            ),
            file=sys.stderr,
        )
        return 2
    try:
        checked = check_package(content, public)
    except Unfit as unfit:
        language: Language = "en" if prefers_english() else "zh"
        if options.json:
            found = [{"code": one.code, "message": one.say(language)} for one in unfit.findings]
            print(json.dumps({"sound": False, "findings": found}, ensure_ascii=False, indent=2))
        else:
            print("\n".join(one.say(language) for one in unfit.findings))
        return 1
    if options.json:
        shown = {"sound": True, "key": checked.public, "key_given": bool(public), "manifest": checked.manifest}
        print(json.dumps(shown, ensure_ascii=False, indent=2))
        return 0
    number = len(checked.manifest["files"])
    print(told(f"签名有效，{number} 份文件与清单一致。", f"The signature holds; {number} files agree with the list."))
    print(told(f"签名公钥：{checked.public}", f"Signed by the key: {checked.public}"))
    if not public:
        print(
            told(
                "未给 --key：请把这一公钥与签发网站“签名公钥”页公布的核对。",
                "No --key was given: compare this key with those that the site publishes on its page of signing keys.",
            )
        )
    return 0


def _public(text: str) -> str:
    from kezhuan.engines.packages import read_public

    if not text:
        return ""
    path = Path(text)
    is_file = len(text) < 1_000 and path.is_file()
    return read_public(path.read_text(encoding="ascii", errors="replace") if is_file else text)


def _parser() -> Parser:
    parser = Parser(
        "verify-package",
        "核对签名证据包：清单的签名、公钥和每份文件的 SHA-256；无需服务器和数据库。"
        "退出码：0 与签名时一致，1 有改动，2 文件或公钥读不出。",
        "Check a signed package of evidence: the signature of its list, the key, and the SHA-256 of each file; no"
        " server and no database. Exit code: 0 as it was signed, 1 something was changed, 2 a file or"
        " key cannot be read.",
    )
    parser.add_argument("file", metavar="FILE", help=told("签名证据包（.zip）", "the signed package (.zip)"))
    parser.add_argument(
        "--key",
        default="",
        metavar="PUB",
        help=told(
            "签发网站公布的公钥：Base64 或 PEM 文件", "the public key that the site publishes: Base64 or a PEM file"
        ),
    )
    parser.add_argument("--json", action="store_true", help=told("以 JSON 输出", "as JSON"))
    return parser
