"""Forms of approvals, posts and routes."""

import re
from collections.abc import Sequence
from typing import Any

from django import forms
from django.forms import formset_factory
from django.utils.translation import gettext_lazy as _

from kezhuan.kernel.access import Actor
from kezhuan.kernel.documents import Upload
from kezhuan.kernel.history import deputised
from kezhuan.kernel.lifecycle import Move
from kezhuan.kernel.models import Person, Post
from kezhuan.kernel.models.approvals import StepMode
from kezhuan.web.fields import EMPTY, DayField, PersonChoice, long_text, offer

DECLARATION = _("I declare that the files hold no state secret (秘密, 机密, 绝密) and may be kept here.")
NUMBER_HELP = _("For example 穗科〔2026〕12号.")
OPINION_HELP = _("It stands on the sheet (呈批表) as written. Only the offices on the way read it.")


class AskForm(forms.Form):
    """The words that go with the step that is asked for."""

    reason = forms.ChoiceField(label=_("Reason"))
    note = forms.CharField(
        label=_("Note"),
        max_length=5000,
        required=False,
        widget=long_text(3),
        help_text=_("It goes with the step as if you took it yourself."),
    )
    considered = forms.CharField(
        label=_("What else was considered"),
        max_length=5000,
        required=False,
        widget=long_text(3),
        help_text=_(
            "Other ways, and why none of them is asked for. Where evidence of the decision is kept, it holds its hash."
        ),
    )

    def __init__(self, *given: Any, move: Move, row: Any, actor: Actor, **options: Any) -> None:
        super().__init__(*given, **options)
        reasons = move.reasons_for(row, actor)
        choices: Sequence[tuple[str, Any]] = [EMPTY, *reasons]
        offer(self, "reason", choices)
        if not reasons:
            del self.fields["reason"]
        if not move.needs_meeting(row):
            del self.fields["considered"]
        if move.note == "none":
            del self.fields["note"]
        else:
            self.fields["note"].required = move.note == "required"


class SignForm(forms.Form):
    """An opinion, and the document's number where the step gives it."""

    opinion = forms.CharField(
        label=_("Opinion"),
        max_length=5000,
        required=False,
        widget=long_text(4),
        help_text=OPINION_HELP,
    )
    document_no = forms.CharField(label=_("Document number"), max_length=80, required=False, help_text=NUMBER_HELP)

    def __init__(self, *given: Any, numbered: bool, **options: Any) -> None:
        super().__init__(*given, **options)
        if not numbered:
            del self.fields["document_no"]


class ReturnForm(forms.Form):
    """The opinion with which it is returned, and who reads it."""

    opinion = forms.CharField(label=_("Opinion"), max_length=5000, widget=long_text(4))
    to_applicant = forms.BooleanField(
        label=_("The applicant reads this opinion"),
        required=False,
        help_text=_("It then stands in the history of the record. Otherwise only the offices on the way read it."),
    )


