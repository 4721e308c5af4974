"""URLs by the kind of the tenant that a host belongs to."""
