"""Exchange between tenants: parcels out of one log, verified copies in another's schema."""
