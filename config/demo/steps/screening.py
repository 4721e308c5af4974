"""Models on trial and every asset valued, beside the main line: they keep a core busy."""

from config.demo.scene import Scene
from config.demo.stage import SIDE, Facts, Step

# Heavy libraries come with `trials`: a start with everything played does without.


def _try_champion(scene: Scene) -> Facts:
    from config.demo.trials import try_champion

    return try_champion(scene)


def _promote(scene: Scene) -> Facts:
    from config.demo.trials import promote

    return promote(scene)


def _screen_all(scene: Scene) -> Facts:
    from config.demo.trials import screen_all

    return screen_all(scene)


def _try_others(scene: Scene) -> Facts:
    from config.demo.trials import try_others

    return try_others(scene)


STEPS = (
    Step("model", "the model on trial: a year it never saw", _try_champion, True, track=SIDE),
    Step("promotion", "two members of the committee promote it", _promote, track=SIDE),
    Step("screening", "every asset gets its value", _screen_all, track=SIDE),
)
AFTERWARDS = (
    Step("others", "a challenger and a biased model on trial", _try_others, True, track=SIDE),
)
