"""Places as people write them, 佛山, 广东省佛山市南海区, Shenzhen, and their codes of administrative divisions.

The codes are those of GB/T 2260 as the National Bureau of Statistics listed them in 2023: six digits, two each for the
province, the city and the district, so that one place lies in another when its code begins with the other's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from kezhuan.engines.tables.columns import Found, fold

_TABLE = Path(__file__).with_name("places.txt")
_OWN = "4401"
"""A name that several cities have is that of the city's own district: 白云区."""
_PEOPLES = (
    "蒙古|回|藏|维吾尔|苗|彝|壮|布依|朝鲜|满|侗|瑶|白|土家|哈尼|哈萨克|傣|黎|傈僳|佤|畲|拉祜|水|东乡|纳西|景颇|柯尔克孜|土|达斡尔|"
    "仫佬|羌|布朗|撒拉|毛南|仡佬|锡伯|普米|塔吉克|怒|鄂温克|保安|裕固|独龙|鄂伦春|各"
)
_AUTONOMOUS = re.compile(rf"(?:(?:{_PEOPLES})族?)+自治[区州县旗]$")
_ENDING = re.compile(r"(?:特别行政区|自治区|自治州|自治县|自治旗|地区|林区|新区|市|省|盟|县|区|旗)$")
_ENDINGS = "市省盟州县区旗"
_COUNTRY = re.compile(r"^(?:中华人民共和国|中国)(?=.)")
_LONGER_CODE = re.compile(r"(\d{6})(?:\d{3}|\d{6})?")
"""A code of a place, or of a street or village in it."""
_BETWEEN = " ·-—"
_PARTS = re.compile(r"[；;、，,|\n/]+")
_AND = re.compile(r"^(?:以?及|或者?|和|与|跟)")
"""Between two places; looked for behind a place only, since names hold these as well (和平区)."""
_NOT_THERE = re.compile(
    r"以外|之外|除|非(?!洲)|不[含包在限]|(?<!道)外(?:地|的?(?:省|市|县|区|地区|城市|省份))?$|^外[省市地]|周[边围]|附近|邻近|临近"
    r"|\b(?:outside|except|excluding|beyond|near|around|not|non|other than)\b"
)
"""Says that a place is left out, or that others than it are meant: 广州以外, 除广州, 广州周边."""
_SHORTEST = 2
_LONGEST = 20  # characters of a name; the longest is 双江拉祜族佤族布朗族傣族自治县
_ENGLISH = {
    "110000": "beijing", "120000": "tianjin", "130000": "hebei", "140000": "shanxi", "150000": "inner mongolia",
    "210000": "liaoning", "220000": "jilin", "230000": "heilongjiang", "310000": "shanghai", "320000": "jiangsu",
    "330000": "zhejiang", "340000": "anhui", "350000": "fujian", "360000": "jiangxi", "370000": "shandong",
    "410000": "henan", "420000": "hubei", "430000": "hunan", "440000": "guangdong", "450000": "guangxi",
    "460000": "hainan", "500000": "chongqing", "510000": "sichuan", "520000": "guizhou", "530000": "yunnan",
    "540000": "tibet", "610000": "shaanxi", "620000": "gansu", "630000": "qinghai", "640000": "ningxia",
    "650000": "xinjiang", "710000": "taiwan", "810000": "hong kong", "820000": "macao",
    "440100": "guangzhou", "440300": "shenzhen", "440400": "zhuhai", "440500": "shantou", "440600": "foshan",
    "440700": "jiangmen", "440800": "zhanjiang", "441200": "zhaoqing", "441300": "huizhou", "441900": "dongguan",
    "442000": "zhongshan", "130100": "shijiazhuang", "140100": "taiyuan", "150100": "hohhot", "210100": "shenyang",
    "210200": "dalian", "220100": "changchun", "230100": "harbin", "320100": "nanjing", "320200": "wuxi",
    "320500": "suzhou", "330100": "hangzhou", "330200": "ningbo", "330300": "wenzhou", "340100": "hefei",
    "350100": "fuzhou", "350200": "xiamen", "360100": "nanchang", "370100": "jinan", "370200": "qingdao",
    "410100": "zhengzhou", "420100": "wuhan", "430100": "changsha", "450100": "nanning", "460100": "haikou",
    "510100": "chengdu", "520100": "guiyang", "530100": "kunming", "540100": "lhasa", "610100": "xi'an",
    "620100": "lanzhou", "630100": "xining", "640100": "yinchuan", "650100": "urumqi",
    "440103": "liwan", "440104": "yuexiu", "440105": "haizhu", "440106": "tianhe", "440111": "baiyun",
    "440112": "huangpu", "440113": "panyu", "440114": "huadu", "440115": "nansha", "440117": "conghua",
    "440118": "zengcheng",
}  # fmt: skip
_BY_ENGLISH = {name: code for code, name in _ENGLISH.items()}
_ENGLISH_NAME = re.compile(rf"(?<![a-z])(?:{'|'.join(sorted(_BY_ENGLISH, key=len, reverse=True))})(?![a-z])")
_ANYWHERE = frozenset(
    {"全国", "国内", "中国", "国外", "海外", "境外", "国内外", "全球", "各地", "其他", "其它", "全省", "本省", "本市"}
    | {"china", "nationwide", "worldwide", "global", "anywhere", "any", "all", "other", "abroad", "overseas"}
)


