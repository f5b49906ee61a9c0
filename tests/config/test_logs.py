"""Log lines say what happened and where, in two forms, and never what people typed."""

import json
import logging
import sys

import pytest
from django.test import RequestFactory

from kezhuan.config.logs import JsonLines, Lines
from kezhuan.kernel import trace

FORMS = [Lines(), JsonLines()]


def record(message="saved %s", *args, **extra):
    made = logging.LogRecord("kezhuan.test", logging.INFO, __file__, 1, message, args or ("one",), sys.exc_info())
    if not any(sys.exc_info()):
        made.exc_info = None
    made.__dict__.update(extra)
    return made


def test_line_for_people_holds_moment_level_logger_mark_and_words():
    with trace.marked("abc12345"):
        line = Lines().format(record())
    moment, *rest = line.split(" ", 4)
    assert moment.endswith("Z")
    assert rest == ["INFO", "kezhuan.test", "abc12345", "saved one"]
    assert Lines().format(record()).split(" ")[3] == "-"


def test_line_for_programs_is_one_json_object_with_the_request_id():
    with trace.marked("abc12345"):
        line = JsonLines().format(record("甲\n%s", "乙", status=200, route="needs/", method="GET", milliseconds=1.5))
    assert "\n" not in line
    said = json.loads(line)
    assert said.pop("time").endswith("Z")
    assert said == {
        "level": "INFO",
        "logger": "kezhuan.test",
        "request_id": "abc12345",
        "message": "甲\n乙",
        "status": 200,
        "route": "needs/",
        "method": "GET",
        "milliseconds": 1.5,
    }


@pytest.mark.parametrize("form", FORMS, ids=["line", "json"])
def test_exception_is_told_by_kind_and_place_and_never_in_its_own_words(form):
    def fail():
        raise ValueError("Key (email)=(li@example.com) already exists")

    try:
        try:
            fail()
        except ValueError as problem:
            raise RuntimeError("13800000000") from problem
    except RuntimeError:
        said = form.format(record())
    assert "li@example.com" not in said
    assert "13800000000" not in said
    assert "builtins.ValueError" in said
    assert "builtins.RuntimeError" in said
    assert "test_logs.py" in said
    assert " fail" in said


@pytest.mark.parametrize("form", FORMS, ids=["line", "json"])
def test_djangos_line_about_a_request_names_the_pattern_and_not_the_path(form):
    request = RequestFactory().get("/stop/secret-link/?q=secret-word")
    line = form.format(record("%s: %s", "Internal Server Error", request.path, request=request))
    assert "Internal Server Error: GET" in line
    assert "secret" not in line
