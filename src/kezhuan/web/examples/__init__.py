"""Example view models for the style guide: every component once, in the reader's language."""
