"""Forms of notices and objections."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kezhuan.kernel.documents import Upload
from kezhuan.kernel.models.notices import ChannelKind, NoticeAudience
from kezhuan.web.fields import DayField, long_text

DECLARATION = _("I declare that the files hold no state secret (秘密, 机密, 绝密) and may be kept here.")


class NoticeChangeForm(forms.Form):
    """Where a notice will stand, and who takes objections: what is changed until it begins."""

    channels = forms.MultipleChoiceField(
        label=_("Where it stands"),
        choices=ChannelKind.choices,
        widget=forms.CheckboxSelectMultiple,
        initial=["site"],
        help_text=_("Every place has its own first and last day; the notice ends with the last of them."),
    )
    reception = forms.CharField(
        label=_("Who takes objections"),
        max_length=1000,
        widget=long_text(3),
        help_text=_("Office, address, telephone, mail; told as written."),
    )


class NoticeForm(NoticeChangeForm):
    """Before whom beside it; what it tells comes from the record, the days from the rulebook."""

    field_order = ("audience",)
    audience = forms.ChoiceField(
        label=_("Laid open before"), choices=NoticeAudience.choices, widget=forms.RadioSelect, initial="public"
    )


class DayForm(forms.Form):
    """A day on which the notice began or ended in a place, with its proof."""

    on = DayField(label=_("Day"))
    address = forms.CharField(
        label=_("Address of the page, or the place"), max_length=500, help_text=_("For example https://… or 公告栏.")
    )
    file = forms.FileField(
        label=_("Screenshot or photograph"), help_text=_("PNG, JPEG or PDF that shows the notice there on that day.")
    )
    declared_open = forms.BooleanField(label=DECLARATION)

    def __init__(self, *given: Any, start: bool, **options: Any) -> None:
        super().__init__(*given, **options)
        if not start:
            del self.fields["address"]


class ObjectionForm(forms.Form):
    """A named objection; `on_paper` asks an officer for the day on which it came in."""

    name = forms.CharField(
        label=_("Your full name"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    unit = forms.CharField(
        label=_("Unit"), max_length=200, required=False, help_text=_("If you object for an organisation.")
    )
    contact = forms.CharField(
        label=_("Telephone or mail"),
        max_length=200,
        help_text=_("Name, unit and contact are seen by the officers in charge alone."),
    )
    text = forms.CharField(
        label=_("What is wrong"), max_length=5000, widget=long_text(8), help_text=_("Facts, and how you know them.")
    )
    received_on = DayField(label=_("Day on which it came in"))
    file = forms.FileField(
        label=_("Evidence"),
        required=False,
        help_text=_("PDF, .docx, .xlsx, .pptx, PNG, JPEG or text, at most 10 MB; without macros."),
    )
    declared_open = forms.BooleanField(label=DECLARATION, required=False)

    def __init__(self, *given: Any, on_paper: bool, **options: Any) -> None:
        super().__init__(*given, **options)
        if not on_paper:
            del self.fields["received_on"]


def upload_of(form: forms.Form) -> Upload | None:
    """The file of a form with its declaration."""
    file = form.cleaned_data.get("file")
    return Upload(file.name, file.read(), form.cleaned_data["declared_open"]) if file else None
