"""A filing stands until a newer one of the same record to the same bureau corrects it; the earlier stays readable."""

from django.utils.translation import gettext_lazy as _

from kezhuan.kernel.access import Audiences, is_system
from kezhuan.kernel.filings import FILED, KIND, SUPERSEDED, bureau_tokens
from kezhuan.kernel.lifecycle import Lifecycle, Move, Stage
from kezhuan.kernel.models import Filing
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.roles import is_token_of, role_tokens


def filing_audience(row: Filing) -> Audiences:
    """The officers to whom it is filed, and those of the unit who read the record itself; of one filed elsewhere the
    unit's administrators."""
    owner = row.record.owner_id
    if row.about is None:  # filed at an instance of the unit's own: who reads the record there is not known here
        own = role_tokens(owner, {Role.ADMINISTRATOR}) if owner is not None else frozenset()
        return Audiences.nested(full={*bureau_tokens(row), *own}, inner=own)
    reading = row.about.inner_to.key.split("|")
    own = frozenset(token for token in reading if owner is not None and is_token_of(token, owner))
    return Audiences.nested(full={*bureau_tokens(row), *own}, inner=own)


FILING = Lifecycle(
    KIND,
    "F",
    stages=(Stage(FILED, Phase.ACTIVE, _("filed")), Stage(SUPERSEDED, Phase.DONE, _("superseded"))),
    moves=(
        Move(
            "supersede",
            _("Superseded by a newer filing"),
            source=frozenset({FILED}),
            target=SUPERSEDED,
            allowed=is_system,
        ),
    ),
    audience=filing_audience,
)
