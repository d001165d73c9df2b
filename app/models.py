"""All tables in one import, for migrations and for row-level security; wiring, like create_app."""

from app import numbering
from app.accounts import models as accounts
from app.audit import models as audit
from app.catalogue import models as catalogue
from app.customers import models as customers
from app.events import models as events
from app.inbox import models as inbox
from app.insights import models as insights
from app.insights.segments import models as segments
from app.insights.tables import models as tables
from app.insights.themes import models as themes
from app.needs import models as needs
from app.needs import origins
from app.needs.experiments import models as experiments
from app.needs.forms import models as forms
from app.needs.imports import models as imports
from app.needs.mails import models as mails
from app.needs.observations import models as observations
from app.needs.surveys import models as surveys
from app.orders import models as orders
from app.outbox import models as outbox
from app.processes import message_models as messages
from app.processes import models as processes
from app.processes import moving_models as moved
from app.studio import models as studio

__all__ = [
    "accounts",
    "audit",
    "catalogue",
    "customers",
    "events",
    "experiments",
    "forms",
    "imports",
    "inbox",
    "insights",
    "mails",
    "messages",
    "moved",
    "needs",
    "numbering",
    "observations",
    "orders",
    "origins",
    "outbox",
    "processes",
    "segments",
    "studio",
    "surveys",
    "tables",
    "themes",
]
