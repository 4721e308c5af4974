"""What other rooms may listen to."""

from django.dispatch import Signal

# Sent inside the new tenant's context, as the database owner, once its schema is migrated.
# kwargs: tenant
tenant_provisioned = Signal()
