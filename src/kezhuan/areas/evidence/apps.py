"""The area of evidence."""

from django.apps import AppConfig


class EvidenceConfig(AppConfig):
    """Has no kind of its own: records of others are decided on, and their moves freeze what was known."""

    name = "kezhuan.areas.evidence"
    label = "evidence"
