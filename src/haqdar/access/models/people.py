"""Who works with the platform: accounts, the posts they hold, and every attempt to log in."""

from typing import Any, ClassVar
from uuid import uuid4

import pghistory
import pgtrigger
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import RandomUUID
from django.contrib.postgres.indexes import HashIndex
from django.db import models
from django.db.models import F, Q

from haqdar.access.models.history import names_an_actor, tracked


class UserManager(BaseUserManager["User"]):
    """Creates accounts; a name is looked up without regard to case."""

    def create_user(self, username: str, password: str | None = None, **names: Any) -> "User":
        """Save a new account; without a password nobody can log in with it."""
        user = self.model(username=username.strip().lower(), **names)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(username=(username or "").strip().lower())


@tracked(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    exclude=["password", "last_login"],
)
class User(AbstractBaseUser):
    """An employee's own account. What it may do follows from its postings, never from the account.

    `key` names the account in addresses. A password given by an administrator `is_one_time`: it opens only the page on
    which the employee chooses an own one. `is_active` is False while an administrator keeps the account locked.
    """

    key = models.UUIDField(db_default=RandomUUID(), unique=True, editable=False)
    username = models.CharField(max_length=150, unique=True, db_collation="C")
    name_en = models.CharField(max_length=200)
    name_hi = models.CharField(max_length=200, blank=True)
    language = models.CharField(max_length=2, default="hi")
    is_active = models.BooleanField(default=True)
    is_demonstration = models.BooleanField(default=False)
    password_set_at = models.DateTimeField(null=True, blank=True)
    password_is_one_time = models.BooleanField(default=False, db_default=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name_en"]

    class Meta:
        db_table = "access_user"
        triggers: ClassVar[list[pgtrigger.Trigger]] = names_an_actor(exclude=["password", "last_login"])

    def __str__(self) -> str:
        return self.username


class Role(models.TextChoices):
    """The functions an employee can be posted to."""

    SECRETARY = "secretary", "Panchayat secretary or ward officer"
    VERIFIER = "verifier", "Pension section officer"
    SANCTIONING_OFFICER = "sanctioning_officer", "Sanctioning officer (CEO Janpad, CMO)"
    DDO = "ddo", "Drawing and disbursing officer"
    DISTRICT = "district", "District office"
    FIRST_APPELLATE = "first_appellate", "First appellate officer"
    SECOND_APPELLATE = "second_appellate", "Second appellate authority"
    STATE = "state", "State department"
    AUDITOR = "auditor", "Auditor"
    ADMINISTRATOR = "administrator", "Office administrator"


@tracked(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Posting(models.Model):
    """A user's function in an area for a time; `to_on` is the last day, empty while it lasts.

    `functions` are the verbs delegated to this employee out of those of the role; empty (NULL) for all of them.
    An acting officer holds the charge of another's post between two dates.
    """

    class Charge(models.TextChoices):
        REGULAR = "regular"
        ACTING = "acting"

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="postings")
    role = models.CharField(max_length=30, choices=Role.choices)
    area_code = models.CharField(max_length=40, db_collation="C")
    office_code = models.TextField(null=True, blank=True, db_collation="C")
    charge = models.TextField(choices=Charge.choices, default=Charge.REGULAR, db_default=Charge.REGULAR)
    functions = ArrayField(models.TextField(), null=True, blank=True)
    from_on = models.DateField()
    to_on = models.DateField(null=True, blank=True)

    class Meta:
        db_table = "access_posting"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(to_on__isnull=True) | Q(to_on__gte=F("from_on")), name="posting_dates_in_order"
            ),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="posting_role_known"),
            models.CheckConstraint(
                condition=~Q(charge="acting") | Q(to_on__isnull=False), name="acting_charge_ends"
            ),
            models.UniqueConstraint(
                fields=["user", "role", "area_code", "from_on"], name="posting_once_a_day"
            ),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = names_an_actor()


class LoginAttempt(models.Model):
    """One attempt to log in or to prove the second factor; the lock-out counts the failed ones.

    A password that is right but still waits for its second factor is no attempt yet. `LIFTED` is no attempt either: an
    administrator ended the lock-out, and what failed before no longer counts.
    """

    class Step(models.TextChoices):
        PASSWORD = "password"
        SECOND_FACTOR = "second_factor"
        LIFTED = "lifted"

    at = models.DateTimeField(db_index=True)
    username = models.CharField(max_length=150, db_collation="C")
    ip = models.GenericIPAddressField(null=True, blank=True)
    succeeded = models.BooleanField()
    step = models.TextField(choices=Step.choices, default=Step.PASSWORD, db_default=Step.PASSWORD)
    browser = models.CharField(max_length=200, blank=True, default="", db_default="")

    class Meta:
        db_table = "access_login_attempt"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["username", "at"], name="login_attempt_by_name"),
            HashIndex(fields=["ip"], name="login_attempt_by_ip"),
        ]


class Session(models.Model):
    """One logged-in browser of an employee, so that it can be seen and ended from elsewhere.

    `session_key` is the key of Django's session while it lasts and empty (NULL) once it is over; `key` names it in addresses.
    """

    key = models.UUIDField(default=uuid4, unique=True, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="sessions")
    session_key = models.CharField(max_length=40, null=True, blank=True, unique=True)
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    ip = models.GenericIPAddressField(null=True, blank=True)
    browser = models.CharField(max_length=200, blank=True, default="")
    second_factor_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        db_table = "access_session"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["user", "-started_at"], name="session_by_user"),
        ]
