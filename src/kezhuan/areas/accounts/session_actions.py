"""The session store: Django's, in the database, that also keeps whose a session is and where it was opened."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore

from kezhuan.areas.accounts.models import Session
from kezhuan.kernel.outages import unless_busy
from kezhuan.kernel.text import now

TICKET = "ticket"
"""Session key of the hash of the CAS ticket by which somebody came."""
PLACE = "place"
"""Session key of where and when somebody signed in: `since`, `address`, `agent`."""
SEEN_NOTED = timedelta(minutes=5)
"""The last use is written down this often at most: reading stays reading."""


class SessionStore(DatabaseStore):
    """See the module."""

    @classmethod
    def get_model_class(cls) -> Any:
        """See the base."""
        return Session

    def load(self) -> dict[str, Any]:
        """The session's content; now and then it is written down that it was used, if that costs no wait."""
        row: Any = self._get_session_from_db()  # type: ignore[attr-defined]  # Django's own, untold in its types
        if row is None:
            return {}
        if row.user_id is not None and (row.seen_at is None or now() - row.seen_at > SEEN_NOTED):
            unless_busy(lambda: Session.objects.filter(pk=row.pk).update(seen_at=now()))
        return self.decode(row.session_data)

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        """The row of a session, with whom it belongs to."""
        row: Any = super().create_model_instance(data)
        place = data.get(PLACE)
        if SESSION_KEY in data and place:
            row.user_id = int(data[SESSION_KEY])
            row.since = datetime.fromisoformat(place["since"])
            row.seen_at = now()
            row.address, row.agent = place["address"][:45], place["agent"][:300]
            row.ticket = data.get(TICKET, "")
        return row
