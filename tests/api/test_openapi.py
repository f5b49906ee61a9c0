"""The OpenAPI document that is committed is the one that is served, and what is served keeps to it."""

import json
from collections import Counter
from enum import Enum
from pathlib import Path
from typing import get_args

from pydantic import BaseModel

from kezhuan.api.openapi import document

COMMITTED = Path(__file__).resolve().parents[2] / "docs" / "openapi.json"


def test_committed_document_is_the_served_one(client, db):
    renew = "renew it: python -m kezhuan.api.openapi docs/openapi.json"
    assert COMMITTED.read_text(encoding="utf-8") == document(), renew
    assert client.get("/api/v1/openapi.json").json() == json.loads(document())


def test_document_is_openapi_3_1_and_names_each_operation_once():
    told = json.loads(document())
    operations = [one for methods in told["paths"].values() for one in methods.values()]
    assert told["openapi"].startswith("3.1")
    assert len({one["operationId"] for one in operations}) == len(operations)
    assert not any("default" in one["responses"] for one in operations)
    writes = [(path, name) for path, methods in told["paths"].items() for name in methods if name != "get"]
    open_writes = [(path, name) for path, name in writes if {} in told["paths"][path][name]["security"]]
    assert open_writes == [("/api/v1/match", "post")]


def test_document_tells_headers_conditions_and_refusals_of_each_route():
    told = json.loads(document())
    for path, methods in told["paths"].items():
        for method, one in methods.items():
            where, answers = f"{method} {path}", set(one["responses"])
            takes = {part["$ref"].rpartition("/")[2] for part in one["parameters"] if "$ref" in part}
            assert {"400", "401", "429", "500", "503"} <= answers, where
            assert ("404" in answers) == ("{" in path), where
            assert ("304" in answers) == ("If-None-Match" in takes) == (method == "get"), where
            writes = {} not in one["security"] and method != "get"
            assert ("Idempotency-Key" in takes) == ("409" in answers) == writes, where
            assert ("If-Match" in takes) == ("412" in answers), where
            for status, answer in one["responses"].items():
                if status.startswith("2"):
                    limits = {"RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"}
                    assert limits <= set(answer["headers"]), where
                    shape = answer.get("content", {}).get("application/json", {}).get("schema", {})
                    tagged = method == "get" or shape.get("$ref", "").endswith("/Moved")
                    assert ("ETag" in answer["headers"]) == tagged, where


def test_document_refers_only_to_what_it_holds():
    text = document()
    parts = json.loads(text)["components"]
    named = {tuple(part.split('"')[0].split("/")) for part in text.split("#/components/")[1:]}
    assert {(kind, name) for kind, name in named if name not in parts[kind]} == set()
    assert {kind for kind, _name in named} == {"schemas", "headers", "parameters", "responses"}


def lists_in(annotation):
    """The lists of values that an annotation names."""
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return {annotation}
    return {one for part in get_args(annotation) for one in lists_in(part)}


def test_each_name_of_the_document_is_one_shape():
    """Of two shapes of one name the document tells the one that was mounted last."""
    from kezhuan.api import urls

    assert urls.urlpatterns, "the areas' routes are mounted"
    named, shapes, waiting = Counter(), [], [BaseModel]
    while waiting:
        below = waiting.pop().__subclasses__()
        waiting += below
        own = [one for one in below if one.__module__.startswith("kezhuan.")]
        shapes += own
        # A question is told with the stages of its kind, by its own name: what it was made from is not told.
        named.update(
            one.__name__ for one in own if one.__name__ not in {made.__name__ for made in one.__subclasses__()}
        )
    lists = {one for shape in shapes for field in shape.model_fields.values() for one in lists_in(field.annotation)}
    named.update(one.__name__ for one in lists)
    assert len(named) > 100
    assert [name for name, count in named.items() if count > 1] == []


def test_money_is_integer_and_nothing_but_scores_is_a_float():
    schemas = json.loads(document())["components"]["schemas"]
    floats = {
        f"{name}.{field}"
        for name, schema in schemas.items()
        for field, told in schema.get("properties", {}).items()
        if '"number"' in json.dumps(told)
    }
    assert floats == {
        "BrokeredPairShown.fit", "BrokeredPairShown.score", "GiftShown.fit", "GiftShown.score",
        "QueuePlanShown.loss", "QueuePlanShown.total", "QueuePlanShown.wished", "IntroductionShown.score",
        "MatchShown.score",
        "NearMissShown.line", "NearMissShown.new_score", "NearMissShown.score", "PartShown.value", "PlanShown.loss",
        "PlanShown.total", "PlanShown.wished", "WishShown.score",
    }  # fmt: skip
