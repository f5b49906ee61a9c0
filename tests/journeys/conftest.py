"""Journeys start from an empty journal and an empty index."""

from tests.factories.databases import _emptied_journal, _fresh_index

__all__ = ["_emptied_journal", "_fresh_index"]
