"""GPS seconds as a person reads them."""

from __future__ import annotations


def utc(gps: float) -> str:
    """``2015-09-14 09:50:45 UTC``, rounded down to the second; empty for what is no time since the GPS began."""
    import lal

    try:
        year, month, day, hour, minute, second = lal.GPSToUTC(int(gps))[:6]
    except (RuntimeError, OverflowError, ValueError):
        return ""
    return f"{year}-{month:02d}-{day:02d} {hour:02d}:{minute:02d}:{second:02d} UTC"
