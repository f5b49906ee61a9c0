"""What a form shows besides its fields: problems, groups, rows, answers to check."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.forms import BaseFormSet, BoundField

from kezhuan.web.components.record import Fact
from kezhuan.web.components.words import Text


@dataclass(frozen=True, slots=True)
class ProblemLine:
    """One thing to put right, with the id of the field it stands at, if it stands at one, on this page or another."""

    message: Text
    field_id: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class FormSection:
    """A group of fields under one legend."""

    legend: Text
    fields: tuple[BoundField, ...]
    hint: Text = ""


@dataclass(frozen=True, slots=True)
class FormRows:
    """A table of like rows in a form; rows are added and removed by submit buttons."""

    legend: Text
    formset: BaseFormSet[Any]
    add_label: Text
    hint: Text = ""
    only_if: str = ""


@dataclass(frozen=True, slots=True)
class Answers:
    """A group of answers to check before sending, with the way back to change them."""

    title: Text
    facts: tuple[Fact, ...]
    change_url: str = ""
