"""Rows come and go by buttons, every error leads to its field, answers are carried unchanged."""

from typing import Any

from django import forms
from django.http import QueryDict
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import translation

from kezhuan.web.components import FormRows, FormSection
from kezhuan.web.fields import long_text
from kezhuan.web.forms import carried, changed_rows, problems_of
from kezhuan.web.templatetags.kezhuan import render_field


class Row(forms.Form):
    name = forms.CharField(label="Name")


class Sheet(forms.Form):
    title = forms.CharField(label="Title")
    who = forms.ChoiceField(label="Who", choices=[("a", "A")], widget=forms.RadioSelect)
    projects = forms.MultipleChoiceField(label="Projects", choices=[], widget=forms.CheckboxSelectMultiple)


Rows = forms.formset_factory(Row, extra=0)


def posted(**fields: str) -> QueryDict:
    query = QueryDict(mutable=True)
    query.update({name.replace("__", "-"): value for name, value in fields.items()})
    return query


def test_rows_grow_by_one_when_asked() -> None:
    changed = changed_rows(posted(rows__TOTAL_FORMS="1", rows__0__name="Ra", add_row="rows"), lambda rows: ["core"])
    assert changed is not None
    assert (changed.get("rows-0-core"), changed["rows-1-core"]) == (None, "on")  # ticked from the start
    assert changed["rows-TOTAL_FORMS"] == "2"
    assert changed["rows-0-name"] == "Ra"


def test_rows_close_the_gap_when_one_is_removed() -> None:
    changed = changed_rows(
        posted(rows__TOTAL_FORMS="3", rows__0__name="a", rows__1__name="b", rows__2__name="c", remove_row="rows-1")
    )
    assert changed is not None
    assert [changed.get(f"rows-{n}-name") for n in range(3)] == ["a", "c", None]
    assert changed["rows-TOTAL_FORMS"] == "2"


def test_rows_stay_when_no_row_button_was_pressed() -> None:
    assert changed_rows(posted(rows__TOTAL_FORMS="1")) is None
    assert changed_rows(posted(remove_row="nonsense")) is None


def test_rows_of_a_nonsense_total_start_again() -> None:
    changed = changed_rows(posted(rows__TOTAL_FORMS="x", add_row="rows"))
    assert changed is not None
    assert changed["rows-TOTAL_FORMS"] == "1"


def test_problems_lead_to_their_fields() -> None:
    sheet = Sheet({"title": ""})
    rows = Rows({"rows-TOTAL_FORMS": "1", "rows-INITIAL_FORMS": "0"}, prefix="rows")
    rows.forms[0].empty_permitted = False
    with translation.override("en"):
        found = [(str(problem.message), problem.field_id) for problem in problems_of(sheet, rows)]
    assert found == [
        ("Title: This field is required.", "id_title"),
        ("Who: This field is required.", "id_who_0"),
        ("Projects: This field is required.", "id_projects"),
        ("Row 1: Name: This field is required.", "id_rows-0-name"),
    ]


def test_a_problem_in_a_row_names_its_table_where_there_are_several() -> None:
    ends = {f"{name}-{one}": "1" for name in ("who", "what") for one in ("TOTAL_FORMS", "INITIAL_FORMS")}
    who, what = (Rows({**ends, f"{other}-0-name": "x"}, prefix=name) for name, other in (("who", "what"), ("what", "")))
    with translation.override("en"):
        several = problems_of(Row({"name": "x"}), who, what, legends=("Who may apply", "Criteria"))
        alone = problems_of(Row({"name": "x"}), who, legends=("Who may apply",))
    assert [one.message for one in several] == [
        "Who may apply, row 1: Name: This field is required.",
        "Criteria, row 1: Name: This field is required.",
    ]
    assert [one.message for one in alone] == ["Row 1: Name: This field is required."]


