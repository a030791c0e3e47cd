"""Sizes in bytes, and numbers of things, as people write and read them."""

from __future__ import annotations

import re

from aframe_data.errors import UsageError


def format_bytes(number: float) -> str:
    """``1.5 GB`` of a number of bytes, in powers of ten."""
    for unit in ("B", "kB", "MB", "GB"):
        if abs(number) < 1000:
            return f"{number:.0f} {unit}" if unit == "B" else f"{number:.1f} {unit}"
        number /= 1000
    return f"{number:.1f} TB"


def counted(number: int, noun: str) -> str:
    """``1 file``, ``2 files``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def parse_size(size: object) -> int:
    """Bytes of a size as a person writes it: ``50GB``, ``1.5 TB``, ``500000``; in powers of ten.

    Raises
    ------
    UsageError
        It is not a size.
    """
    match = re.fullmatch(r"\s*(\d{1,15}(?:\.\d+)?)\s*([kMGT]?)B?\s*", str(size), re.IGNORECASE | re.ASCII)
    if match is None:
        raise UsageError("a size is a number and a unit of B, kB, MB, GB or TB (powers of ten), such as 50GB.")
    unit = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}[match[2].upper()]
    return round(float(match[1]) * unit)
