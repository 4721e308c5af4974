"""What is found."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from origination.domain.asking import Asked


@dataclass(frozen=True)
class Hit:
    """One thing found: where it is, what it is called, what else helps to tell it apart."""

    url: str
    title: str
    more: Sequence[str] = ()


#: (what was asked, may the person read personal data, at most) → hits, one more than asked for
#: where there are more
Finder = Callable[[Asked, bool, int], list[Hit]]
