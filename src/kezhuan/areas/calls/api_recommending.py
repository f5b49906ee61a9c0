"""What a recommending unit does in the API: it recommends by a letter, as a file or without."""

from typing import Any

from django.http import HttpRequest
from ninja import File, Form, Router
from ninja.files import UploadedFile

from kezhuan.api.identity import actor_of, writes
from kezhuan.api.records import moved_now
from kezhuan.api.schemas import Moved
from kezhuan.areas.calls.models import Call
from kezhuan.areas.calls.recommending_actions import recommend
from kezhuan.areas.calls.schemas import LetterFields, RecommendBody
from kezhuan.kernel.access import get_visible
from kezhuan.kernel.documents import Upload

router = Router(tags=["calls"])


def _recommended(request: HttpRequest, code: str, said: RecommendBody, letter: Upload | None) -> dict[str, Any]:
    actor = actor_of(request)
    row = get_visible(actor, Call, code)
    told = said.model_dump(exclude={"declared_open"})
    recommend(actor=actor, call=row, letter=letter, **told)
    return moved_now(request, row)


@router.post(
    "/{code}/recommend",
    response=Moved,
    auth=writes("application"),
    operation_id="calls-recommend",
    summary="Recommend applications",
)
def recommended(request: HttpRequest, code: str, body: RecommendBody) -> dict[str, Any]:
    """By one letter of the recommending unit that the caller acts for; all of them, or none. With its scan at
    `…/recommend/letter`, unless the call is `letter_optional`."""
    return _recommended(request, code, body, None)


@router.post(
    "/{code}/recommend/letter",
    response=Moved,
    auth=writes("application"),
    operation_id="calls-recommend-letter",
    summary="Recommend applications with the scan of the letter",
)
def recommended_by_scan(
    request: HttpRequest, code: str, file: File[UploadedFile], given: Form[LetterFields]
) -> dict[str, Any]:
    """As without the scan (推荐函), which is then a file of each application."""
    letter = Upload(file.name or "", file.read(), given.declared_open)
    return _recommended(request, code, given, letter)
