"""Chance with a memory: the same seed draws the same town."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from typing import TypeVar

_T = TypeVar("_T")
_LARGEST_STEP = 20.0


class Chance(random.Random):
    """The draws the town is made of."""

    def happens(self, p: float) -> bool:
        return self.random() < p

    def among(self, options: Sequence[tuple[_T, float]]) -> _T:
        """One of `(option, weight)`."""
        left = self.random() * math.fsum(weight for _, weight in options)
        for option, weight in options:
            left -= weight
            if left < 0:
                return option
        return options[-1][0]

    def around(self, median: float, sigma: float) -> float:
        """Log-normal, by its median and the deviation of its logarithm."""
        return median * math.exp(self.gauss(0, sigma))

    def count(self, mean: float) -> int:
        """Poisson, by Knuth's products of uniforms, in steps that do not underflow."""
        total = 0
        while mean > _LARGEST_STEP:
            total += self._count_small(_LARGEST_STEP)
            mean -= _LARGEST_STEP
        return total + self._count_small(mean)

    def token(self) -> str:
        """A browser's own random id: 32 hexadecimal digits."""
        return f"{self.getrandbits(128):032x}"

    def click_id(self, prefix: str) -> str:
        alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        return prefix + "".join(self.choices(alphabet, k=40))

    def _count_small(self, mean: float) -> int:
        limit, product, count = math.exp(-mean), self.random(), 0
        while product > limit:
            product *= self.random()
            count += 1
        return count
