"""Keeps the Chinese catalogue in step with the English source strings, with Babel alone: no gettext programs."""

import ast
import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

PACKAGE = Path(__file__).resolve().parents[1]
CATALOGUE = PACKAGE / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"

KEYWORDS = DEFAULT_KEYWORDS | {
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
}

ALIAS = re.compile(rb"\b(n?p?gettext\w*) as (\w+)")
IN_F_STRINGS = re.compile(rb"\{[^{}\n]*\b(_|\w*gettext\w*)\(")
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[sd]|\{\w*\}")


def extract_all(package: Path = PACKAGE) -> Catalog:
    """Every message in the Python sources and Django templates of the package, with the file it stands in."""
    found = Catalog(locale="zh_Hans", charset="utf-8", fuzzy=False)
    for path in sorted(package.rglob("*.py")):
        if "migrations" not in path.parts:
            source, name = path.read_bytes(), path.relative_to(package).as_posix()
            _add(found, source, name)
            if IN_F_STRINGS.search(source):
                _add(found, _said_in_f_strings(source), name)
    for path in sorted([*package.rglob("templates/**/*.html"), *package.rglob("templates/**/*.txt")]):
        _add(found, _template_as_python(path).encode(), path.relative_to(package).as_posix())
    return found


def _said_in_f_strings(source: bytes) -> bytes:
    """What f-strings call, as statements: before Python 3.12 an f-string is one word to whoever reads tokens."""
    values = (one.value for one in ast.walk(ast.parse(source)) if isinstance(one, ast.FormattedValue))
    return "\n".join(map(ast.unparse, values)).encode()


def _template_as_python(path: Path) -> str:
    from django.utils.translation.template import templatize

    # Django turns a template into calls among blanked-out text; inside brackets its indentation means nothing.
    return f"({templatize(path.read_text(encoding='utf-8'), origin=str(path))})"


def _add(found: Catalog, source: bytes, name: str) -> None:
    aliases = {new.decode(): KEYWORDS[old.decode()] for old, new in ALIAS.findall(source)}
    for _line, message, comments, context in extract("python", io.BytesIO(source), keywords=KEYWORDS | aliases):
        if message:
            found.add(message, locations=[(name, 0)], auto_comments=comments, context=context)


def read(path: Path = CATALOGUE) -> Catalog:
    """The catalogue as committed; an empty one when there is none yet."""
    if not path.exists():
        return Catalog(locale="zh_Hans", charset="utf-8", fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale="zh_Hans", abort_invalid=True)


def compiled(catalogue: Catalog) -> bytes:
    """The binary catalogue that Django reads."""
    # The same catalogue gives the same bytes whenever it is compiled.
    catalogue.creation_date = datetime(2000, 1, 1, tzinfo=UTC)
    target = io.BytesIO()
    write_mo(target, catalogue)
    return target.getvalue()


def update(path: Path = CATALOGUE) -> tuple[int, list[str]]:
    """Bring catalogue and compiled file in step with the sources; returns (messages without Chinese, those dropped)."""
    kept, found = read(path), extract_all()
    dropped = [_name(message) for message in _messages(kept) if not _find(found, message)]
    for message in _messages(found):
        old = _find(kept, message)
        if old and isinstance(old.id, type(message.id)):
            message.string = old.string
    found.header_comment = (
        "# Simplified Chinese for Kezhuan. Written by ./kezhuan translations; edit only the msgstr lines."
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    text = io.BytesIO()
    write_po(text, found, width=0, include_lineno=False, sort_output=True, omit_header=False, ignore_obsolete=True)
    # Dates, names and versions in the header would change the file without a reason.
    path.write_bytes(
        re.sub(rb'"(?!Language:|Plural|MIME|Content)[A-Z][A-Za-z-]+: [^"]*"\n', b"", text.getvalue(), count=6)
    )
    path.with_suffix(".mo").write_bytes(compiled(read(path)))
    return sum(not _is_translated(message) for message in _messages(found)), dropped


def faults(path: Path = CATALOGUE) -> list[str]:
    """What is wrong with the catalogue: missing, untranslated, fuzzy, obsolete, or compiled from something else."""
    kept, found = read(path), extract_all()
    wrong = []
    for message in _messages(found):
        have = _find(kept, message)
        if have is None:
            wrong.append(f"not in the catalogue: {_name(message)} ({message.locations[0][0]})")
        elif not _is_translated(have):
            wrong.append(f"without Chinese: {_name(message)} ({message.locations[0][0]})")
    for message in _messages(kept):
        if not _find(found, message):
            wrong.append(f"no longer used: {_name(message)}")
        elif message.fuzzy:
            wrong.append(f"fuzzy: {_name(message)}")
        elif _is_translated(message) and _differs_in_placeholders(message):
            wrong.append(f"other placeholders in Chinese than in English: {_name(message)}")
    wrong += [f"left as obsolete: {message.id}" for message in kept.obsolete.values()]
    binary = path.with_suffix(".mo")
    if not binary.exists() or binary.read_bytes() != compiled(kept):
        wrong.append(f"{binary.name} is not what {path.name} compiles to; run ./kezhuan translations")
    return wrong


def _messages(catalogue: Catalog) -> Iterator[Message]:
    return (message for message in catalogue if message.id)


def _find(catalogue: Catalog, message: Message) -> Message | None:
    return catalogue.get(message.id, message.context)


def _name(message: Message) -> str:
    return repr(message.id if isinstance(message.id, str) else message.id[0])


def _texts(value: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    return (value or "",) if isinstance(value, str | None) else tuple(value)


def _is_translated(message: Message) -> bool:
    return all(_texts(message.string))


def _differs_in_placeholders(message: Message) -> bool:
    # Chinese has one form; it must carry what the English plural carries.
    return sorted(PLACEHOLDER.findall(_texts(message.id)[-1])) != sorted(PLACEHOLDER.findall(_texts(message.string)[0]))
