"""What form pages share: one list of problems, rows that come and go without a script, answers carried along."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import zip_longest
from typing import Any

from django.forms import BaseForm, BaseFormSet, BoundField, ChoiceField, Field
from django.http import QueryDict
from django.utils.translation import gettext

from kezhuan.web.components import FormSection, ProblemLine
from kezhuan.web.query import whole_number

ADD_ROW = "add_row"
REMOVE_ROW = "remove_row"
NOT_CARRIED = frozenset({"csrfmiddlewaretoken", ADD_ROW, REMOVE_ROW, "step"})


def problems_of(
    form: BaseForm, *formsets: "BaseFormSet[Any]", legends: Sequence[object] = ()
) -> tuple[ProblemLine, ...]:
    """Every error of a form and its formsets, each with the id of the field it stands at. Of several formsets the
    `legends` name the one whose row it is."""
    found, several = _form_problems(form), len(formsets) > 1
    for formset, legend in zip_longest(formsets, legends):
        found += [ProblemLine(str(message), f"id_{formset.prefix}") for message in formset.non_form_errors()]
        rows = gettext("%(table)s, row %(number)s: %(problem)s") if several and legend else ""
        told = rows or gettext("Row %(number)s: %(problem)s")
        for number, row in enumerate(formset.forms, 1):
            found += [
                ProblemLine(told % {"table": legend, "number": number, "problem": one.message}, one.field_id)
                for one in _form_problems(row)
            ]
    return tuple(found)


def _form_problems(form: BaseForm) -> list[ProblemLine]:
    found, legends = [ProblemLine(str(message)) for message in form.non_field_errors()], _legends(form)
    for field in form:
        for message in field.errors:
            told = _told(str(field.label), str(message))
            if field.name in legends:
                told = gettext("%(field)s: %(problem)s") % {"field": legends[field.name], "problem": told}
            found.append(ProblemLine(told, target_of(field)))
    return found


def _legends(form: BaseForm) -> dict[str, str]:
    """Of fields that have their label in common with others of their form, the legend of their group."""
    if not form.errors:
        return {}
    labels = Counter(str(field.label) for field in form)
    groups: Iterable[FormSection] = getattr(form, "sections", ())
    return {field.name: str(one.legend) for one in groups for field in one.fields if labels[str(field.label)] > 1}


def _told(label: str, message: str) -> str:
    """A field's problem behind its label; a declaration is a sentence of its own, and its problem names it, but where
    it says no more than that something is asked for."""
    if label.endswith((".", "。")):
        if message != str(Field.default_error_messages["required"]):
            return message
        label = label.rstrip(".。")
    if label.endswith(("?", "？")):
        return gettext("%(question)s %(problem)s") % {"question": label, "problem": message}
    return gettext("%(field)s: %(problem)s") % {"field": label, "problem": message}


def target_of(field: BoundField) -> str:
    """The id of the element that a link to the field leads to; of a choice of several the first, if there is any."""
    choices = field.subwidgets if field.use_fieldset else []
    target = choices[0].id_for_label if choices else field.id_for_label
    return str(target or field.auto_id or "")


def changed_rows(posted: QueryDict, ticked: Callable[[str], Iterable[str]] = lambda _rows: ()) -> QueryDict | None:
    """The posted fields with a row added or removed when such a button was pressed, else None. `ticked` names the boxes
    that are ticked in a new row of these rows.

    The page then draws its form from them with ``quiet=True``: nobody has asked for a verdict yet.
    """
    if added := posted.get(ADD_ROW):
        changed = posted.copy()
        fresh = _rows(posted, added)
        changed[f"{added}-TOTAL_FORMS"] = str(fresh + 1)
        for name in ticked(added):
            changed[f"{added}-{fresh}-{name}"] = "on"
        return changed
    if removed := posted.get(REMOVE_ROW):
        prefix, _, number = removed.rpartition("-")
        row = whole_number(number, -1)
        if prefix and row >= 0:
            return _without_row(posted, prefix, row)
    return None


def _rows(posted: QueryDict, prefix: str) -> int:
    return whole_number(posted.get(f"{prefix}-TOTAL_FORMS", ""), 0)


def _without_row(posted: QueryDict, prefix: str, number: int) -> QueryDict:
    """Drop one row's fields and move the rows after it up."""
    changed = posted.copy()
    pattern = re.compile(rf"^{re.escape(prefix)}-(\d+)-(.+)$")
    for name in list(changed):
        if (found := pattern.match(name)) and int(found[1]) >= number:
            values = changed.pop(name)
            if int(found[1]) > number:
                changed.setlist(f"{prefix}-{int(found[1]) - 1}-{found[2]}", values)
    changed[f"{prefix}-TOTAL_FORMS"] = str(max(0, _rows(posted, prefix) - 1))
    return changed


def without_blank_rows(posted: QueryDict, rows: Mapping[str, "BaseFormSet[Any]"]) -> QueryDict:
    """The posted fields without the rows in which nothing is typed; one that stood like this before stays."""
    for prefix, formset in rows.items():
        for number in reversed(range(len(formset.forms))):
            row = formset.forms[number]
            stood = row.initial and not row.has_changed()
            if not stood and all(_is_untouched(field) for field in row):
                posted = _without_row(posted, prefix, number)
    return posted


def _is_untouched(field: BoundField) -> bool:
    """Whether a field of a row is empty, or a choice as the page first shows it."""
    shown = field.field.initial
    if shown is None and isinstance(field.field, ChoiceField):
        shown = next((key for key, _label in field.field.widget.choices), None)
    return str(field.value() or "").strip() in {"", str(shown)}


def carried(posted: QueryDict, leave: Iterable[str] = ()) -> tuple[tuple[str, str], ...]:
    """The posted (name, value) pairs that a check-your-answers page hands on as hidden fields."""
    left = NOT_CARRIED | set(leave)
    return tuple((name, str(value)) for name, values in posted.lists() if name not in left for value in values)
