"""Contests of what the title registry refused or holds, for lessors and trusts alike.

The contestant and those who are asked act in their own tenants, the operators on the platform's
host; what they have in common are the shared tables of `tenants.models.contests`.
"""
