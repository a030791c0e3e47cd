"""Checks of arguments before any work, each with one line that names the value and what is allowed."""

from __future__ import annotations

import math
import re
import stat
from typing import TYPE_CHECKING

from aframe_data.errors import AframeDataError, OutputExistsError, UsageError
from aframe_data.sizes import format_bytes

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

#: GPS times have ten digits in file names; this is 2001 to 2286.
_FIRST_GPS, _LAST_GPS = 700_000_000, 9_999_999_999
#: What a path may lead to that is no file, in the words of the system.
_NO_FILES = {
    stat.S_IFDIR: "Is a directory",
    stat.S_IFIFO: "Is a named pipe",
    stat.S_IFSOCK: "Is a socket",
    stat.S_IFCHR: "Is a device",
    stat.S_IFBLK: "Is a device",
}
#: What pictures can be drawn as.
PICTURE_FORMATS = ("pdf", "png", "svg")


def require_span(start: float, end: float) -> None:
    """Start before end, both plausible GPS seconds."""
    for name, value in (("start", start), ("end", end)):
        if not math.isfinite(value) or not _FIRST_GPS <= value <= _LAST_GPS:
            raise UsageError(
                f"{name} = {value:.15g} is not a plausible GPS time: allowed are {_FIRST_GPS} to {_LAST_GPS}."
            )
    if not start < end:
        raise UsageError(f"start = {start:.15g} must come before end = {end:.15g}.")


def require_durations(min_duration: float, max_duration: float | None) -> None:
    """Bounds on the length of segments: not negative, and the lower one not above the upper one."""
    require_at_least("min_duration", min_duration, 0)
    if max_duration is None:
        return
    require_at_least("max_duration", max_duration, 1)
    if min_duration > max_duration:
        raise UsageError(f"min_duration = {min_duration:g} must not be above max_duration = {max_duration:g}.")


def require_at_least(name: str, value: float, minimum: float) -> None:
    """A number that is finite and at least `minimum`."""
    if not math.isfinite(value) or value < minimum:
        raise UsageError(f"{name} = {value:g} is not allowed, only values of at least {minimum:g}.")


def require_positive(name: str, value: float) -> None:
    """A number that is finite and above zero."""
    if not math.isfinite(value) or value <= 0:
        raise UsageError(f"{name} = {value:g} is not allowed, only values above 0.")


def require_sample_rate(sample_rate: float) -> None:
    """A whole number of hertz whose inverse, stored as ``dx``, gives it back exactly.

    Training demands ``1 / dx == sample_rate``.
    """
    require_at_least("sample_rate", sample_rate, 64)
    if sample_rate != round(sample_rate):
        raise UsageError(f"sample_rate = {sample_rate:g} is not allowed, only a whole number of hertz.")
    if 1 / (1 / sample_rate) != sample_rate:
        raise UsageError(
            f"sample_rate = {sample_rate:g} is not allowed: 1 / (1 / {sample_rate:g}) differs from it in floating "
            f"point, and Aframe compares them. Powers of two always work."
        )


def require_grid(sample_rate: float, duration: float, right_pad: float) -> None:
    """The time grid of waveforms: whole numbers of samples, and the merger inside."""
    require_positive("sample_rate", sample_rate)
    require_positive("waveform_duration", duration)
    require_positive("right_pad", right_pad)
    if right_pad >= duration:
        raise UsageError(f"right_pad = {right_pad:g} must be below waveform_duration = {duration:g}.")
    for name, seconds in (("waveform_duration", duration), ("right_pad", right_pad)):
        samples = seconds * sample_rate
        if abs(samples - round(samples)) > 1e-9 * max(1.0, samples):
            raise UsageError(
                f"{name} = {seconds:.10g} times sample_rate = {sample_rate:g} is {samples:.10g}, "
                "not a whole number of samples."
            )


def require_frequencies(minimum_frequency: float, reference_frequency: float, sample_rate: float) -> None:
    """Frequencies above zero and below the Nyquist frequency."""
    nyquist = sample_rate / 2
    for name, value in (("minimum_frequency", minimum_frequency), ("reference_frequency", reference_frequency)):
        if not 0 < value < nyquist:
            raise UsageError(
                f"{name} = {value:g} is not allowed, only values between 0 and {nyquist:g}, the Nyquist frequency."
            )


def require_count(name: str, value: int, minimum: int = 1) -> None:
    """A whole number of at least `minimum`."""
    if value != int(value) or value < minimum:
        raise UsageError(f"{name} = {value} is not allowed, only whole numbers of at least {minimum}.")


