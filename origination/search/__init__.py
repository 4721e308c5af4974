"""Search over everything of a lessor: what was typed, where it is looked up, what is shown."""
