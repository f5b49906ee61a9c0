"""Who acts: organisations, people, memberships and sign-in accounts."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.translation import gettext_lazy as _

from kezhuan.kernel.models.records import Record


class OrganisationKind(models.TextChoices):
    """Kinds of organisation, as the city's registers tell them apart."""

    ENTERPRISE = "enterprise", _("enterprise")
    UNIVERSITY = "university", _("university")
    INSTITUTE = "institute", _("research institute")
    HOSPITAL = "hospital", _("medical institution")
    AGENCY = "agency", _("technology service agency")
    FUND = "fund", _("fund")
    GOVERNMENT = "government", _("government department")
    ASSOCIATION = "association", _("association")
    HK_MACAO = "hk_macao", _("Hong Kong, Macao or Taiwan body")
    FOREIGN = "foreign", _("foreign body")


FIRMS = frozenset({OrganisationKind.ENTERPRISE, OrganisationKind.AGENCY, OrganisationKind.FUND})
"""Kinds that have a size class: firms of this country."""


class FirmSize(models.TextChoices):
    """划型 of a firm, as 工信部联企业〔2011〕300号 classes it by staff, revenue and assets of its sector. The firm or
    an office says it; it is not computed here."""

    LARGE = "large", _("large")
    MEDIUM = "medium", _("medium-sized")
    SMALL = "small", _("small")
    MICRO = "micro", _("micro")


class Role(models.TextChoices):
    """What a member may do in an organisation: finance and legal read all of it and add documents; an officer is a
    member of a government department, and so is an auditor, who reads the audit and decides nothing (安全审计员)."""

    ADMINISTRATOR = "administrator", _("administrator")
    MEMBER = "member", _("member")
    FINANCE = "finance", _("finance")
    LEGAL = "legal", _("legal")
    READER = "reader", _("read-only member")
    OFFICER = "officer", _("officer")
    AUDITOR = "auditor", _("auditor")


MADE_BY_THE_PROGRAM = frozenset({Role.OFFICER, Role.AUDITOR})
"""Roles that nobody gives on a page: whoever runs the machine does, by `./kezhuan create-officer`."""


class Organisation(models.Model):
    """A firm, university, institute or department; its names are the record's titles, its code an `Identifier`."""

    record = models.OneToOneField(Record, on_delete=models.PROTECT, primary_key=True, related_name="organisation")
    kind = models.CharField(max_length=20, choices=OrganisationKind)
    region = models.CharField(max_length=6, blank=True, help_text="GB/T 2260 code of the district")
    country = models.CharField(max_length=2, default="CN", help_text="ISO 3166 alpha-2; HK, MO and TW apart")
    chain_leader = models.BooleanField(default=False, help_text="链主")
    size = models.CharField(max_length=10, blank=True, choices=FirmSize, help_text="划型; empty where not known")
    extra = models.JSONField(default=dict, blank=True)

    def __str__(self) -> str:
        return self.record.title


class Person(models.Model):
    """Somebody who acts, contributes or is a contact; never made from the byline of an imported paper."""

    record = models.OneToOneField(Record, on_delete=models.PROTECT, primary_key=True, related_name="person")
    post = models.CharField(max_length=80, blank=True)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=30, blank=True)

    programme = "organisation"
    """Who is in charge of organisations is in charge of their people."""

    def __str__(self) -> str:
        return self.record.title


class Membership(models.Model):
    """A person acts for an organisation in a role, within a scope, for a time; an empty scope is the whole.

    The scope is an officer's: a programme, a district, and the department (处室) of the office, which is in charge of
    the programmes of its duties.
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="memberships")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role)
    programme = models.CharField(max_length=40, blank=True)
    jurisdiction = models.CharField(max_length=6, blank=True, help_text="GB/T 2260 code; empty for the whole city")
    department = models.CharField(max_length=80, blank=True)
    since = models.DateField()
    until = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "organisation", "role", "programme", "jurisdiction", "department"],
                condition=models.Q(until=None),
                name="membership_open_once",
            )
        ]


class Duty(models.Model):
    """处室职责: a department of a government office is in charge of a programme; an empty one is every programme."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="duties")
    department = models.CharField(max_length=80)
    programme = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "department", "programme"], name="duty_once"),
            models.CheckConstraint(condition=~models.Q(department=""), name="duty_of_a_department"),
        ]


class Deputy(models.Model):
    """AB角: somebody stands in for a colleague from a day until a day, in one programme or (empty) in all."""

    represented = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="deputies")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="deputy_of")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    programme = models.CharField(max_length=40, blank=True)
    since = models.DateField()
    until = models.DateField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(until__gte=models.F("since")), name="deputy_days"),
            models.CheckConstraint(condition=~models.Q(represented=models.F("person")), name="deputy_is_another"),
        ]


class Users(BaseUserManager["User"]):
    """Makes accounts with hashed passwords."""

    def create_user(self, email: str, password: str, **fields: Any) -> "User":
        """Save an account; the mail address is kept in lower case and is what one signs in with."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save()
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        """The account of a mail address, whatever the case it was typed in."""
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser):
    """A sign-in account: one person, one mail address that was proven, and a mobile number when one was proven."""

    person = models.OneToOneField(Person, on_delete=models.PROTECT, related_name="user")
    email = models.EmailField(unique=True)
    mobile = models.CharField(max_length=16, unique=True, null=True, help_text="E.164, such as +8613800138000")
    is_active = models.BooleanField(default=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = Users()

    def __str__(self) -> str:
        return self.email
