"""Chance that comes out the same every time: one seed for the whole world."""

import random
import uuid
from collections.abc import Mapping, Sequence
from typing import TypeVar

T = TypeVar("T")

SEED = "amanah-2026"


class Chance(random.Random):
    """Random numbers of one thing in the world, named by its key; others do not disturb them."""

    def __init__(self, *key: object) -> None:
        super().__init__(":".join((SEED, *map(str, key))))

    def public_id(self) -> str:
        """Return a version 4 UUID."""
        return str(uuid.UUID(int=self.getrandbits(128), version=4))

    def happens(self, share: float) -> bool:
        """Return True in that share of all cases."""
        return self.random() < share

    def one(self, options: Sequence[T]) -> T:
        """Draw one of several, all alike."""
        return options[int(self.random() * len(options))]

    def weighted(self, options: Mapping[T, float]) -> T:
        """Draw one by its weight."""
        return self.choices(list(options), weights=list(options.values()))[0]
