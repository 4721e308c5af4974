"""Database backend: django-tenants with the tenant kept in a ContextVar (see `base.py`)."""
