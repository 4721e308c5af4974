"""The stored log and the copies of others', gone over from the first entry: `core/stored.py`."""
