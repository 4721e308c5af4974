"""Axis arithmetic: round tick marks and the mapping from values to points. Pure numbers."""

import math
from dataclasses import dataclass

_NOTHING = 1e-300  # spans below it are cut into parts that floats no longer tell apart


@dataclass(frozen=True)
class Scale:
    """A linear axis from ``low`` to ``high``, ticks every ``step``, over ``length`` points."""

    low: float
    high: float
    step: float
    length: float

    def at(self, value: float) -> float:
        """Distance in points from the axis' start."""
        return (value - self.low) / (self.high - self.low) * self.length

    @property
    def ticks(self) -> list[float]:
        """Tick values, ``low`` and ``high`` included."""
        count = round((self.high - self.low) / self.step)
        return [self.low + i * self.step for i in range(count + 1)]


def nice_step(span: float, target: int) -> float:
    """The smallest of 1, 2, 2.5, 5 × 10ⁿ that cuts ``span`` into at most ``target`` parts."""
    if span <= 0 or not math.isfinite(span):
        raise ValueError(f"span must be a positive number, not {span}")
    raw = span / target
    magnitude = 10.0 ** math.floor(math.log10(raw))
    for factor in (1.0, 2.0, 2.5, 5.0, 10.0):
        if factor * magnitude >= raw * (1 - 1e-9):
            return factor * magnitude
    raise AssertionError("unreachable: 10 × the magnitude exceeds any raw step")


def value_scale(low: float, high: float, length: float, *, target: int = 5) -> Scale:
    """An axis that holds [low, high] and zero, with round ends.

    Raises:
        ValueError: if a bound is not finite.
    """
    if not (math.isfinite(low) and math.isfinite(high)):
        raise ValueError("a chart's values must be finite numbers")
    low, high = min(low, 0.0), max(high, 0.0)
    if high - low < _NOTHING:
        low, high = 0.0, 1.0
    step = nice_step(high - low, target)
    return Scale(
        low=math.floor(low / step + 1e-9) * step,
        high=math.ceil(high / step - 1e-9) * step,
        step=step,
        length=length,
    )


def label_stride(count: int, label_width: float, length: float) -> int:
    """Show every n-th of ``count`` category labels so that labels do not touch."""
    if count == 0:
        return 1
    fitting = max(1, int(length // (label_width + 6)))
    return max(1, math.ceil(count / fitting))
