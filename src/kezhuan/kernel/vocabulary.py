"""Code lists that several areas share: technical fields, cooperation modes, regions, confidentiality."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Field(models.TextChoices):
    """技术领域: the eleven fields of technology-contract registration."""

    ELECTRONICS = "electronics", _("electronics and information")
    AEROSPACE = "aerospace", _("aviation and aerospace")
    MANUFACTURING = "manufacturing", _("advanced manufacturing")
    BIOMEDICINE = "biomedicine", _("biology, medicine and medical devices")
    MATERIALS = "materials", _("new materials and their application")
    ENERGY = "energy", _("new energy and energy efficiency")
    ENVIRONMENT = "environment", _("environmental protection and resource recovery")
    NUCLEAR = "nuclear", _("nuclear application")
    AGRICULTURE = "agriculture", _("agriculture")
    TRANSPORT = "transport", _("modern transport")
    URBAN = "urban", _("urban construction and social development")


class Mode(models.TextChoices):
    """合作方式: how a firm and a holder of results may work together."""

    TRANSFER = "transfer", _("transfer")
    LICENCE = "licence", _("licence")
    JOINT_RD = "joint_rd", _("joint development")
    COMMISSIONED_RD = "commissioned_rd", _("commissioned development")
    CONSULTING = "consulting", _("technical consulting")
    TEST_PILOT = "test_pilot", _("testing and pilot run")
    TALENT = "talent", _("talent")
    EQUITY = "equity", _("equity for technology")


class RightsState(models.TextChoices):
    """权属状况 of an achievement: free of encumbrances, granted, and what is to be settled first."""

    CLEAR = "clear_title", _("clear title")
    GRANTED = "right_granted", _("granted or registered")
    NOT_GRANTED = "not_granted", _("not yet granted")
    CO_OWNERS = "co_owners_open", _("co-owners have not agreed")
    LICENSED = "exclusively_licensed", _("licensed exclusively")
    PLEDGED = "pledged", _("pledged")
    DISPUTED = "in_dispute", _("title in dispute")


class Readiness(models.TextChoices):
    """Whether anything of an achievement's rights is to be settled first."""

    READY = "ready", _("rights ready")
    OPEN = "open", _("rights to be settled first")


class Confidentiality(models.TextChoices):
    """公开范围 of a need."""

    PUBLIC = "public", _("public")
    TITLE_ONLY = "title_only", _("title only")
    CLOSED_DOOR = "closed_door", _("closed door")


class AchievementClass(models.TextChoices):
    """密级 of an achievement, as far as this system may hold it."""

    PUBLIC = "public", _("public")
    INTERNAL = "internal", _("internal")
    TRADE_SECRET = "trade_secret", _("trade secret")


STATE_SECRET_CLASSES = {"秘密", "机密", "绝密", "機密", "絕密", "secret", "confidential", "top_secret", "top secret"}
"""Words for classes that must never be saved."""

TRL_SCALES = {"trl9": 9, "grl13": 13, "new_materials9": 9}
"""Maturity scales and their highest level: TRL 9, the 13-level scale (GB/T 22900), new materials (GB/T 37264)."""

REGIONS: dict[str, models.Choices | object] = {
    "440100": _("Guangzhou"),
    "440103": _("Liwan"),
    "440104": _("Yuexiu"),
    "440105": _("Haizhu"),
    "440106": _("Tianhe"),
    "440111": _("Baiyun"),
    "440112": _("Huangpu"),
    "440113": _("Panyu"),
    "440114": _("Huadu"),
    "440115": _("Nansha"),
    "440117": _("Conghua"),
    "440118": _("Zengcheng"),
}
"""GB/T 2260 codes of Guangzhou and its eleven districts."""

CHAINS: dict[str, models.Choices | object] = {
    "智能装备与机器人": _("smart equipment and robots"),
    "新能源汽车": _("new energy vehicles"),
    "半导体与集成电路": _("semiconductors and integrated circuits"),
    "航空航天与低空经济": _("aerospace and low-altitude flight"),
    "新型显示与超高清": _("new displays and ultra-high definition"),
    "生物医药": _("biomedicine"),
    "高端医疗器械": _("high-end medical devices"),
    "现代农业与种业": _("modern agriculture and seeds"),
    "海洋": _("ocean"),
    "食品": _("food"),
    "新能源与储能": _("new energy and storage"),
    "现代交通与城市建设": _("modern transport and city building"),
    "化妆品与日化": _("cosmetics and household chemicals"),
    "核技术应用": _("uses of nuclear technology"),
    "新材料": _("new materials"),
    "软件与人工智能": _("software and artificial intelligence"),
    "节能环保": _("energy saving and environment"),
    "时尚与消费品制造": _("fashion and consumer goods"),
    "智能家居": _("smart homes"),
}
"""Names of industry chains (产业链) as people write them, for readers of English; a chain is free text."""
