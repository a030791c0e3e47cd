"""Parts of one piece of work, for many machines: each has its share of the units, and knows it without the others."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from aframe_data.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: The name in an identity that says which part an output is; None for the whole.
SHARE = "share"
#: The argument in a record that says so, and what the record of a part has of each segment of a campaign: its number,
#: and the rows and draws that are in the part.
PART, SEGMENTS = "part", "segments"


@dataclass(frozen=True)
class Part:
    """Part `number` of `count`, from 1."""

    number: int
    count: int

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"

    @classmethod
    def read(cls, value: Any) -> Part:
        """The part that ``K/N`` means, as a text or as a `Part`.

        Raises
        ------
        UsageError
            It means none.
        """
        found = re.fullmatch(r"\s*([0-9]{1,9})\s*/\s*([0-9]{1,9})\s*", str(value), re.ASCII)
        part = cls(*map(int, found.groups())) if found else None
        if part is None or not 1 <= part.number <= part.count:
            raise UsageError("a part is K/N with K from 1 to N, such as 2/5.")
        return part

    def share(self, sizes: Sequence[int], what: str) -> range:
        """Which of some pieces of work, by their numbers: a run of them, and the runs of all parts as even as can be.

        Parameters
        ----------
        sizes
            How large each of the pieces is.
        what
            The pieces in words, for the error.

        Raises
        ------
        UsageError
            There are fewer pieces than parts.
        """
        if self.count > len(sizes):
            raise UsageError(f"part = {self} is not allowed: there can be at most {len(sizes)} parts, one for {what}.")
        before = [0, *(end * self.count for end in accumulate(sizes))]
        cut = 0
        for number in range(1, self.number + 1):
            start, ideal = cut, before[-1] // self.count * number
            cut = bisect_left(before, ideal)
            cut -= cut > 0 and ideal - before[cut - 1] < before[cut] - ideal  # what is nearest
            cut = min(max(cut, start + 1), len(sizes) - self.count + number)
        return range(start, cut)


def identified(part: Part | None) -> dict[str, str | None]:
    """What an identity says of the part; of the whole too, so that none is taken for the other."""
    return {SHARE: None if part is None else str(part)}


def recorded(part: Part | None) -> dict[str, str]:
    """What the arguments in a record say of the part; nothing for the whole."""
    return {} if part is None else {PART: str(part)}


def part_of(identity: Mapping[str, Any]) -> Part | None:
    """The part that an output is by its identity; None for the whole, and for what has no parts."""
    found = identity.get(SHARE)
    return None if found is None else Part.read(found)


def record_of_whole(record: Mapping[str, Any]) -> dict[str, Any]:
    """The record of a part, without all that says so."""
    arguments = {name: value for name, value in record["arguments"].items() if name != PART}
    more = {name: value for name, value in record.items() if name != SEGMENTS}
    return {**more, "arguments": arguments, "identity": {**record["identity"], **identified(None)}}
