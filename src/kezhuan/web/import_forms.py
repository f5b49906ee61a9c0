"""Forms of importing in the browser: the file, and how it is to be read."""

from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kezhuan.engines.tables.looking import Look
from kezhuan.exchange.kinds import Importable
from kezhuan.exchange.permissions import kinds_importable_by
from kezhuan.kernel import registry
from kezhuan.kernel.access import Actor
from kezhuan.web.fields import offer

KEPT = "kept"
"""Chosen for a header that stands for no column: its cells are kept with the record under it."""
MOST_HEADERS = 200
"""Headers that can be mapped by hand; what lies beyond is read as it is recognised."""
TOLD_APART = (
    ("id", gettext_lazy("their number, or where a row has none by their words")),
    ("title", gettext_lazy("their title")),
)
"""By what records are told apart; each kind adds columns of its own."""
SAMPLES = 3
"""Values of a column that are shown beside its header."""


class UploadForm(forms.Form):
    """A file with rows, what they are, and the declaration that goes with it."""

    kind = forms.ChoiceField(label=gettext_lazy("What the rows are"))
    file = forms.FileField(
        label=gettext_lazy("File"), help_text=gettext_lazy(".xlsx, .csv, .tsv or .jsonl, at most 50 MB.")
    )
    declared_open = forms.BooleanField(
        label=gettext_lazy("I declare that this file holds no state secret (秘密, 机密, 绝密) and may be kept here."),
        error_messages={"required": gettext_lazy("Declare that the file holds no state secret, then send it again.")},
    )

    def __init__(self, *arguments: Any, actor: Actor, **more: Any) -> None:
        super().__init__(*arguments, **more)
        choices = [(slug, capfirst(str(registry.kind_of(slug).plural))) for slug in kinds_importable_by(actor)]
        offer(self, "kind", choices)


class ReadingForm(forms.Form):
    """What happens to rows whose record is there already, and whose the records become."""

    on_match = forms.ChoiceField(
        label=gettext_lazy("When a record is there already"),
        choices=[
            ("update", gettext_lazy("update it")),
            ("forbid", gettext_lazy("leave the row out")),
            ("create", gettext_lazy("make another one")),
        ],
        widget=forms.RadioSelect,
        initial="update",
    )
    match_key = forms.ChoiceField(
        label=gettext_lazy("Records are told apart by"),
        choices=TOLD_APART,
        widget=forms.RadioSelect,
        initial="id",
    )
    owner = forms.CharField(
        label=gettext_lazy("Owner of all rows"),
        required=False,
        max_length=200,
        help_text=gettext_lazy(
            "Full name or credit code of a registered organisation; leave it empty when the rows name their own."
        ),
    )

    reason = forms.CharField(
        label=gettext_lazy("Reason for entering afterwards (补录)"),
        required=False,
        max_length=400,
        help_text=gettext_lazy(
            "Needed where records enter beyond a step that goes by an approval or after a notice; it stands in the"
            " journal with the file's name."
        ),
    )

    def __init__(self, *arguments: Any, kind: Importable[Any], is_inner: bool, look: Look, **more: Any) -> None:
        super().__init__(*arguments, **more)
        if is_inner:
            del self.fields["reason"]  # members bring drafts
        if is_inner or kind.own_themselves:
            del self.fields["owner"]  # members bring what is their organisation's
        keys = ((name, kind.header_of(name)) for name in kind.match_keys)
        offer(self, "match_key", [*TOLD_APART, *keys])
        choices: list[tuple[str, Any]] = [(KEPT, gettext_lazy("(kept as a further column)"))]
        choices += [(one.name, one.header) for one in kind.sheet.columns if one.column is not None]
        self.headers = look.headers[:MOST_HEADERS]
        for place, header in enumerate(self.headers):
            self.fields[f"map-{place}"] = forms.ChoiceField(
                label=header,
                choices=choices,
                initial=look.taken_for.get(header, KEPT),
                help_text=" · ".join([row[place] for row in look.rows if row[place]][:SAMPLES]),
            )

    @property
    def mapping(self) -> dict[str, str]:
        """What each header was chosen to be; an empty name for one that is kept as it is."""
        chosen = {header: self.cleaned_data[f"map-{place}"] for place, header in enumerate(self.headers)}
        return {header: "" if name == KEPT else name for header, name in chosen.items()}

    @property
    def columns(self) -> list[forms.BoundField]:
        """The choices of columns, in the order of the file."""
        return [self[f"map-{place}"] for place in range(len(self.headers))]

    def clean(self) -> dict[str, Any]:
        """Two headers for one column would leave one of them out without a word."""
        cleaned: dict[str, Any] = super().clean() or {}
        chosen: dict[str, str] = {}
        for place, header in enumerate(self.headers):
            name = cleaned.get(f"map-{place}", KEPT)
            if name != KEPT and name in chosen:
                message = _("“%(first)s” is taken for this column already; choose it for one of the two.")
                self.add_error(f"map-{place}", message % {"first": chosen[name]})
            elif name != KEPT:
                chosen[name] = header
        return cleaned
