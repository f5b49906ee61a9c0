"""Registers notices and objections with the kernel."""

from django.utils.translation import gettext_lazy as _

from kezhuan.areas.notices.lifecycle import NOTICE, OBJECTION
from kezhuan.areas.notices.queries import notice_documents
from kezhuan.kernel import registry
from kezhuan.kernel.models import Notice, Objection


def register() -> None:
    """Called once when Django has loaded the models."""
    registry.register(
        registry.Kind(
            slug="notice",
            label=_("notice"),
            plural=_("notices"),
            model=Notice,
            lifecycle=NOTICE,
            page="notice",
            list_page="notices",
            documents=notice_documents,
        )
    )
    registry.register(
        registry.Kind(
            slug="objection",
            label=_("objection"),
            plural=_("objections"),
            model=Objection,
            lifecycle=OBJECTION,
            page="objection",
        )
    )
