"""The API itself: version 1, where areas mount their routes, and how bodies are read and written."""

import json
from collections.abc import Iterator
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest
from django.utils.translation import override
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation
from ninja.parser import Parser
from ninja.renderers import JSONRenderer

from kezhuan.api.identity import Guard
from kezhuan.api.problems import UnsupportedMedia, answer_problems
from kezhuan.api.told import complete


class JsonOnly(Parser):
    """Reads JSON that says it is JSON."""

    def parse_body(self, request: HttpRequest) -> Any:
        """The body's value; raises `UnsupportedMedia` for another media type."""
        if request.content_type != "application/json":
            raise UnsupportedMedia
        return json.loads(request.body)


class ReadableJson(JSONRenderer):
    """Writes Chinese as Chinese."""

    json_dumps_params = {"ensure_ascii": False}


class Site(NinjaAPI):
    """The API, every route of which has a guard and is told whole."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self._documents: dict[str, OpenAPISchema] = {}

    def operations(self) -> Iterator[Operation]:
        """Every operation that is mounted."""
        for router in self._get_bound_routers():
            for view in router.path_operations.values():
                yield from view.operations

    def operation(self, name: str) -> Operation:
        """The operation of an id."""
        return next(one for one in self.operations() if one.operation_id == name)

    def require_guards(self) -> None:
        """Stop the start when a route does not say who may use it."""
        for operation in self.operations():
            if not [guard for guard in operation.auth_callbacks if isinstance(guard, Guard)]:
                raise ImproperlyConfigured(f"API route {operation.operation_id} names no guard: give it auth=reads(…)")

    def get_openapi_schema(self, **given: Any) -> OpenAPISchema:
        """The OpenAPI document with all that does not follow from the shapes alone.

        Routes stay as they are once the site runs, and making it takes most of a second: it is made once, in English.
        """
        place = given.get("path_prefix") or self.get_root_path(given.get("path_params") or {})
        document = self._documents.get(place)
        if document is None:
            with override("en"):
                document = super().get_openapi_schema(path_prefix=place)
            guards = {one.operation_id or "": one.auth_callbacks[0] for one in self.operations()}
            complete(document, guards)
            self._documents[place] = document
        return document


api = Site(
    title="科转 Kezhuan",
    version="1.0.0",
    description=(
        "Records of a city that turns research results into products. An answer holds what the asking person may see:"
        " fields that are not open to them are absent. Money is integer fen (分), days are ISO 8601 in Asia/Shanghai,"
        " codes carry their words in `*_label` in the language of Accept-Language. Refusals are problem documents"
        " (RFC 9457)."
    ),
    docs_url=None,
    urls_namespace="api",
    parser=JsonOnly(),
    renderer=ReadableJson(),
)
answer_problems(api)
