"""What units are written about projects: that they are asked into a consortium, to agree to a change, or to sign,
and what a gate of their race came to."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kezhuan.areas.projects.book_actions import INVITED, TO_SIGN, TOPIC
from kezhuan.areas.projects.models import Project, Race, RaceTeam
from kezhuan.areas.projects.permissions import has_to_sign, is_asked_to_agree, is_invited, tests_gate
from kezhuan.areas.projects.race_actions import GATE_HELD
from kezhuan.areas.projects.race_test_actions import TO_TEST
from kezhuan.kernel import outbox
from kezhuan.kernel.access import Actor, can_view
from kezhuan.web import faces
from kezhuan.web.names import name_of


def _about(content: Mapping[str, Any]) -> Project | None:
    return Project.objects.select_related("record", "leader__record").filter(pk=content["project"]).first()


def invited(actor: Actor, content: Mapping[str, Any]) -> outbox.Letter | None:
    """A leader asks the receiver's unit into its consortium, or to agree to a change, while that waits for an
    answer."""
    row = _about(content)
    if row is None:
        return None
    words = {"leader": name_of(row.leader.record), "title": name_of(row.record)}
    if is_invited.test(actor, row):
        text = _("%(leader)s asks your unit to take part in “%(title)s”. Read its task book, then answer.") % words
        return outbox.Letter(_("Your unit is asked into a project"), text, faces.url_of(row.record))
    if not is_asked_to_agree.test(actor, row):
        return None
    text = _("%(leader)s asks your unit to agree to a change of “%(title)s”. Read what is to be changed, then answer.")
    return outbox.Letter(_("Your unit is asked to agree to a change"), text % words, faces.url_of(row.record))


def to_sign(actor: Actor, content: Mapping[str, Any]) -> outbox.Letter | None:
    """A task book was filed or has changed, and the receiver's unit has not signed it as it stands."""
    row = _about(content)
    if row is None or not has_to_sign.test(actor, row):
        return None
    text = _("The task book of “%(title)s” waits for the signature of your unit.") % {"title": name_of(row.record)}
    return outbox.Letter(_("A task book is to be signed"), text, faces.url_of(row.record))


def to_test(actor: Actor, content: Mapping[str, Any]) -> outbox.Letter | None:
    """The receiver's unit was asked for what it finds at a gate, and has not entered it."""
    row = Race.objects.select_related("record").filter(pk=content["race"]).first()
    if row is None or not tests_gate.test(actor, row) or row.tests.filter(held_on=None, entered_at=None).count() == 0:
        return None
    text = _("Your unit is the third party at a gate of the race “%(title)s”. Enter what you found of each team.")
    return outbox.Letter(_("Figures of a gate are asked of you"), text % {"title": name_of(row.record)},
                         faces.url_of(row.record))  # fmt: skip


def gate_held(actor: Actor, content: Mapping[str, Any]) -> outbox.Letter | None:
    """A gate of the race was held in which a project of the receiver's unit runs: it goes on, or has left."""
    row = _about(content)
    team = RaceTeam.objects.select_related("race__record").filter(project=content["project"]).first()
    if row is None or team is None or not can_view(actor, team.race.record, "full"):
        return None
    left = row.decisions.filter(what="gate", about=content["gate"]).exists()
    words = {"gate": content["gate"], "title": name_of(team.race.record), "code": row.record.code}
    text = (
        _("After gate %(gate)s of the race “%(title)s” your project %(code)s has left it. Its page tells what was found"
          " of each team, and what was decided.")
        if left
        else _("After gate %(gate)s of the race “%(title)s” your project %(code)s goes on.")
    )  # fmt: skip
    return outbox.Letter(_("A gate of the race was held"), text % words, faces.url_of(team.race.record))


def register() -> None:
    """Called once when Django has loaded the models."""
    outbox.register_letter(INVITED, invited, label=gettext_lazy("asked into a project"), asks=True)
    outbox.register_letter(TO_SIGN, to_sign, label=gettext_lazy("a task book to sign"), asks=True)
    outbox.register_letter(TO_TEST, to_test, label=gettext_lazy("figures of a gate to be entered"), asks=True)
    outbox.register_letter(GATE_HELD, gate_held, label=gettext_lazy("a gate of a race was held"))
    outbox.register_topic(TOPIC, lambda _topic: gettext_lazy("projects into which your unit is asked"))