def place_name(code: str, language: str) -> str:
    """A place as a reader knows it, 佛山市南海区, 昆山市 or Tianhe; one that has no code as it is."""
    names = _names()
    if code not in names:
        return code
    if language == "en" and code in _ENGLISH:
        return _ENGLISH[code].title()
    if code.endswith("00") or names[code].endswith("市"):
        return names[code]  # no two of them have one name
    return (names.get(f"{code[:4]}00") or names[f"{code[:2]}0000"]) + names[code]


def find_places(text: str) -> Found:
    """The places that a cell names, without those that hold another (Tianhe, Guangzhou), as codes; where it names none
    that is known, its words. Nothing where it speaks of everywhere."""
    codes: list[str] = []
    words: list[str] = []
    whole = True
    for part in filter(None, map(str.strip, _PARTS.split(text))):
        folded = fold(part)
        if folded in _ANYWHERE or _NOT_THERE.search(folded):
            return Found((), whole=False)
        read, rest = _read_all(folded.replace(" ", ""))
        found = read or [_BY_ENGLISH[name] for name in _ENGLISH_NAME.findall(folded)]
        codes += found
        words += [] if found else [part]
        whole = whole and (not rest if read else not found or folded in _BY_ENGLISH)
    several = list(dict.fromkeys(codes))
    kept = [one for one in several if not any(_holds(one, other) for other in several if other != one)]
    return Found(tuple(kept or dict.fromkeys(words)), whole=whole and not (codes and words))


def _holds(outer: str, inner: str) -> bool:
    return inner.startswith(_stem(outer))


def _stem(code: str) -> str:
    """A code without the levels that it does not name."""
    return code[:2] if code.endswith("0000") else code[:4] if code.endswith("00") else code


def _read_all(text: str) -> tuple[list[str], str]:
    """The places that a text without spaces begins with, one by one, and what stands behind."""
    codes: list[str] = []
    code, rest = _read(text)
    while code is not None:
        codes.append(code)
        code, after = _read(_AND.sub("", rest)) if _AND.match(rest) else (None, rest)
        rest = after if code is not None else rest
    return codes, rest


def _read(text: str) -> tuple[str | None, str]:
    """The place that a text without spaces begins with, each level within the one before, and what stands behind."""
    text = _COUNTRY.sub("", text)
    if (longer := _LONGER_CODE.fullmatch(text)) and longer[1] in _names():
        return longer[1], ""
    if text in _own():  # by themselves alone: 白云鄂博 is elsewhere
        return _own()[text], ""
    code: str | None = None
    while text := text.lstrip(_BETWEEN):
        forms = _forms().get(_stem(code) if code else "", {})
        lengths = range(min(len(text), _LONGEST), _SHORTEST - 1, -1)
        length = next((n for n in lengths if text[:n] in forms and _ends_there(text, n)), 0)
        found = forms.get(text[:length], ())
        if len(found) > 1:
            found = [one for one in found if one.startswith(_OWN)]
        if len(found) != 1:
            break
        code, text = found[0], text[length:]
    return code, text


def _ends_there(text: str, length: int) -> bool:
    """Whether a name may end at a place: 吉林 does not in 吉林市, which is another one."""
    return text[length - 1] in _ENDINGS or text[length : length + 1] not in _ENDINGS or length == len(text)


@cache
def _names() -> dict[str, str]:
    lines = _TABLE.read_text("utf-8").splitlines()
    return {code: name for code, _, name in (line.partition(" ") for line in lines)}


@cache
def _own() -> dict[str, str]:
    """The short names of the city's own districts."""
    return {_short(name): code for code, name in _names().items() if code.startswith(_OWN) and not code.endswith("00")}


@cache
def _forms() -> dict[str, dict[str, list[str]]]:
    """By the stem of a place, "" for none, the names that may follow it, each with its codes.

    Behind a city its districts may go by their short names; by themselves only provinces and cities.
    """
    forms: dict[str, dict[str, list[str]]] = {}

    def add(within: str, names: Iterable[str], code: str) -> None:
        for name in dict.fromkeys(names):
            known = forms.setdefault(within, {}).setdefault(name, [])
            # A province goes before the city of its name (吉林).
            if not any(_is_above(one, code) for one in known):
                known.append(code)

    names = _names()
    for code in sorted(names, key=lambda one: (len(_stem(one)), one)):
        full, short = fold(names[code]), _short(fold(names[code]))
        stem = _stem(code)
        if len(stem) == 6:
            city = f"{stem[:4]}00" if f"{stem[:4]}00" in names else ""
            add("", (full,), code)
            add(stem[:2], (full,) if city else (full, short), code)
            add(stem[:4], (full, short), code)
        else:
            add("", (full, short), code)
            if len(stem) == 4:
                add(stem[:2], (full, short), code)
    return forms


def _is_above(one: str, other: str) -> bool:
    return len(_stem(one)) < len(_stem(other))


def _short(name: str) -> str:
    for ending in (_AUTONOMOUS, _ENDING):
        short = ending.sub("", name)
        if _SHORTEST <= len(short) < len(name):
            return short
    return name
