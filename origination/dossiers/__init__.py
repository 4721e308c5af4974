"""All that is on record of one customer, and of one vehicle, each on one page."""
