"""What the fuzzer of the API is told: real codes to try, and what it looks for in the answers."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "unsupported_method",
    "allow_header_conformance",
)
"""No 5xx, no answer that the document does not tell of, no wrong request taken for a right one, each method known."""

OFTEN = 0.8
"""How often a parameter is one that exists; else nothing would be reached behind the 404s."""
REFUSED = ["400", "401", "403", "404", "405", "406", "409", "414", "415", "422", "428", "429", "5xx"]
"""How a wrong request may be answered: the fuzzer's own list, and by the web server, whose lines have an end."""


def configuration(
    document: Mapping[str, Any],
    codes: Mapping[str, Iterable[str]],
    moves: Mapping[str, Iterable[str]],
    files: Iterable[str],
    numbers: Mapping[str, Iterable[int]] | None = None,
) -> dict[str, Any]:
    """The fuzzer's configuration: records by plural, moves by plural, hashes of files, and by plural the numbers that
    stand in addresses (steps of approvals, files of jobs)."""
    words = {f"codes-{plural}": list(found) for plural, found in codes.items()}
    words |= {f"moves-{plural}": list(found) for plural, found in moves.items()} | {"files": list(files)}
    words |= {f"numbers-{plural}": list(found) for plural, found in (numbers or {}).items()}
    alike: dict[str, list[str]] = {}
    for path, methods in document["paths"].items():
        plural = path.split("/")[3]
        bound = {
            "code": f"codes-{plural}",
            "supply": "codes-achievements",
            "move": f"moves-{plural}",
            "sha256": "files",
            "number": f"numbers-{plural}",
        }
        for operation in methods.values():
            parameters = {
                f"path.{name}": {"dictionary": source, "probability": OFTEN}
                for name, source in bound.items()
                if f"{{{name}}}" in path and words.get(source)
            }
            if parameters:
                alike.setdefault(json.dumps(parameters), []).append(operation["operationId"])
    # Each entry is looked through for every question, so those with the same parameters share one.
    return {
        "checks": {"negative_data_rejection": {"expected-statuses": REFUSED}},
        "dictionaries": {name: {"values": found} for name, found in words.items() if found},
        "operations": [
            {"include-operation-id": names, "parameters": json.loads(bound)} for bound, names in alike.items()
        ],
    }


def as_toml(settings: Mapping[str, Any]) -> str:
    """The configuration as the file that the fuzzer's command line reads; JSON strings and lists are TOML."""
    lines = [
        f"[checks.{name}]\nexpected-statuses = {json.dumps(one['expected-statuses'])}"
        for name, one in settings["checks"].items()
    ]
    lines += [
        f"[dictionaries.{name}]\nvalues = {json.dumps(one['values'])}" for name, one in settings["dictionaries"].items()
    ]
    for one in settings["operations"]:
        bound = ", ".join(
            f'"{name}" = {{ dictionary = "{source["dictionary"]}", probability = {source["probability"]} }}'
            for name, source in one["parameters"].items()
        )
        named = json.dumps(one["include-operation-id"])
        lines.append(f"[[operations]]\ninclude-operation-id = {named}\nparameters = {{ {bound} }}")
    return "\n".join(lines)
