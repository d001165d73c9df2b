"""What rooms below may read of instances without knowing them."""

from __future__ import annotations

from sqlalchemy import bindparam, select

from app.processes.models import Instance

_instances = Instance.__table__.c
# The heads of all chains that instances hold, for proving the record.
HEADS = select(_instances.id, _instances.audit_seq.label("seq"), _instances.audit_head.label("head")).where(
    _instances.org_id == bindparam("org_id")
)
