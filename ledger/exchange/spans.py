"""Many numbers of entries in few words: 4–9, 12, 40–41. Pure."""

from collections.abc import Iterable


def spans(numbers: Iterable[int]) -> list[str]:
    """Runs of the numbers, rising, each as `4–9` or `12`."""
    runs: list[list[int]] = []
    for number in sorted(set(numbers)):
        if runs and runs[-1][1] == number - 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return [str(first) if first == last else f"{first}–{last}" for first, last in runs]
