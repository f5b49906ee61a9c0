"""Start Django for a command: read the settings, tell what is wrong with them, bring the database up to date."""

import os
import sys

from kezhuan.config.environment import BadSetting


def start_django(*, data: str | None = None) -> bool:
    """Load the site for a command; returns False after telling what is wrong with a setting.

    `data` names the data folder when the command has one of its own.
    """
    if data is not None:
        os.environ["KEZHUAN_DATA"] = data
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kezhuan.config.settings")
    try:
        import django  # inline: commands that need no site start without it

        django.setup()
    except BadSetting as problem:
        print(problem, file=sys.stderr)
        return False
    return True


def bring_up_to_date() -> bool:
    """Apply the migrations that are missing; tells and returns False when the database cannot be reached."""
    from django.core.management import call_command  # inline: see start_django
    from django.db import OperationalError

    try:
        call_command("migrate", interactive=False, verbosity=0)
    except OperationalError as problem:
        first = str(problem).strip().splitlines()[0]
        print(f"数据库无法打开:{first}。请检查 KEZHUAN_DATA 或 KEZHUAN_DATABASE_URL。", file=sys.stderr)
        print(f"The database cannot be opened: {first}. Check KEZHUAN_DATA or KEZHUAN_DATABASE_URL.", file=sys.stderr)
        return False
    return True
