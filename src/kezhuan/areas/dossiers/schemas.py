"""Dossiers as the API shows and takes them."""

from datetime import date
from typing import Annotated, Any

from pydantic import Field

from kezhuan.api.schemas import Body, Code, Day, Fen, Line, ListQuery, Long, RecordRef, RecordShown, Title, Version
from kezhuan.areas.dossiers.models import DossierSort


class DossierQuery(ListQuery):
    """A list of dossiers."""

    sort: list[DossierSort] = []


class DossierBody(Body):
    """What a unit keeps inside: `sort` decides in which roles its members read it; `about` is an achievement's code."""

    title: Title
    sort: DossierSort
    on: Day
    summary: Long = ""
    number: Annotated[Line, Field(max_length=80)] = ""
    amount_fen: Fen | None = None
    about: Code | None = None


class DossierChange(DossierBody):
    """The whole of a dossier as it shall be, and the version that the writer had before them (or `If-Match`)."""

    version: Version = None


class DossierShown(RecordShown):
    """A dossier, for the members of its unit in the roles that read its sort."""

    sort: str = ""
    sort_label: str = ""
    number: str = ""
    on: date | None = None
    amount_fen: int | None = None
    about: RecordRef | None = None
    extra: dict[str, Any] = {}
