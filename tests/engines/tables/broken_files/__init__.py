"""Broken files made on the spot, each with what must be said about it."""

from tests.engines.tables.broken_files import some_rows, whole_files
from tests.engines.tables.broken_files.making import BROKEN, Broken, lower_limits

__all__ = ["BROKEN", "Broken", "lower_limits", "some_rows", "whole_files"]
