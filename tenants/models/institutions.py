"""Shared tables: tenants, their hosts, people, their roles, and what passes between tenants."""

import uuid

from django.contrib.auth.models import AbstractUser, UserManager
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_tenants.models import DomainMixin, TenantMixin

from tenants.naming import HOST_WORDS, SCHEMA_WORDS, is_host_name, is_schema_name
from tenants.permissions import ROLES_OF_KIND, Kind, Role

KIND_CHOICES = [
    (Kind.PLATFORM.value, _("Platform")),
    (Kind.LESSOR.value, _("Lessor")),
    (Kind.TRUST.value, _("Trust company")),
    (Kind.AUDITOR.value, _("Auditor")),
]
ROLE_CHOICES = [
    (Role.PLATFORM_OPERATOR.value, _("Platform operator")),
    (Role.LESSOR_OFFICER.value, _("Lessor officer")),
    (Role.LESSOR_BACK_OFFICE.value, _("Lessor back office")),
    (Role.LESSOR_MANAGER.value, _("Lessor manager")),
    (Role.TRUST_ANALYST.value, _("Trust analyst")),
    (Role.RISK_COMMITTEE.value, _("Risk committee")),
    (Role.PORTFOLIO_MANAGER.value, _("Portfolio manager")),
    (Role.INVESTOR.value, _("Investor")),
    (Role.CUSTODIAN.value, _("Custodian")),
    (Role.EXTERNAL_REVIEWER.value, _("External reviewer")),
    (Role.AUDITOR.value, _("Auditor")),
]


class Tenant(TenantMixin):
    """One institution with a schema of its own; the platform itself is the public one."""

    auto_create_schema = False  # provisioning runs as the database owner, never in a request
    auto_drop_schema = False

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(_("kind"), max_length=12, choices=KIND_CHOICES)
    name = models.CharField(_("name"), max_length=120)
    name_zh = models.CharField(_("name in Chinese"), max_length=120, blank=True)
    is_demo = models.BooleanField(_("demo"), default=False)
    hot_ledger = models.BooleanField(
        _("busy ledger"),
        default=False,
        help_text=_(
            "Records of phones wait in a queue and get their place in the ledger a moment later. "
            "For an institution with more than some hundred records a second."
        ),
    )
    provisioned_at = models.DateTimeField(_("provisioned at"), null=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("tenant")
        verbose_name_plural = _("tenants")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=[kind for kind, _label in KIND_CHOICES]),
                name="tenant_kind_known",
            )
        ]

    def __str__(self):
        return self.name

    def clean(self):
        """What the operator's form refuses; the command line asks the same in `provisioning`."""
        if self.kind == Kind.PLATFORM:
            others = Tenant.objects.filter(kind=Kind.PLATFORM).exclude(pk=self.pk)
            if others.exists():
                raise ValidationError({"kind": _("There is one platform, and it exists already.")})
        elif not is_schema_name(self.schema_name):
            raise ValidationError({"schema_name": " ".join(gettext(word) for word in SCHEMA_WORDS)})

    def get_tenant_type(self):
        return self.kind


class Domain(DomainMixin):
    """A host name of a tenant."""

    class Meta:
        verbose_name = _("host name")
        verbose_name_plural = _("host names")

    def clean(self):
        if not is_host_name(self.domain):
            raise ValidationError({"domain": " ".join(gettext(word) for word in HOST_WORDS)})

    def __str__(self):
        return self.domain


class EmailUserManager(UserManager):
    """People are known by their e-mail address."""

    def create_user(self, email, password=None, **extra):  # type: ignore[override]
        return super().create_user(email, email, password, **extra)

    def create_superuser(self, email, password=None, **extra):  # type: ignore[override]
        return super().create_superuser(email, email, password, **extra)


class User(AbstractUser):
    """A person. Deactivated when gone, never deleted: ledgers name people by this id."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(_("e-mail address"), unique=True)
    display_name = models.CharField(_("name"), max_length=120, blank=True)
    language = models.CharField(_("language"), max_length=10, blank=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: list[str] = []
    objects = EmailUserManager()

    def __str__(self):
        return self.display_name or self.email

    def delete(self, *args, **kwargs):
        self.is_active = False
        self.save(update_fields=["is_active"])


class Membership(models.Model):
    """A role of one person in one tenant."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(_("role"), max_length=24, choices=ROLE_CHOICES)
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.UniqueConstraint(fields=["user", "tenant", "role"], name="membership_once"),
            models.CheckConstraint(
                condition=models.Q(role__in=[role for role, _label in ROLE_CHOICES]),
                name="membership_role_known",
            ),
        ]

    def __str__(self):
        return f"{self.user} · {self.get_role_display()} · {self.tenant}"

    def clean(self):
        if not (self.role in set(Role) and self.tenant.kind in set(Kind)):
            return  # each is named beside its own field
        if Role(self.role) not in ROLES_OF_KIND[Kind(self.tenant.kind)]:
            raise ValidationError({"role": _("This role does not exist in a tenant of this kind.")})


class Relationship(models.Model):
    """Two tenants that may exchange parcels; agreed on the platform, switched off by either."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    sender = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="sends_to")
    receiver = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="receives_from")
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("relationship")
        verbose_name_plural = _("relationships")
        constraints = [
            models.UniqueConstraint(fields=["sender", "receiver"], name="relationship_once"),
            models.CheckConstraint(
                condition=~models.Q(sender=models.F("receiver")), name="relationship_between_two"
            ),
        ]

    def __str__(self):
        return f"{self.sender} → {self.receiver}"


class Parcel(models.Model):
    """Mailbox: a ciphertext that one tenant left for another; gone once acknowledged."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    sender = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="+")
    receiver = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="+")
    subject = models.CharField(max_length=24)
    log_origin = models.CharField(max_length=200)
    from_index = models.BigIntegerField()
    to_index = models.BigIntegerField()
    body = models.BinaryField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["receiver", "sender", "subject", "log_origin", "from_index", "to_index"],
                name="parcel_once",
            )
        ]
        indexes = [models.Index(fields=["receiver", "log_origin", "from_index"])]

    def __str__(self):
        return f"{self.subject} {self.log_origin} [{self.from_index}, {self.to_index})"


class PublishedKey(models.Model):
    """Directory of public keys: a tenant's log keys, cosigner keys and parcel key.

    Counterparties pin what they first saw; a later row of the same purpose replaces it only by
    their consent.
    """

    LOG, COSIGNER, PARCELS, LOG_MLDSA = "log", "cosigner", "parcels", "log_mldsa"
    PURPOSES = [
        (LOG, _("Log")),
        (COSIGNER, _("Cosigner")),
        (PARCELS, _("Parcels")),
        (LOG_MLDSA, _("Log, ML-DSA-44")),
    ]

    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="published_keys")
    purpose = models.CharField(max_length=10, choices=PURPOSES)
    key = models.CharField(max_length=2200)  # a note's verifier key, or base64 of an X25519 key
    # a log's key that another handed over to: the index of that entry
    from_index = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "purpose", "key"], name="published_key_once")
        ]

    def __str__(self):
        return f"{self.purpose} of {self.tenant}"
