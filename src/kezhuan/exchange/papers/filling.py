"""Word templates: checked so that they can do nothing but stand for values, and filled.

Whatever part of the file is read as a template goes through `_Checking.parse`, which knows a few forms and refuses all
others: there is no call, no arithmetic, no way from a value to anything behind it.
"""

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from docx import Document
from docx.opc.exceptions import PackageNotFoundError
from docxtpl import DocxTemplate
from jinja2 import nodes
from jinja2.exceptions import TemplateError
from jinja2.sandbox import SandboxedEnvironment
from lxml.etree import XMLSyntaxError

from kezhuan.engines.undated import undated
from kezhuan.exchange.papers.fields import LETTER_NAMES, NUMBER, ROWS, names_of, parts
from kezhuan.kernel.errors import Problem, Refused

LARGEST = 2 * 1024 * 1024
"""Bytes of a template."""
LARGEST_INSIDE = 20 * 1024 * 1024
_LOOP = frozenset({"index", "first", "last", "length"})
_PLAIN = (nodes.Template, nodes.Output, nodes.TemplateData, nodes.Const, nodes.If, nodes.Not, nodes.And, nodes.Or,
          nodes.Compare, nodes.Operand)  # fmt: skip
_TAG = re.compile(r"<[^>]*>")
_PARAGRAPH = re.compile(r"<w:p[ >].*?</w:p>", re.DOTALL)


@dataclass
class Used:
    """What a template names: fields of one record, and whether it repeats rows."""

    names: set[str] = field(default_factory=set)
    repeats: bool = False

    @property
    def for_list(self) -> bool:
        """Whether it can be filled from a list: then it names no field of a single record."""
        return self.repeats and self.names <= LETTER_NAMES


def _refuse(code: str, message: str) -> Refused:
    return Refused(Problem(code, message, "file"))


class _Checking(SandboxedEnvironment):
    """Reads templates that hold fields, repeating rows and conditions, and nothing else."""

    def __init__(self, kind: str) -> None:
        super().__init__(autoescape=True)
        self.globals.clear()
        self.filters.clear()
        self.tests.clear()
        self.kind, self.known, self.used = kind, names_of(kind), Used()
        self.rows = dict.fromkeys(ROWS, self.known | frozenset(NUMBER))
        for part in parts():
            row = frozenset((*NUMBER, *(name for one in part.row_fields for name in (one.zh, one.en))))
            self.rows |= dict.fromkeys(part.rows, row)

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        self._look(tree, source, {})
        return tree

    def _look(self, node: nodes.Node, source: str, rows: Mapping[str, frozenset[str]]) -> None:
        if isinstance(node, nodes.For):
            self._look_at_rows(node, source, rows)
            return
        if isinstance(node, nodes.Getattr):
            self._look_at_field_of_row(node, source, rows)
            return
        if isinstance(node, nodes.Name):
            if node.name not in self.known | LETTER_NAMES | (self.rows.keys() - ROWS):
                raise self._unknown(node.name, source)
            self.used.names.add(node.name)
            return
        if not isinstance(node, _PLAIN):
            raise self._not_taken(source, node)
        for child in node.iter_child_nodes():
            self._look(child, source, rows)

    def _look_at_rows(self, node: nodes.For, source: str, rows: Mapping[str, frozenset[str]]) -> None:
        plain = isinstance(node.iter, nodes.Name) and isinstance(node.target, nodes.Name)
        if rows or not plain or node.recursive or node.test is not None:
            raise self._not_taken(source, node)
        name, row = node.iter.name, node.target.name  # type: ignore[attr-defined]  # both are names: `plain`
        if name not in self.rows:
            raise self._unknown(name, source)
        if name in ROWS:
            self.used.repeats = True
        else:
            self.used.names.add(name)
        for child in node.body:
            self._look(child, source, {row: self.rows[name], "loop": _LOOP})
        for child in node.else_:
            self._look(child, source, rows)

    def _look_at_field_of_row(self, node: nodes.Getattr, source: str, rows: Mapping[str, frozenset[str]]) -> None:
        if not isinstance(node.node, nodes.Name) or node.node.name not in rows:
            raise self._not_taken(source, node)
        if node.attr not in rows[node.node.name]:
            raise self._unknown(node.attr, source)

    def _unknown(self, name: str, source: str) -> Refused:
        message = _(
            "The template names “%(name)s” in “%(place)s”, which is no field of this kind; see its list of fields."
        )
        return _refuse("template-field", message % {"name": name, "place": _place(name, source)})

    def _not_taken(self, source: str, node: nodes.Node) -> Refused:
        lines, number = source.splitlines(), node.lineno or 0  # nodes that the parser adds itself stand on no line
        place = _words(lines[number - 1])[:80] if 0 < number <= len(lines) else "{% %}"
        message = _("A template holds fields, repeating rows and conditions only; this is none of them: “%(place)s”.")
        return _refuse("template-form", message % {"place": place})

    def getattr(self, obj: Any, attribute: str) -> Any:
        """A row's value; a row is a mapping, and its own methods are no fields."""
        return obj[attribute] if isinstance(obj, dict) else super().getattr(obj, attribute)


