"""The pages of whoever watches."""
