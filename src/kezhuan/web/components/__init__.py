"""View models of the page components: what a template needs to draw one thing, and nothing of the database.

Each class is drawn by the template of the same subject in ``templates/components/``; texts may be lazy
translations and are escaped when drawn, unless a field is a ``SafeString``.
"""

from kezhuan.web.components.forms import Answers, FormRows, FormSection, ProblemLine
from kezhuan.web.components.frame import Account, ActingChoice, Crumb, NavItem
from kezhuan.web.components.jobs import JobLine, MessageLine, Progress
from kezhuan.web.components.lists import (
    Cell,
    Chart,
    ChartBar,
    Column,
    Facet,
    FacetOption,
    Figure,
    InboxLine,
    Pager,
    ResultLine,
    SortChoice,
    TableView,
)
from kezhuan.web.components.matches import MatchLine, NearMissLine, PartBar, Standing
from kezhuan.web.components.record import (
    ButtonLink,
    ClockLine,
    DocumentLine,
    Fact,
    HistoryLine,
    LinkLine,
    OpenMove,
    Panel,
    RouteStep,
    StageState,
    StageStep,
    Tag,
)
from kezhuan.web.components.words import Text, Tone

__all__ = [
    "Account",
    "ActingChoice",
    "Answers",
    "ButtonLink",
    "Cell",
    "Chart",
    "ChartBar",
    "ClockLine",
    "Column",
    "Crumb",
    "DocumentLine",
    "Facet",
    "FacetOption",
    "Fact",
    "Figure",
    "FormRows",
    "FormSection",
    "HistoryLine",
    "InboxLine",
    "JobLine",
    "LinkLine",
    "MatchLine",
    "MessageLine",
    "NavItem",
    "NearMissLine",
    "OpenMove",
    "Pager",
    "Panel",
    "PartBar",
    "ProblemLine",
    "Progress",
    "ResultLine",
    "RouteStep",
    "SortChoice",
    "StageState",
    "StageStep",
    "Standing",
    "TableView",
    "Tag",
    "Text",
    "Tone",
]
