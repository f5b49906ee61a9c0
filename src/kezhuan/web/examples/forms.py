"""An example form with every sort of field."""

from typing import Any

from django import forms

from kezhuan.web import components as c
from kezhuan.web.examples.words import say
from kezhuan.web.forms import problems_of


class ExampleForm(forms.Form):
    """Every sort of field."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, forms.Field] = {
            "title": forms.CharField(
                label=say("名称", "Title"),
                max_length=80,
                help_text=say(
                    "一句话说清要解决什么，不写单位名称。", "One line on what is to be solved, without the firm’s name."
                ),
            ),
            "text": forms.CharField(label=say("需求描述", "Description"), widget=forms.Textarea(attrs={"rows": 5})),
            "budget": forms.DecimalField(
                label=say("预算（万元）", "Budget (10,000 CNY)"),
                required=False,
                max_digits=16,
                decimal_places=6,
                help_text=say("最多六位小数。", "At most six decimals."),
            ),
            "deadline": forms.DateField(
                label=say("期限", "Deadline"), widget=forms.DateInput(attrs={"type": "date"}), required=False
            ),
            "field": forms.ChoiceField(
                label=say("技术领域", "Field"),
                choices=[
                    ("", "—"),
                    ("electronics", say("电子信息", "Electronics")),
                    ("materials", say("新材料及其应用", "New materials")),
                ],
            ),
            "confidentiality": forms.ChoiceField(
                label=say("公开范围", "Who may see it"),
                widget=forms.RadioSelect,
                choices=[
                    ("public", say("公开", "Public")),
                    ("title_only", say("仅公开名称", "Title only")),
                    ("closed_door", say("闭门", "Closed door")),
                ],
            ),
            "modes": forms.MultipleChoiceField(
                label=say("合作方式", "Modes of co-operation"),
                required=False,
                widget=forms.CheckboxSelectMultiple,
                choices=[("joint_rd", say("合作开发", "Joint development")), ("licence", say("许可", "Licence"))],
            ),
            "file": forms.FileField(label=say("附件", "File"), required=False),
            "declared": forms.BooleanField(label=say("所填内容不含国家秘密", "Nothing written here is a state secret")),
        }
        self.fields.update(fields)


class ExampleRow(forms.Form):
    """A row of quantified indicators."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"] = forms.CharField(label=say("指标", "Indicator"))
        self.fields["value"] = forms.CharField(label=say("要求值", "Required value"))
        self.fields["unit"] = forms.CharField(label=say("单位", "Unit"), required=False)


def form_page(bound: bool = False) -> dict[str, Any]:
    """A form with groups and rows; bound, with mistakes in it."""
    posted = {
        "title": "",
        "budget": "0.0000001",
        "rows-TOTAL_FORMS": "2",
        "rows-INITIAL_FORMS": "0",
        "rows-0-name": "Ra",
    }
    form = ExampleForm(posted if bound else None)
    rows = forms.formset_factory(ExampleRow, extra=2)(posted if bound else None, prefix="rows")
    names = list(form.fields)
    sections = (
        c.FormSection(say("需求", "The need"), tuple(form[name] for name in names[:5])),
        c.FormSection(
            say("条件", "Conditions"),
            tuple(form[name] for name in names[5:]),
            say("可以以后再改。", "This can be changed later."),
        ),
    )
    row_set = c.FormRows(
        say("量化指标", "Quantified indicators"),
        rows,
        say("再加一行", "Add a row"),
        # What has been refused says what is asked; the untouched form shows rows without a hint.
        say("公开前每项都要有数值。", "Each needs a figure before it is published.") if bound else "",
    )
    return {
        "title": say("提出需求", "Post a need"),
        "form": form,
        "sections": sections,
        "rows": (row_set,),
        "problems": problems_of(form, rows) if bound else (),
        "submit_label": say("继续", "Continue"),
        "cancel_url": "/styleguide/",
    }