def _words(xml: str) -> str:
    return " ".join(_TAG.sub("", xml).split())


def _place(name: str, source: str) -> str:
    """The words of the paragraph in which a field stands."""
    found = next((one for one in _PARAGRAPH.findall(source) if name in _TAG.sub("", one)), "")
    return _words(found or name)[:80]


def check_template(content: bytes, kind: str) -> Used:
    """What a template names; raises `Refused` for one that is none, names what there is not, or does more than that."""
    _require_small(content)
    environment = _Checking(kind)
    _render(content, environment, _example(environment))
    if not environment.used.names and not environment.used.repeats:
        message = _("The file names no field. Write fields as {{ 名称 }} where values are to stand.")
        raise _refuse("template-empty", message)
    return environment.used


def _example(environment: _Checking) -> dict[str, Any]:
    row = dict.fromkeys((*environment.known, *NUMBER), "例")
    rows = {name: [dict.fromkeys(fields, "例")] * 2 for name, fields in environment.rows.items()}
    return {**row, **dict.fromkeys(LETTER_NAMES, "例"), **rows}


def fill(
    content: bytes,
    kind: str,
    letter: Mapping[str, str],
    rows: Sequence[Mapping[str, str]],
    beside: Mapping[str, Any] | None = None,
) -> bytes:
    """The template with its values: those of the paper, of the first record and what stands beside it, and of all of
    them row by row."""
    first = dict(rows[0]) if len(rows) == 1 else {}
    context = {**first, **letter, **{name: list(rows) for name in ROWS}, **(beside or {})}
    return _render(content, _Checking(kind), context)


def _require_small(content: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        inside = sum(member.file_size for member in archive.infolist())
    if len(content) > LARGEST or inside > LARGEST_INSIDE:
        message = _("A template has at most 2 MB. Take pictures out of it, then send it again.")
        raise _refuse("template-large", message)


def _render(content: bytes, environment: _Checking, context: dict[str, Any]) -> bytes:
    written = io.BytesIO()
    try:
        template = DocxTemplate(io.BytesIO(content))
        template.render(context, jinja_env=environment, autoescape=True)
        template.save(written)
        Document(io.BytesIO(written.getvalue()))
    except TemplateError as problem:
        message = _("A field or a repeating row is not closed, or not written as a template is: %(reason)s.")
        raise _refuse("template-form", message % {"reason": _reason(problem)}) from None
    except (XMLSyntaxError, PackageNotFoundError, KeyError, ValueError, AttributeError) as problem:
        message = _(
            "The file cannot be filled (%(reason)s): a field may not begin in one paragraph and end in another."
        )
        raise _refuse("template-form", message % {"reason": type(problem).__name__}) from None
    return undated(written.getvalue())


def _reason(problem: TemplateError) -> str:
    """The parser's own words, with the place as far as it is known."""
    near = [_words(line) for line in getattr(problem, "docx_context", ())]
    return " ".join(filter(None, (str(problem.message or ""), *(one[:60] for one in near))))[:200]
