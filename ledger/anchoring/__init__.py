"""Anchoring: a checkpoint's hash is shown to somebody outside who says when. Off by default."""