def require_picture_format(path: Path) -> str:
    """Return what kind of picture a path asks for by its suffix: one of `PICTURE_FORMATS`."""
    kind = path.suffix.lower().removeprefix(".")
    if kind not in PICTURE_FORMATS:
        allowed = ", ".join(f".{name}" for name in PICTURE_FORMATS)
        raise UsageError(f"cannot draw {str(path)!r}: a picture's name must end in one of {allowed}.")
    return kind


def require_prefix(prefix: str) -> None:
    """A prefix of background files, from whose names Aframe's readers take the first ten digits before a dash."""
    if not re.fullmatch(r"[A-Za-z0-9_.-]+", prefix) or prefix.startswith("."):
        raise UsageError(
            f"prefix = {prefix!r} is not allowed, only letters, digits, '_', '-' and '.', and no '.' at its start."
        )
    if re.search(r"\d{10}(-|$)", prefix):
        raise UsageError(f"prefix = {prefix!r} is not allowed: its ten digits would be read as the GPS time.")


def require_file(path: Path, called: str = "", most: float = math.inf) -> None:
    """A file that is there: no folder, and nothing that may wait for ever or never end.

    Parameters
    ----------
    path
        Where it should be.
    called
        What it is, in words that end in a blank, for the message.
    most
        Bytes that it may have: those of one that is read whole.

    Raises
    ------
    UsageError
        There is no such file, or it is a folder, a pipe, a device or larger than `most`.
    """
    try:
        found = path.stat()
    except OSError as error:
        reason = error.strerror or "the system does not give it"
    except ValueError:  # a NUL in its name
        reason = "no file can have this name"
    else:
        if stat.S_ISREG(found.st_mode) and found.st_size <= most:
            return
        too_large = f"it has {format_bytes(found.st_size)}, and at most {format_bytes(most)} are read"
        reason = _NO_FILES.get(stat.S_IFMT(found.st_mode), too_large)
    raise UsageError(f"cannot read {called}{str(path)!r}: {reason}.")


def require_items(name: str, items: Sequence[str]) -> None:
    """Items of a list that are separated by commas, and each of which is given once."""
    for item in items:
        parts = re.split(r"[\s;]+", item.strip())
        if len(parts) > 1 and all(re.match(r"[A-Z]\d", part) for part in parts):
            raise UsageError(f"{name} = {item!r} is not a list: the items have commas between them, {','.join(parts)}.")
        if list(items).count(item) > 1:
            raise UsageError(f"{name} = {','.join(items)!r}: {item!r} is given twice.")


def interferometer(channel: str) -> str:
    """``H1`` of ``H1`` or ``H1:GDS-CALIB_STRAIN``: the name of the dataset in the output.

    Raises
    ------
    UsageError
        The channel does not begin with a capital letter and a digit.
    """
    match = re.fullmatch(r"([A-Z]\d)(:.+)?", channel)
    if match is None:
        raise UsageError(f"channel {channel!r} must begin with an interferometer: 'H1', or 'H1:NAME'.")
    return match[1]


def require_one_channel_each(channels: Sequence[str]) -> None:
    """At least one channel, and one only for each interferometer."""
    if not channels:
        raise UsageError("no channel was given: give at least one, such as --channels H1.")
    seen: dict[str, str] = {}
    for channel in channels:
        ifo = interferometer(channel)
        if ifo in seen:
            raise UsageError(f"channels {seen[ifo]!r} and {channel!r} are both of {ifo}: a file holds one for each.")
        seen[ifo] = channel


def output_exists(path: Path, difference: str = "") -> OutputExistsError:
    """The error for an output that is there already; with what it differs in, where that is known."""
    told = f" and holds something else ({difference})" if difference else ""
    return OutputExistsError(f"{str(path)!r} exists already{told}. --overwrite replaces it.")


def require_unchanged(path: Path, *, intact: bool | None) -> None:
    """Refuse an output that the same command made, and that is not, or not known to be, what it wrote."""
    if not intact:
        raise OutputExistsError(
            f"{str(path)!r} exists, but its content changed since it was written. --overwrite replaces it."
        )


def not_found(error: FileNotFoundError) -> AframeDataError:
    """The error for a file that was looked for in the middle of the work; HDF5 has its name only in the text."""
    inside = re.search(r"name = '([^']*)'", str(error))
    name = error.filename or (inside and inside[1])
    if not name:
        return AframeDataError("the folder in which the command was started is gone: give absolute paths.")
    return AframeDataError(
        f"{name} disappeared while the command was running: was it moved or deleted? Run the same command again to "
        "resume."
    )


def require_different(name: str, path: Path, other_name: str, other: Path) -> None:
    """Two files that are not the same one."""
    if path.resolve() == other.resolve():
        raise UsageError(f"{name} and {other_name} are both {str(path)!r}: they must be two files.")
