"""What a browser says of itself, in two words that its owner knows it by."""

import re

from django.utils.translation import gettext as _

_BROWSERS = (
    (r"MicroMessenger", "微信"), (r"wxwork", "企业微信"), (r"DingTalk", "钉钉"), (r"Edg(?:e|A|iOS)?/", "Edge"),
    (r"360SE|QihooBrowser", "360"), (r"QQBrowser", "QQ"), (r"UBrowser|UCBrowser", "UC"), (r"OPR/", "Opera"),
    (r"Firefox/|FxiOS", "Firefox"), (r"Chrome/|CriOS", "Chrome"), (r"Safari/", "Safari"),
)  # fmt: skip
_SYSTEMS = (
    (r"HarmonyOS|OpenHarmony", "HarmonyOS"), (r"Android", "Android"), (r"iPhone", "iPhone"), (r"iPad", "iPad"),
    (r"Windows", "Windows"), (r"Mac OS X|Macintosh", "macOS"), (r"UOS|Uniontech", "UOS"), (r"Kylin", "Kylin"),
    (r"Linux|X11", "Linux"),
)  # fmt: skip


def told_agent(agent: str) -> str:
    """Browser and system, such as “Firefox · Windows”."""
    browser = next((name for pattern, name in _BROWSERS if re.search(pattern, agent)), _("another program"))
    system = next((name for pattern, name in _SYSTEMS if re.search(pattern, agent)), "")
    return f"{browser} · {system}" if system else str(browser)
