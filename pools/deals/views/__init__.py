"""The trust's pages of requests, facilities and pools. Views read; services write."""
