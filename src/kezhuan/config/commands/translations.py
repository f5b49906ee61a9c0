"""`./kezhuan translations`: bring the Chinese catalogue in step with the sources and compile it."""

from kezhuan.config import translations
from kezhuan.config.speech import Parser


def run(argv: list[str]) -> int:
    """Rewrite django.po and django.mo; returns 0 when every message has its Chinese, 1 otherwise."""
    Parser(
        "translations",
        "从源码提取界面文字，更新并编译中文翻译（改写 django.po 与 django.mo）。",
        "Bring the Chinese catalogue in step with the sources and compile it (rewrites django.po and django.mo).",
    ).parse_args(argv)
    missing, dropped = translations.update()
    for name in dropped:
        print(f"no longer used, dropped: {name}")
    place = translations.CATALOGUE.relative_to(translations.PACKAGE.parents[1])
    print(f"{place}: {missing} without Chinese" if missing else f"{place}: complete")
    return 1 if missing else 0
