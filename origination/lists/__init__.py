"""What is done with a filtered list: saved, exported, acted on at once."""
