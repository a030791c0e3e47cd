"""Which types of frames have a channel, as far as its name tells.

The types of LIGO, Virgo and KAGRA since 2015. A type belongs to an observing run more often than not, so that several
patterns may fit; which of them there are, and at which times, the server knows.
"""

from __future__ import annotations

import re

from aframe_data.errors import UsageError, unknown_name

#: Channel without its interferometer, and patterns of frame types: {ifo} is H1, a number behind a backslash what the
#: channel has in parentheses.
_GUESSES: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"GDS-CALIB_STRAIN(?:_CLEAN|_NOLINES)?_AR", (r"{ifo}_HOFT_C00_AR",)),
    (r"GDS-CALIB_STRAIN(?:_CLEAN|_NOLINES)?", (r"{ifo}_HOFT_C00",)),
    (r"DCS-CALIB_STRAIN_CLEAN_(SUB60HZ|SUB60HZ_VALIDATED)_(C\d\d)", (r"{ifo}_HOFT_\2_CLEAN_\1",)),
    (r"DCS-CALIB_STRAIN(?:_CLEAN)?_(C\d\d)", (r"{ifo}_HOFT_\1",)),
    (r"DCH-CLEAN_STRAIN_(C\d\d)", (r"{ifo}_CLEANED_HOFT_\1", r"{ifo}_HOFT_\1")),
    (r"Hrec_hoft_(V1O\w+)_\d+Hz", (r"\1",)),
    (r"Hrec_hoft_16384Hz", (r"V1Online", r"HoftOnline")),
    (r"DAC-STRAIN_(C\d\d)", (r"{ifo}_HOFT_\1",)),
    (r"GWOSC-(\d+KHZ)_(R\d+)_STRAIN", (r"{ifo}_GWOSC_O\w+_\1_\2",)),
    (r"LOSC-STRAIN", (r"{ifo}_LOSC_\d+_V\d",)),
)


def guesses(channel: str) -> tuple[re.Pattern[str], ...]:
    """Return patterns of the frame types that a channel, such as ``H1:GDS-CALIB_STRAIN``, may be in; or nothing."""
    ifo, _, name = channel.partition(":")
    for pattern, types in _GUESSES:
        match = re.fullmatch(pattern, name)
        if match is not None:
            return tuple(re.compile(_filled(form, match).replace("{ifo}", ifo)) for form in types)
    return ()


def given_types(texts: tuple[str, ...]) -> dict[str, str]:
    """Read the option: interferometer and type; the interferometer of one for all is an empty text.

    Raises
    ------
    UsageError
        Two types for one interferometer.
    """
    types: dict[str, str] = {}
    for text in texts:
        before, equals, after = text.partition("=")
        ifo, frametype = (before.strip(), after.strip()) if equals else ("", text.strip())
        if equals and not re.fullmatch(r"[A-Z]\d", ifo):
            raise UsageError(f"--datafind-frametype: {text!r} must read IFO=TYPE, such as H1=H1_HOFT_C00, or TYPE.")
        if types.setdefault(ifo, frametype) != frametype:
            raise UsageError(
                f"--datafind-frametype: two types for {ifo or 'all interferometers'}: {types[ifo]} and {frametype}."
            )
    return types


def require_known(frametype: str, site: str, known: list[str], host: str) -> None:
    """Refuse a type that a server does not have.

    Raises
    ------
    UsageError
        With the nearest of those that it has.
    """
    if frametype not in known:
        raise unknown_name(f"frame type of {host} for site {site}", frametype, known)


def _filled(form: str, match: re.Match[str]) -> str:
    """Put what a channel has in parentheses into the form of a type, which has escapes of its own."""
    return re.sub(r"\\([1-9])", lambda group: re.escape(match[int(group[1])]), form)
