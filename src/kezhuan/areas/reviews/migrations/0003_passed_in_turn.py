"""Who was passed over in a draw stands with how many were known before not to come; until then they were told first."""

from typing import Any

from django.db import migrations


def number_passed(apps: Any, editor: Any) -> None:
    """The first of them with none before, the next with one."""
    draws = apps.get_model("reviews", "Draw").objects.using(editor.connection.alias)
    for pk, passed in list(draws.values_list("pk", "passed")):
        if any(isinstance(one, str) for one in passed):
            turns = [[one, turn] if isinstance(one, str) else one for turn, one in enumerate(passed)]
            draws.filter(pk=pk).update(passed=turns)


class Migration(migrations.Migration):
    dependencies = [("reviews", "0002_results")]

    operations = [migrations.RunPython(number_passed, migrations.RunPython.noop)]
