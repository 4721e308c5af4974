"""All stories, in the order in which they are told."""

from config.stories import (
    decision_rerun,
    double_financing,
    follow_the_yuan,
    lessor_fails,
    model_on_trial,
)
from config.stories.telling import Story

STORIES: dict[str, Story] = {
    story.slug: story
    for story in (
        double_financing.STORY,
        follow_the_yuan.STORY,
        lessor_fails.STORY,
        model_on_trial.STORY,
        decision_rerun.STORY,
    )
}
