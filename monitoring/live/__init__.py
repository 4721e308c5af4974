"""Live pages: a nudge when something changed, one subscription a process and tenant, local fan-out.

A nudge carries no content. Who hears it reads the alerts after its own cursor from the database, so
a lost, doubled or overtaken nudge costs nothing, and a page that was away resumes where it stopped.
"""
