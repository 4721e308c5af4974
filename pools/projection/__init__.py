"""From verified entries of a lessor to the trust's assets, payments and prices."""
