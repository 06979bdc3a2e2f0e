"""Tables of the stage: areas and offices, people and their roles, the audit trail."""

from haqdar.access.models.areas import Area, AreaBelief, Office, OfficeBelief
from haqdar.access.models.audit import AuditEvent, AuditKey, AuditRange
from haqdar.access.models.people import LoginAttempt, Posting, Role, Session, User

__all__ = [
    "Area",
    "AreaBelief",
    "AuditEvent",
    "AuditKey",
    "AuditRange",
    "LoginAttempt",
    "Office",
    "OfficeBelief",
    "Posting",
    "Role",
    "Session",
    "User",
]
