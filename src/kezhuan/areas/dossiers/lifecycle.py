"""A dossier is kept inside its unit, closed when its matter is over, and filed to the bureau when the unit says so."""

from django.utils.translation import gettext_lazy as _

from kezhuan.areas.dossiers.checks import check_never_filed
from kezhuan.areas.dossiers.models import Dossier, roles_of
from kezhuan.areas.dossiers.permissions import keeps
from kezhuan.kernel import audiences
from kezhuan.kernel.access import Audiences
from kezhuan.kernel.lifecycle import DISCARDED, Lifecycle, Move, Stage
from kezhuan.kernel.models.records import Phase


def dossier_audience(row: Dossier) -> Audiences:
    """The members of its unit in the roles in which it is kept: nobody else, no officer. Of a discarded one nobody."""
    return audiences.inside(row.record, roles_of(row.sort))


DOSSIER = Lifecycle(
    "dossier",
    "D",
    stages=(
        Stage("kept", Phase.ACTIVE, _("kept inside")),
        Stage("closed", Phase.DONE, _("matter closed")),
        Stage(DISCARDED, Phase.VOID, _("discarded")),
    ),
    moves=(
        Move(
            "close",
            _("Close the matter"),
            source=frozenset({"kept"}),
            target="closed",
            allowed=keeps,
            note="optional",
        ),
        Move("reopen", _("Open it again"), source=frozenset({"closed"}), target="kept", allowed=keeps, note="required"),
        Move(
            "discard",
            _("Discard"),
            source=frozenset({"kept"}),
            target=DISCARDED,
            allowed=keeps,
            checks=(check_never_filed,),
            hint=_("Nobody finds it afterwards, and it does not come back."),
            danger=True,
        ),
    ),
    audience=dossier_audience,
    inner=True,
)
