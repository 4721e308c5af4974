"""The C2SP witness protocol over HTTP: serving it for others' logs, asking it for our own."""
