"""GPS seconds and UTC, as people write and read them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import TypeAlias

#: A time as it may be given: GPS seconds, or a date, with a time of day or without, in UTC where it names no zone.
Time: TypeAlias = float | str | date

_GPS_BEGAN = datetime(1980, 1, 6, tzinfo=UTC)
#: What stands for a leap second, which no clock of Python's knows: ``2016-12-31T23:59:60Z``.
_LEAP_SECOND = re.compile(r"(?P<before>.+:\d\d:)60(?P<after>\D.*)?")


def gps_seconds(moment: Time) -> float:
    """GPS seconds of a moment, given as such or as a date.

    Raises
    ------
    ValueError
        It is neither, or lies before GPS time began.
    """
    if isinstance(moment, date):
        return _gps(_in_utc(moment))
    try:
        return float(moment)
    except ValueError:
        text = moment.strip()  # type: ignore[union-attr]  # a number is a float
    leap = _LEAP_SECOND.fullmatch(text)
    if leap is None:
        return _gps(_in_utc(datetime.fromisoformat(text)))
    before = _in_utc(datetime.fromisoformat(f"{leap['before']}59{leap['after'] or ''}"))
    found = _gps(before)
    if round(_gps(before + timedelta(seconds=1)) - found) != 2:
        raise ValueError(f"{text} is not a leap second")
    return found + 1


def _in_utc(moment: date) -> datetime:
    """A date's midnight, or a moment; in UTC where no zone is said."""
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, time())
    return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)


def _gps(moment: datetime) -> float:
    """GPS seconds of a moment in UTC, to the microsecond; astropy knows the leap seconds."""
    if moment < _GPS_BEGAN:
        raise ValueError(f"{moment} lies before GPS time began")
    import warnings

    from astropy.time import Time as AstropyTime

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of years whose leap seconds nobody knows yet
        return round(float(AstropyTime(moment.replace(tzinfo=None), scale="utc").gps), 6)


def utc(gps: float) -> str:
    """``2015-09-14 09:50:45 UTC``, rounded down to the second; empty for what is not a time since the GPS began."""
    import lal

    try:
        year, month, day, hour, minute, second = lal.GPSToUTC(int(gps))[:6]
    except (RuntimeError, OverflowError, ValueError):
        return ""
    return f"{year}-{month:02d}-{day:02d} {hour:02d}:{minute:02d}:{second:02d} UTC"
