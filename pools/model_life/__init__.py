"""A model's life: trained, tried on time it has not seen, promoted by two people, used, retired.

`policy`, `suite`, `training`, `scoring` and `trials` are pure; `services` and `selectors` are not.
"""
