"""From bank lines to investors' units: collected, distributed, traced, and corrected.

Pure and exact, whole minor units. A period is derived anew from the payment events known at an
instant, so a back-dated or reversed payment changes the period it belongs to, and the difference
is a figure of its own.
"""
