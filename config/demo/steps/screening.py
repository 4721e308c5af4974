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


def _try_challenger(scene: Scene) -> Facts:
    from config.demo.trials import try_challenger

    return try_challenger(scene)


def _try_biased(scene: Scene) -> Facts:
    from config.demo.trials import try_biased

    return try_biased(scene)


STEPS = (
    Step("model", "the model on trial: a year it never saw", _try_champion, True, track=SIDE),
    Step("promotion", "two members of the committee promote it", _promote, track=SIDE),
    Step("screening", "every asset gets its value", _screen_all, track=SIDE),
)
# On the main line, which has time while the side track tries the champion.
BESIDE = (Step("challenger", "a challenger of another family on trial", _try_challenger, True),)
AFTERWARDS = (
    Step(
        "biased", "a model that learned from chosen files on trial", _try_biased, True, track=SIDE
    ),
)
