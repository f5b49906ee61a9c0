"""The RSS feed of public notices."""

from collections.abc import Iterable
from datetime import date, datetime, time

from django.contrib.syndication.views import Feed
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kezhuan.areas.notices.queries import notices_visible_to
from kezhuan.kernel.access import VISITOR
from kezhuan.kernel.models import Notice
from kezhuan.kernel.text import SHANGHAI

MOST = 50


class NoticeFeed(Feed):  # type: ignore[type-arg]  # takes no types at run time
    """The newest public notices, running and past; what is held inside a unit is in no feed."""

    title = gettext_lazy("Notices")
    link = reverse_lazy("notices")
    description = gettext_lazy("What is laid open before a step is taken, and until when objections are taken.")

    def items(self) -> Iterable[Notice]:
        """As a visitor sees them."""
        return notices_visible_to(VISITOR).order_by("-record_id")[:MOST]

    def item_title(self, item: Notice) -> str:
        """The heading."""
        return str(item.content["heading"])

    def item_description(self, item: Notice) -> str:
        """Until when, and the text."""
        until = item.objections_until
        term = _("Objections are taken until %(day)s.") % {"day": until.isoformat()} if until else ""
        return "\n".join(part for part in (term, item.content["text"]) if part)

    def item_link(self, item: Notice) -> str:
        """The notice's page."""
        return reverse("notice", args=[item.record.code])

    def item_guid(self, item: Notice) -> str:
        """The same for ever, whatever the site is called."""
        return f"urn:uuid:{item.record.uid}"

    item_guid_is_permalink = False

    def item_pubdate(self, item: Notice) -> datetime:
        """The beginning of the day on which it was prepared, in Shanghai."""
        opened: date = item.record.opened_on
        return datetime.combine(opened, time(), SHANGHAI)
