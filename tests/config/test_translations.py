import gettext

import pytest

from kezhuan.config import translations


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package with one Python string, one plural and one template."""
    monkeypatch.setattr(translations, "PACKAGE", tmp_path)
    monkeypatch.setattr(translations.extract_all, "__defaults__", (tmp_path,))
    (tmp_path / "templates").mkdir()
    (tmp_path / "a.py").write_text(
        'from x import gettext_lazy as _, ngettext\nA = _("Need")\nngettext("%(n)s need", "%(n)s needs", 2)\n'
        "B = f\"{_('told')}: {A}\"\n"
    )
    (tmp_path / "templates/page.html").write_text(
        "<p title=\"don't\">\n   {% translate 'Result' %}</p>\n  {% blocktranslate trimmed %}\n    All\n    of it\n"
        "  {% endblocktranslate %}\n{# a note #}{% translate 'Post' context 'verb' %} {{ x|default:_('none') }}"
    )
    return tmp_path


def fill(po, **chinese):
    text = po.read_text(encoding="utf-8")
    for english, word in chinese.items():
        text = text.replace(f'msgid "{english}"\nmsgstr ""', f'msgid "{english}"\nmsgstr "{word}"')
    po.write_text(text, encoding="utf-8")


def test_messages_are_found_in_python_and_templates(package):
    (package / "b.py").write_text('from x import gettext as _say\n_say("said")\n')
    found = translations.extract_all()
    assert sorted((str(message.id), message.context) for message in found if message.id) == [
        ("('%(n)s need', '%(n)s needs')", None),
        ("All of it", None),
        ("Need", None),
        ("Post", "verb"),
        ("Result", None),
        ("none", None),
        ("said", None),
        ("told", None),
    ]


def test_update_keeps_the_chinese_and_reports_what_is_missing_or_dropped(package):
    po = package / "django.po"
    assert translations.update(po) == (7, [])
    fill(po, Need="需求", Result="成果")
    (package / "a.py").write_text('_("Need")\n_("Fresh")\n')
    missing, dropped = translations.update(po)
    assert missing == 4
    assert dropped == ["'%(n)s need'", "'told'"]
    assert 'msgid "Result"\nmsgstr "成果"' in po.read_text(encoding="utf-8")
    with po.with_suffix(".mo").open("rb") as file:
        assert gettext.GNUTranslations(file).gettext("Need") == "需求"


def test_update_twice_changes_nothing(package):
    po = package / "django.po"
    translations.update(po)
    before = po.read_bytes(), po.with_suffix(".mo").read_bytes()
    translations.update(po)
    assert (po.read_bytes(), po.with_suffix(".mo").read_bytes()) == before


def test_faults_name_what_is_missing_unused_fuzzy_or_not_compiled(package):
    po = package / "django.po"
    (package / "templates/page.html").unlink()
    (package / "a.py").write_text('_("Need")\n_("Old")\n_("At %(place)s")\n_("Soft")\n')
    translations.update(po)
    fill(po, Need="需求", Old="旧", Soft="软")
    po.write_text(
        po.read_text()
        .replace('%(place)s"\nmsgstr ""', '%(place)s"\nmsgstr "在"')
        .replace('#: a.py\nmsgid "Soft"', '#: a.py\n#, fuzzy\nmsgid "Soft"')
    )
    (package / "a.py").write_text('_("Need")\n_("Fresh")\n_("At %(place)s")\n_("Soft")\n')
    assert translations.faults(po) == [
        "not in the catalogue: 'Fresh' (a.py)",
        "other placeholders in Chinese than in English: 'At %(place)s'",
        "no longer used: 'Old'",
        "fuzzy: 'Soft'",
        "django.mo is not what django.po compiles to; run ./kezhuan translations",
    ]


def test_complete_catalogue_has_no_faults(package):
    po = package / "django.po"
    (package / "templates/page.html").unlink()
    (package / "a.py").write_text('_("Need")\n')
    translations.update(po)
    fill(po, Need="需求")
    assert translations.update(po) == (0, [])
    assert translations.faults(po) == []