class NamesField(forms.CharField):
    """Names separated by commas, 、 or lines; its value is a list."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=5000, widget=long_text(2), **options)

    def clean(self, value: Any) -> list[str]:
        """The names in the order typed."""
        return [name.strip() for name in re.split(r"[,，;；、\n]", super().clean(value) or "") if name.strip()]


class PaperForm(forms.Form):
    """Who signed on paper, when, with which opinion, and the scan."""

    signer = forms.ChoiceField(label=_("Who signed"))
    signed_on = DayField(label=_("Day on the paper"))
    opinion = forms.CharField(
        label=_("Opinion"), max_length=5000, required=False, widget=long_text(3), help_text=OPINION_HELP
    )
    document_no = forms.CharField(label=_("Document number"), max_length=80, required=False, help_text=NUMBER_HELP)
    file = forms.FileField(
        label=_("Scan of the signed sheet"),
        help_text=_("PDF, PNG or JPEG. Of a sheet printed here all pages: their version code is read back."),
    )
    declared_open = forms.BooleanField(label=DECLARATION)

    def __init__(
        self, *given: Any, signers: Sequence[tuple[Person, Person | None]], numbered: bool, **options: Any
    ) -> None:
        super().__init__(*given, **options)
        self.signers = {"-".join(str(one.pk) for one in pair if one is not None): pair for pair in signers}
        offer(self, "signer", [EMPTY, *((key, deputised(*pair)) for key, pair in self.signers.items())])
        if not numbered:
            del self.fields["document_no"]

    def clean_signer(self) -> tuple[Person, Person | None]:
        """Who signed, and of a deputy for whom."""
        return self.signers[self.cleaned_data["signer"]]


class DecisionForm(forms.Form):
    """What a meeting decided: which, when, who was there, and its minutes."""

    meeting = forms.CharField(
        label=_("Meeting"), max_length=200, help_text=_("For example 局长办公会 2026 年第 12 次.")
    )
    held_on = DayField(label=_("Held on"))
    attended = NamesField(label=_("Who attended"), help_text=_("Names separated by 、 or commas."))
    entitled = forms.IntegerField(
        label=_("How many belong to the meeting"),
        min_value=1,
        max_value=200,
        required=False,
    )
    recused = NamesField(
        label=_("Who was recused"),
        required=False,
        help_text=_("They took no part in this item, and sign no later step of it."),
    )
    minutes_no = forms.CharField(
        label=_("Number of the minutes"), max_length=80, help_text=_("For example 〔2026〕12号纪要.")
    )
    opinion = forms.CharField(
        label=_("What was decided"), max_length=5000, required=False, widget=long_text(3), help_text=OPINION_HELP
    )
    document_no = forms.CharField(label=_("Document number"), max_length=80, required=False, help_text=NUMBER_HELP)
    file = forms.FileField(label=_("Scan of the minutes"), help_text=_("PDF, PNG or JPEG."))
    declared_open = forms.BooleanField(label=DECLARATION)

    def __init__(self, *given: Any, numbered: bool, quorum: str, **options: Any) -> None:
        super().__init__(*given, **options)
        self.fields["entitled"].help_text = quorum
        if not numbered:
            del self.fields["document_no"]


def upload_of(form: forms.Form) -> Upload | None:
    """The file of a form with its declaration."""
    file = form.cleaned_data.get("file")
    return Upload(file.name, file.read(), form.cleaned_data["declared_open"]) if file else None


class PostChoice(forms.TypedChoiceField):
    """One of some posts; its value is the post."""

    def __init__(self, posts: Sequence[Post], **options: Any) -> None:
        self.posts = {str(one.pk): one for one in posts}
        choices = [(pk, f"{one.name} · {one.organisation.record.title}") for pk, one in self.posts.items()]
        super().__init__(choices=[EMPTY, *choices], coerce=self._post, empty_value=None, **options)

    def _post(self, typed: Any) -> Post:
        try:
            return self.posts[str(typed)]
        except KeyError:
            raise ValueError(typed) from None  # what Django asks of `coerce`


class AddSignerForm(forms.Form):
    """Which post signs too, and when."""

    place = forms.ChoiceField(
        label=_("When"),
        choices=[("beside", _("beside the step that waits")), ("after", _("directly after it"))],
        widget=forms.RadioSelect,
        initial="beside",
    )
    reason = forms.CharField(label=_("Why"), max_length=500, required=False, widget=long_text(2))

    def __init__(self, *given: Any, posts: Sequence[Post], **options: Any) -> None:
        super().__init__(*given, **options)
        self.fields = {"post": PostChoice(posts, label=_("Signing post")), **self.fields}


class RecuseForm(forms.Form):
    """Who is recused, and why."""

    reason = forms.CharField(label=_("Why"), max_length=500, widget=long_text(2))

    def __init__(self, *given: Any, people: Sequence[Person], **options: Any) -> None:
        super().__init__(*given, **options)
        chosen = PersonChoice(
            people, label=_("Who is recused"), initial=str(people[0].pk) if len(people) == 1 else None
        )
        chosen.required = True
        self.fields = {"person": chosen, **self.fields}


class PostForm(forms.Form):
    """The name of a new post."""

    name = forms.CharField(label=_("Name of a new post"), max_length=80, help_text=_("For example 成果处处长."))


class RouteForm(forms.Form):
    """Which step goes by the route, where, and for which programme."""

    move = forms.ChoiceField(label=_("Step"))
    place = forms.ChoiceField(label=_("Where"))
    programme = forms.ChoiceField(
        label=_("Programme"),
        required=False,
        help_text=_("Only for kinds that belong to several, as notices do: the nearest place counts first."),
    )

    def __init__(
        self,
        *given: Any,
        moves: Sequence[tuple[str, Any]],
        places: Sequence[tuple[str, Any]],
        programmes: Sequence[tuple[str, Any]],
        fixed: bool,
        **options: Any,
    ) -> None:
        super().__init__(*given, **options)
        everything = ("", _("all programmes"))
        for name, choices in (("move", [EMPTY, *moves]), ("place", places), ("programme", [everything, *programmes])):
            offer(self, name, choices)
            self.fields[name].disabled = fixed


class RouteStepForm(forms.Form):
    """One step of a route."""

    position = forms.IntegerField(label=_("Position"), min_value=1, max_value=99)
    mode = forms.ChoiceField(label=_("How it is closed"), choices=StepMode.choices, initial=StepMode.SIGN)
    numbered = forms.BooleanField(label=_("Gives the document number"), required=False)

    def __init__(self, *given: Any, posts: Sequence[Post], **options: Any) -> None:
        super().__init__(*given, **options)
        self.fields = {
            "position": self.fields["position"],
            "post": PostChoice(posts, label=_("Signing post")),
            "mode": self.fields["mode"],
            "numbered": self.fields["numbered"],
        }


RouteSteps = formset_factory(RouteStepForm, extra=0, max_num=20)
