"""The area of evidence."""

from django.apps import AppConfig


class EvidenceConfig(AppConfig):
    """Has no kind of its own: the moves of other kinds freeze what was known when they were decided on."""

    name = "kezhuan.areas.evidence"
    label = "evidence"
