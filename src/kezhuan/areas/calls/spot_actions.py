"""Officers record a spot check of an application: the only writer of them."""

from dataclasses import asdict

from django.utils.translation import gettext as _

from kezhuan.areas.calls.application_lifecycle import APPLICATION
from kezhuan.areas.calls.models import Application, Call
from kezhuan.areas.calls.permissions import spot_checks
from kezhuan.areas.calls.spot_checking import SpotCheck, spot_problems
from kezhuan.areas.calls.staging_actions import let_next_run
from kezhuan.kernel import journal
from kezhuan.kernel.access import Actor
from kezhuan.kernel.allowing import must_allow
from kezhuan.kernel.errors import Refused
from kezhuan.kernel.lifecycle import held, touch
from kezhuan.kernel.text import cleaned


def record_spot_check(*, actor: Actor, application: Application, said: SpotCheck) -> Application:
    """Keep what was found when an application to a call with a spot check was looked at; what was said before stays.
    The term of the call's spot check is then over. Raises `NotAllowed` or `Refused`."""
    refusal = _("The officers in charge record spot checks, of a call that has them.")
    must_allow(spot_checks, actor, application, refusal)
    with journal.writing():
        row: Application = held(application)
        must_allow(spot_checks, actor, row, refusal)
        if problems := list(spot_problems(row, said)):
            raise Refused(problems)
        told = {name: cleaned(value) for name, value in asdict(said).items()}
        row.spot_checks = [*row.spot_checks, {**told, "on": said.on.isoformat(), "finding": str(said.finding)}]
        row.save(update_fields=["spot_checks"])
        touch(APPLICATION, row, actor=actor, fields=["spot_checks"])
        let_next_run(Call.objects.select_related("record").get(pk=row.item.call_id))
    return row
