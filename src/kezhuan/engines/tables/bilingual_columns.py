"""The columns of tables that tell the same in Chinese and in English."""

from __future__ import annotations

from kezhuan.engines.tables.columns import Column

BILINGUAL_COLUMNS: tuple[Column, ...] = (
    Column("id", ("id", "编号", "code")),
    Column("title", ("title", "名称", "标题", "题目", "title_zh")),
    Column("title_en", ("title_en", "英文名称", "英文标题", "英文题目")),
    Column("keywords", ("keywords", "关键词", "keywords_zh"), kind="texts"),
    Column("keywords_en", ("keywords_en", "英文关键词"), kind="texts"),
    Column("text", ("abstract", "摘要", "简介", "text", "abstract_zh")),
    Column("text_en", ("abstract_en", "英文摘要", "英文简介", "text_en")),
)
