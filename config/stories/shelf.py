"""All stories, in the order in which they are told."""

from config.stories.telling import Story

STORIES: dict[str, Story] = {}
