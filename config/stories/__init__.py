"""Five guided tours through the demo. `telling` says what a story is; each story has a module."""
