"""Forms of introductions."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from kezhuan.web.fields import DayField


class MeetingForm(forms.Form):
    """When and where the two sides meet, in Shanghai time."""

    on = DayField(label=_("Day"))
    time = forms.TimeField(
        label=_("Begins at"),
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text=_("Shanghai time, for example 14:30."),
    )
    minutes = forms.IntegerField(label=_("Minutes"), min_value=1, max_value=24 * 60, initial=60)
    where = forms.CharField(
        label=_("Meeting place"), max_length=200, help_text=_("An address, a room, or the link of a video meeting.")
    )

    @property
    def at(self) -> datetime:
        """The moment at which it begins."""
        given: dict[str, Any] = self.cleaned_data
        return datetime.combine(given["on"], given["time"], ZoneInfo(settings.TIME_ZONE))
