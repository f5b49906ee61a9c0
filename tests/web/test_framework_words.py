"""What the framework says of fields is said in this site's own words in Chinese."""

import pytest
from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation

FIELDS = [
    (forms.CharField(), "", "此项必填。"),
    (forms.CharField(max_length=3), "12345", "最多 3 个字，现有 5 个，请缩短。"),
    (forms.CharField(min_length=3), "1", "至少 3 个字，现有 1 个，请补充。"),
    (forms.IntegerField(), "x", "请填写整数。"),
    (forms.IntegerField(max_value=9), "10", "最大为 9，请改小。"),
    (forms.EmailField(), "x", "邮箱地址无法识别，请按 name@example.com 这样填写。"),
    (forms.DateField(), "x", "日期无法识别，请按 2027-06-30 这样填写。"),
    (forms.ChoiceField(choices=[("a", "A")]), "b", "“b”不在可选项中，请从列表中选择。"),
    (forms.FileField(), SimpleUploadedFile("a.txt", b""), "文件是空的，请另选文件。"),
]


@pytest.mark.parametrize(("field", "typed", "words"), FIELDS)
def test_fields_complain_in_our_words(field: forms.Field, typed: object, words: str) -> None:
    with translation.override("zh-hans"):
        with pytest.raises(forms.ValidationError) as refused:
            field.clean(typed)
        assert refused.value.messages == [words]
