"""Numbers, as the page says them."""

from __future__ import annotations

from aframe_data.times import utc


def seconds(value: float | None) -> str:
    """``12345 s (3.43 h)``."""
    if value is None:
        return "not known"
    for least, unit, name in ((2 * 86400, 86400, "d"), (2 * 3600, 3600, "h"), (120, 60, "min")):
        if value >= least:
            return f"{value:,.10g} s ({value / unit:.3g} {name})"
    return f"{value:,.10g} s"


def counted(number: int, noun: str) -> str:
    """``1 file``, ``2,000 files``."""
    return f"{number:,} {noun}{'s' * (number != 1)}"


def ends(span: tuple[float, float] | None) -> list[tuple[str, str]]:
    """Start and end as GPS seconds and dates."""
    return [
        (name, f"{gps:.10g}" + (f" ({date})" if (date := utc(gps)) else ""))
        for name, gps in zip(("from", "to"), span or (), strict=False)
    ]


def per_cent(share: float | None) -> str:
    """``2.8 %``."""
    return "not known" if share is None else f"{100 * share:.3g} %"


def clock(value: float | None) -> str:
    """A duration of some work, ``12.5 min``; empty where it is not known."""
    if value is None:
        return ""
    if value < 120:
        return f"{value:.3g} s"
    return f"{value / 60:.3g} min" if value < 7200 else f"{value / 3600:.3g} h"
