"""Publishing a log as static files: tiles first, then the checkpoint, to be served by anything."""
