"""Templates and stylesheet keep the strict content policy, old browsers and readable contrast."""

import re
from pathlib import Path

import pytest

import kezhuan

PACKAGE = Path(kezhuan.__file__).parent
STYLESHEET = PACKAGE / "web" / "static" / "web" / "kezhuan.css"
TEMPLATES = sorted(PACKAGE.rglob("templates/**/*.html"))
INLINE = {
    "a style attribute": r"\sstyle\s*=",
    "a style element": r"<style",
    "a script without a source": r"<script(?![^>]*\bsrc=)",
    "an event attribute": r"<[^>]*\son[a-z]+\s*=",
    "a script address": r"javascript:",
    "a foreign address": r"(?:src|href)=\"(?:https?:)?//",
}
TOO_NEW = (":has(", "oklch(", "color-mix(", "light-dark(", "@layer", "@scope", "&", "@import", "url(")
TEXT_ON_GROUND = [
    ("ink", "paper"), ("ink", "ground"), ("ink", "mark"), ("soft", "paper"), ("soft", "ground"), ("soft", "track"),
    ("blue", "paper"), ("blue", "ground"), ("blue", "blue-wash"), ("paper", "blue"), ("paper", "blue-deep"),
    ("blue-deep", "paper"), ("blue-deep", "blue-wash"), ("red", "paper"), ("red", "blue-wash"), ("red", "red-wash"),
    ("red", "ground"), ("green", "green-wash"), ("amber", "amber-wash"), ("ink", "green-wash"), ("ink", "amber-wash"),
    ("ink", "red-wash"), ("paper", "violet"), ("paper", "teal"),
]  # fmt: skip


def test_templates_are_found() -> None:
    assert len(TEMPLATES) > 30


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_template_holds_nothing_inline(template: Path) -> None:
    text = template.read_text(encoding="utf-8")
    assert [what for what, pattern in INLINE.items() if re.search(pattern, text)] == []


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_template_guards_every_form_that_posts(template: Path) -> None:
    text = template.read_text(encoding="utf-8")
    assert text.count('method="post"') == text.count("{% csrf_token %}")


def _tokens() -> dict[str, str]:
    found = dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{3,6});", STYLESHEET.read_text(encoding="utf-8")))
    return {
        name: "#" + "".join(digit * 2 for digit in value[1:]) if len(value) == 4 else value
        for name, value in found.items()
    }


def _light(colour: str) -> float:
    """Relative luminance after WCAG 2.2."""
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    darker, lighter = sorted((_light(one), _light(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize(("text", "ground"), TEXT_ON_GROUND)
def test_stylesheet_text_can_be_read(text: str, ground: str) -> None:
    tokens = _tokens()
    assert _contrast(tokens[text], tokens[ground]) >= 4.5


def test_stylesheet_field_borders_can_be_seen() -> None:
    tokens = _tokens()
    assert _contrast(tokens["edge"], tokens["paper"]) >= 3


def test_stylesheet_stays_small_and_plain() -> None:
    text = re.sub(r"/\*.*?\*/", "", STYLESHEET.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert len(text.encode()) < 27_000
    assert [word for word in TOO_NEW if word in text] == []


def test_narrow_screen_gives_every_part_of_a_stacked_table_its_full_width() -> None:
    # A caption left to a table without columns is one character wide.
    narrow = STYLESHEET.read_text(encoding="utf-8").split("@media (max-width: 640px)")[1]
    assert ".stacked, .stacked > *, .stacked td { display: block; }" in narrow


def test_stylesheet_uses_only_declared_tokens() -> None:
    text = STYLESHEET.read_text(encoding="utf-8")
    assert set(re.findall(r"var\(--([\w-]+)\)", text)) <= set(_tokens())


def test_stylesheet_knows_every_class_of_the_shell() -> None:
    css = STYLESHEET.read_text(encoding="utf-8")
    used: set[str] = set()
    for template in (PACKAGE / "web" / "templates").rglob("*.html"):
        plain = re.sub(r"\{\{.*?\}\}|\{%.*?%\}", "|", template.read_text(encoding="utf-8"))
        for value in re.findall(r'class="([^"]*)"', plain):
            used |= {word for word in value.replace("|", " ").split() if not word.endswith("-")}
    known = set(re.findall(r"\.([a-zA-Z][\w-]*)", css))
    assert used - known == set()