class Proposal(forms.Form):
    reason_1 = forms.CharField(label="Why")
    reason_2 = forms.CharField(label="Why")
    meets = forms.CharField(label="Does it meet the book?")
    open = forms.BooleanField(label="I declare it open.")

    @property
    def sections(self) -> tuple[FormSection, ...]:
        return (
            FormSection("K-1", (self["reason_1"],)),
            FormSection("K-2", (self["reason_2"],)),
            FormSection("Rest", (self["meets"], self["open"])),
        )


def test_a_problem_names_its_group_where_labels_are_alike_and_reads_as_a_sentence() -> None:
    with translation.override("en"):
        found = [problem.message for problem in problems_of(Proposal({"reason_1": ""}))]
    assert found == [
        "K-1: Why: This field is required.",
        "K-2: Why: This field is required.",
        "Does it meet the book? This field is required.",
        "I declare it open: This field is required.",
    ]


def test_a_row_that_comes_or_goes_leads_to_where_it_stands_and_a_refused_form_to_its_problems() -> None:
    rows = Rows({"rows-TOTAL_FORMS": "2", "rows-INITIAL_FORMS": "0"}, prefix="rows")
    request = RequestFactory().get("/calls/new/?template=challenge")
    shown: dict[str, Any] = {"form": Row(), "rows": [FormRows("Rows", rows, "Add a row")], "request": request}
    html = render_to_string("form.html", shown)
    assert 'value="rows" formaction="#rows-2"' in html  # where the new one will stand
    assert 'value="rows-0" formaction="#rows-0"' in html  # where the next one moves to
    assert 'value="rows-1" formaction="#id_rows"' in html
    assert [f'id="rows-{number}"' in html for number in range(3)] == [True, True, False]
    assert 'action="/calls/new/?template=challenge">' in html  # the address without the row
    # A warning stands on top of the page: whoever adds a row is to see it.
    assert 'id="rows-1"' not in render_to_string("form.html", {**shown, "messages": ["gone"]})
    assert 'formaction="/b/#rows-2"' in render_to_string("form.html", {**shown, "action_url": "/b/"})


def test_problem_targets_exist_on_the_page() -> None:
    sheet = Sheet({"title": ""})
    html = render_to_string("form.html", {"form": sheet, "problems": problems_of(sheet)})
    for problem in problems_of(sheet):
        assert f'href="#{problem.field_id}"' in html
        assert html.count(f'id="{problem.field_id}"') == 1


def test_form_ties_hint_and_error_to_the_field() -> None:
    sheet = Sheet({"title": ""})
    sheet.fields["title"].help_text = "one line"
    html = render_to_string("form.html", {"form": sheet})
    assert 'aria-describedby="id_title_helptext id_title_error"' in html
    assert 'id="id_title_helptext"' in html
    assert 'id="id_title_error"' in html


def test_form_drawn_quietly_shows_no_error() -> None:
    sheet = Sheet({"title": ""})
    html = render_to_string("form.html", {"form": sheet, "problems": problems_of(sheet), "quiet": True})
    assert "problems" not in html
    assert 'class="wrong"' not in html


def test_answers_are_carried_without_buttons_and_token() -> None:
    query = posted(title="x", csrfmiddlewaretoken="t", step="send", add_row="rows")
    query.setlist("modes", ["a", "b"])
    assert carried(query, leave=("title",)) == (("modes", "a"), ("modes", "b"))


def test_long_texts_of_a_row_have_its_whole_width() -> None:
    class Asked(forms.Form):
        words = forms.CharField(widget=long_text(2))
        most = forms.IntegerField()

    drawn = [render_to_string("components/field.html", render_field(field)) for field in Asked()]
    assert ['class="field wide"' in one for one in drawn] == [True, False]


class Declared(forms.Form):
    plain = forms.BooleanField(label="I declare that the file holds no state secret.")
    own = forms.BooleanField(label="I have read it.", error_messages={"required": "Say that you have read it."})


def test_a_declaration_is_named_where_its_problem_says_no_more_than_that_it_is_asked_for() -> None:
    with translation.override("en"):
        told = [one.message for one in problems_of(Declared({}))]
    assert told == [
        "I declare that the file holds no state secret: This field is required.",
        "Say that you have read it.",
    ]
