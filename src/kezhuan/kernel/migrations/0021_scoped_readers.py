"""Officers in charge of one programme read what was there before: its audiences name them beside the others.

An introduction, a notice or an objection names them from its next step on; until then the officers of all programmes
read it. The index is built anew (its format has a new number).
"""

from typing import Any

from django.db import migrations

PROGRAMMES = {"need": "need", "achievement": "achievement", "organisation": "organisation", "person": "organisation"}
GROUPS = ("title_to", "public_to", "full_to", "inner_to")


def _with_programme(key: str, programme: str) -> str:
    tokens = set(key.split("|"))
    for token in sorted(tokens):
        word, _colon, region = token.partition(":")
        if word == "officer" and ":" not in region:
            tokens.add(f"officer:{region}:{programme}")
    return "|".join(sorted(tokens))


def name_programmes(apps: Any, schema: Any) -> None:
    """One look at the audiences of a kind, one update for each that names officers."""
    token = apps.get_model("kernel", "AudienceToken")
    records, audiences, tokens, clocks = (
        apps.get_model("kernel", name).objects.using(schema.connection.alias)
        for name in ("Record", "Audience", "AudienceToken", "Clock")
    )
    for kind, programme in PROGRAMMES.items():
        rows = records.filter(kind=kind).exclude(phase="void")
        for group in GROUPS:
            for old in audiences.filter(pk__in=rows.values(group)):
                key = _with_programme(old.key, programme)
                if key == old.key:
                    continue
                fresh, is_new = audiences.get_or_create(key=key)
                if is_new:
                    tokens.bulk_create([token(audience=fresh, token=one) for one in key.split("|")])
                rows.filter(**{group: old}).update(**{group: fresh})
        running = clocks.filter(ended_on=None, record__kind=kind)
        for pk in records.filter(pk__in=running.values("record")).values_list("title_to", flat=True).distinct():
            running.filter(record__title_to=pk).update(audience_id=pk)


class Migration(migrations.Migration):

    dependencies = [("kernel", "0020_duties")]

    operations = [migrations.RunPython(name_programmes, migrations.RunPython.noop)]
