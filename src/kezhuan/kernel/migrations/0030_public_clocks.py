"""What everybody sees and waits for the bureau stands in the inbox of the officers in charge of it, and no others.

Until now every officer had it there: the clock of a public record was everybody's.
"""

from typing import Any

from django.db import migrations


def _in_charge(apps: Any, alias: str, record: Any) -> set[str]:
    """The tokens of the officers in charge: a notice is in the district it names and of the programme of its subject,
    everything else of its own kind and in the district of its owner."""
    programme, region = record.kind, record.owner.region if record.owner is not None else ""
    if record.kind == "notice":
        row = apps.get_model("kernel", "Notice").objects.using(alias).select_related("about").get(pk=record.pk)
        programme, region = row.about.kind, row.region
    return {f"officer:{place}:{name}".rstrip(":") for place in ("", region) for name in ("", programme)}


def name_officers(apps: Any, schema: Any) -> None:
    """One look at each running clock that waits for the bureau before everybody's eyes: public notices, above all."""
    alias = schema.connection.alias
    clocks, audiences, tokens = (
        apps.get_model("kernel", name).objects.using(alias) for name in ("Clock", "Audience", "AudienceToken")
    )
    token = apps.get_model("kernel", "AudienceToken")
    running = clocks.filter(ended_on=None, party=None, audience__key="public")
    for clock in list(running.select_related("record__owner")):
        names = sorted(_in_charge(apps, alias, clock.record))
        audience, is_new = audiences.get_or_create(key="|".join(names))
        if is_new:
            tokens.bulk_create([token(audience=audience, token=one) for one in names])
        clocks.filter(pk=clock.pk).update(audience=audience)


class Migration(migrations.Migration):

    dependencies = [("kernel", "0029_asked_clocks")]

    operations = [migrations.RunPython(name_officers, migrations.RunPython.noop)]
