"""One of everything that an address or a body can name, in one organisation."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import select

from app.accounts import commands as accounts
from app.accounts.models import Role
from app.columns import new_id
from app.customers import commands as customers
from app.database import reading, transaction
from app.insights.tables import commands as tables
from app.moments import utc_now
from app.needs import commands as needs
from app.needs import views
from app.needs.experiments import commands as experiments
from app.needs.imports import commands as imports
from app.needs.observations import commands as observations
from app.needs.observations.models import ObservedKind
from app.needs.surveys import commands as surveys
from app.needs.surveys.models import Allocation, AnswerKind, Grouping
from app.orders.feedback import secret_of
from app.orders.models import Feedback, Invoice
from app.processes import keeping_messages, messages
from app.processes.models import Deployment, Incident, WorkItem
from app.studio import commands as studio
from tests.app.insights.themed import themes_in_use
from tests.app.needs.experiments import plans
from tests.app.processes import running
from tests.builders import Firm
from tests.performing import a_call
from tests.selling import FOLDERS, a_customer, a_line, a_product, an_order, read
from tests.workflows.building import diagram, element, user

# A word that stands in every text of these things, and must appear to no stranger.
SECRET_WORD = "Quetzalcoatl"
# Unlike any other number in an answer.
THEME = 470_011
DIAGRAM = "quetzalcoatl.bpmn"
PROCESS = "quetzalcoatl_flow"

Things = Mapping[str, str]


def things_of(firm: Firm) -> Things:
    """Return an id for each name of a path parameter, all of this firm and all still changeable."""
    running.publish(firm, **{PROCESS: diagram(element("startEvent", "s") + user("a"), "s -> a", PROCESS)})
    customer_id = a_customer(firm, f"{SECRET_WORD} Ltd")
    contact = customers.add_contact(firm["sales"], customer_id, {"name": SECRET_WORD})
    product_id = a_product(firm, price="20000", name=f"{SECRET_WORD} chair")
    need = needs.create(firm["sales"], {"need_type": "x", "text": SECRET_WORD, "currency": "EUR"})
    order = an_order(firm, [a_line(product_id)], customer_id=customer_id, submit=True)
    themes_in_use(firm, (SECRET_WORD, SECRET_WORD), first=THEME)
    token = accounts.add_token(firm.org_id, firm["sales"].person_id, None, SECRET_WORD, ["*"], None)
    studio.save_draft(firm["owner"], DIAGRAM, (FOLDERS[0] / "order_approval.bpmn").read_bytes(), None)
    found = read(firm, order.id)
    assert found.instance_id is not None
    return {
        "customer_id": str(customer_id),
        "contact_id": str(contact),
        "product_id": str(product_id),
        "need_id": str(need.id),
        "experiment_id": str(_experiment(firm)),
        "view_id": str(views.keep(firm["sales"], "list", SECRET_WORD, {}, shared=False)),
        "observation_id": str(_observation(firm, customer_id)),
        "feedback_id": str(_answered(firm, order.id)),
        "survey_id": str(_survey(firm)),
        "import_id": str(_import(firm)),
        "table_id": str(
            tables.give(firm["sales"], f"{SECRET_WORD}.csv", b"need_type,n\nx,1\n", 3, scaled=False)
        ),
        "number": str(THEME),
        "order_id": str(order.id),
        "instance_id": str(found.instance_id),
        "item_id": str(_item(firm, found.instance_id)),
        "incident_id": str(_incident(firm, found.instance_id)),
        "message_id": str(_message(firm)),
        "document_id": str(_invoice(firm, order.id)),
        "person_id": str(_person(firm)),
        "token_id": str(token.id),
        "slug": firm.slug,
        "secret": _question(firm, order.id),
        "name": DIAGRAM,
        "process": PROCESS,
        "deployment": str(_deployment(firm)),
    }


def _item(firm: Firm, instance_id: UUID) -> UUID:
    with reading(firm.org_id) as tx:
        statement = select(WorkItem.id).where(WorkItem.instance_id == instance_id, WorkItem.status == 0)
        return tx.session.scalars(statement).one()


def _experiment(firm: Firm) -> UUID:
    return experiments.create(firm["sales"], SECRET_WORD, SECRET_WORD, "visitor", plans.DESIGN)[0]


def _survey(firm: Firm) -> UUID:
    drawn = (AnswerKind.YES_NO, Grouping.KIND, Allocation.PROPORTIONAL, 100)
    return surveys.create(firm["sales"], SECRET_WORD, SECRET_WORD, *drawn)


def _observation(firm: Firm, customer_id: UUID) -> UUID:
    seen = observations.Seen(customer_id, ObservedKind.ASKED, text=SECRET_WORD)
    return observations.note(firm["sales"], [seen])[0].id


def _answered(firm: Firm, order_id: UUID) -> UUID:
    """What the customer of an order said of it."""
    asked = Feedback(
        id=new_id(),
        org_id=firm.org_id,
        order_id=order_id,
        digest=hashlib.sha256(new_id().bytes).hexdigest(),
        asked_at=utc_now(),
        answered_at=utc_now(),
        score=2,
        text=SECRET_WORD,
    )
    with transaction(firm.org_id) as tx:
        tx.session.add(asked)
    return asked.id


def _import(firm: Firm) -> UUID:
    rows = f"need_type,text\n{SECRET_WORD},{SECRET_WORD}\n"
    return imports.receive(firm["sales"], f"{SECRET_WORD}.csv", io.BytesIO(rows.encode()))


def _message(firm: Firm) -> UUID:
    keeping_messages.set_policy(firm["operator"], "secret.told", True, None)
    said = {"word": SECRET_WORD}
    kept = messages.deliver(firm["operator"], "secret.told", said, SECRET_WORD, correlation=said).kept_id
    assert kept is not None
    return kept


def _incident(firm: Firm, instance_id: UUID) -> UUID:
    incident = Incident(
        id=new_id(),
        org_id=firm.org_id,
        instance_id=instance_id,
        service_call_id=a_call(firm, "http.call"),
        element="call_carrier",
        message=f"{SECRET_WORD} does not answer",
        at=utc_now(),
    )
    with transaction(firm.org_id) as tx:
        tx.session.add(incident)
    return incident.id


def _invoice(firm: Firm, order_id: UUID) -> UUID:
    order = read(firm, order_id)
    invoice = Invoice(
        id=new_id(),
        org_id=firm.org_id,
        order_id=order_id,
        number=SECRET_WORD,
        issued_on=utc_now().date(),
        due_on=utc_now().date(),
        currency="EUR",
        total=order.total,
    )
    with transaction(firm.org_id) as tx:
        tx.session.add(invoice)
    return invoice.id


def _person(firm: Firm) -> UUID:
    email = f"{new_id()}@{firm.slug}.example"
    return accounts.add_person(
        firm.org_id, None, email=email, name=SECRET_WORD, password=None, roles=[Role.SALES]
    )


def _question(firm: Firm, order_id: UUID) -> str:
    feedback_id = new_id()
    secret = secret_of(firm.org_id, feedback_id)
    digest = hashlib.sha256(secret.encode()).hexdigest()
    asked = Feedback(id=feedback_id, org_id=firm.org_id, order_id=order_id, digest=digest, asked_at=utc_now())
    with transaction(firm.org_id) as tx:
        tx.session.add(asked)
    return secret


def _deployment(firm: Firm) -> int:
    with reading(firm.org_id) as tx:
        return max(tx.session.scalars(select(Deployment.number)))
