"""Writes the OpenAPI document to a file: `python -m kezhuan.api.openapi docs/openapi.json` renews the committed one."""

import json
import os
import sys
from pathlib import Path


def document() -> str:
    """The document as it is committed: the same text for the same routes, whatever the language and the machine."""
    from kezhuan.api import urls
    from kezhuan.api.site import api

    assert urls.urlpatterns, "the areas' routes are mounted"
    told = api.get_openapi_schema(path_prefix="/api/v1/")
    # Written once and read again: status codes are numbers until then, which cannot be put in order with words.
    return json.dumps(json.loads(json.dumps(told)), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kezhuan.config.settings")
    import django

    django.setup()
    Path(sys.argv[1]).write_text(document(), encoding="utf-8")
