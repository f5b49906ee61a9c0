"""Finds the system's browser for journeys; none is ever downloaded."""

import shutil


def find() -> str | None:
    """The path of Chromium or Chrome on this machine, if there is one; the one without windows is the quickest."""
    names = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return next(filter(None, map(shutil.which, names)), None)
