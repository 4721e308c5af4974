"""The operator's desk: tenants, people and their roles. Reached on the platform's host only."""

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from tenants.models import KIND_CHOICES, Domain, Membership, Relationship, Tenant, User
from tenants.permissions import Kind
from tenants.provisioning import provision

admin.site.unregister(Group)  # roles come from memberships


class DomainForm(forms.ModelForm):
    class Meta:
        labels = {"domain": _("Host name"), "is_primary": _("The one that links name")}


class TenantForm(forms.ModelForm):
    class Meta:
        labels = {"schema_name": _("Schema name")}
        help_texts = {
            "schema_name": _("Lower-case letters, digits and underscores. It never changes.")
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "kind" in self.fields:  # nothing is chosen for the operator, and platforms are not made
            kinds = [pair for pair in KIND_CHOICES if pair[0] != Kind.PLATFORM]
            self.fields["kind"].choices = [("", "—"), *kinds]


class DomainInline(TabularInline):
    model = Domain
    form = DomainForm
    extra = 1


class MembershipInline(TabularInline):
    model = Membership
    extra = 1
    autocomplete_fields = ["user"]


@admin.register(Tenant)
class TenantAdmin(ModelAdmin):
    form = TenantForm
    list_display = ["name", "kind", "schema_name", "provisioned_at"]
    list_filter = ["kind"]
    search_fields = ["name", "name_zh", "schema_name"]
    fields = ["kind", "name", "name_zh", "schema_name", "hot_ledger", "provisioned_at"]
    inlines = [DomainInline, MembershipInline]

    def get_readonly_fields(self, request, obj=None):
        return ["provisioned_at", *(["schema_name", "kind"] if obj else [])]

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        tenant = form.instance
        if tenant.provisioned_at is None:
            # the job opens a connection of its own: it must find the committed row
            transaction.on_commit(lambda: provision.defer(tenant_id=str(tenant.pk)))
            self.message_user(request, _("The schema is being prepared; this takes seconds."))

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(User)
class PersonAdmin(UserAdmin, ModelAdmin):
    form, add_form = UserChangeForm, UserCreationForm
    change_password_form = AdminPasswordChangeForm
    ordering = ["email"]
    list_display = ["email", "display_name", "is_active", "is_staff"]
    search_fields = ["email", "display_name"]
    fieldsets = [
        (None, {"fields": ["email", "password", "display_name", "language"]}),
        (_("State"), {"fields": ["is_active", "is_staff", "is_superuser"]}),
    ]
    add_fieldsets = [
        (None, {"fields": ["email", "display_name", "password1", "password2"], "classes": ["wide"]})
    ]

    def save_model(self, request, obj, form, change):
        obj.username = obj.email
        super().save_model(request, obj, form, change)

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(Membership)
class MembershipAdmin(ModelAdmin):
    list_display = ["user", "role", "tenant", "is_active"]
    list_filter = ["role", "tenant"]
    autocomplete_fields = ["user", "tenant"]


@admin.register(Relationship)
class RelationshipAdmin(ModelAdmin):
    list_display = ["sender", "receiver", "is_active"]
