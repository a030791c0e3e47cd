"""Segments in JSON: bare lists, GWOSC's timelines, gwpy's flags, and mappings from flags. It opens no files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from aframe_data.errors import UsageError
from aframe_data.outside import outside_text
from aframe_data_plugins.file.lists import FlagSegments, checked_segment, flag_segments

if TYPE_CHECKING:
    from aframe_data.types import Segment

#: Where the different writers put the segments of one flag.
_SEGMENTS = ("segments", "active", "results")
#: Beyond any time, and below what a float cannot hold.
_LARGEST = 10**15


def parse_json(text: str, origin: str) -> list[FlagSegments]:
    """Read segments from JSON.

    Accepted are a list of ``[start, stop]`` or of ``{"start": …, "stop": …}``; an object with such a list
    under ``segments`` (GWOSC's timeline files, whose ``id`` is the flag and whose ``start`` and ``end`` are
    the span they know), ``results`` (GWOSC's API) or ``active`` (gwpy, with ``known``); and an object that
    maps each flag to any of these.

    Raises
    ------
    UsageError
        The text is not JSON, or an entry is not a segment; it names the line or the entry.
    """
    try:
        content = json.loads(text)
    except json.JSONDecodeError as error:
        raise UsageError(f"{origin}, line {error.lineno}: this is not JSON: {error.msg}.") from error
    except (RecursionError, ValueError) as error:
        reason = "it is nested too deeply" if isinstance(error, RecursionError) else "a number has too many digits"
        raise UsageError(f"{origin}: {reason} for a list of segments.") from error
    if isinstance(content, Mapping) and not any(key in content for key in _SEGMENTS):
        if not content:
            raise UsageError(f"{origin}: an empty object holds no segments.")
        return [_one_flag(value, flag, origin) for flag, value in content.items()]
    return [_one_flag(content, None, origin)]


def _one_flag(content: Any, flag: str | None, origin: str) -> FlagSegments:
    if not isinstance(content, Mapping):
        return flag_segments(flag, _segments(content, origin, flag or "the list"), None, origin)
    key = next((key for key in _SEGMENTS if key in content), None)
    if key is None:
        raise UsageError(f"{origin}: {flag!r} must hold a list of segments, or an object with 'segments'.")
    if content.get("next"):
        raise UsageError(f"{origin}: this is one page of several of a query; save all results in one file.")
    active = _segments(content[key], origin, key)
    return flag_segments(flag or _flag_name(content), active, _known(content, origin), origin)


def _flag_name(content: Mapping[str, Any]) -> str | None:
    """Find the flag as its writer spells it: GWOSC's ``id``, gwpy's (ifo, name, version), or ``flag``."""
    if isinstance(content.get("ifo"), str) and isinstance(content.get("name"), str):
        parts = [content["ifo"], content["name"]]
        if content.get("version") is not None:
            parts.append(str(content["version"]))
        return ":".join(parts)
    return next((content[key] for key in ("flag", "id", "name") if isinstance(content.get(key), str)), None)


def _known(content: Mapping[str, Any], origin: str) -> list[Segment] | None:
    if content.get("known") is not None:
        return _segments(content["known"], origin, "known")
    stop = content.get("end", content.get("stop"))
    if content.get("start") is None or stop is None:
        return None
    return _segments([[content["start"], stop]], origin, "the span from 'start' to 'end'")


def _segments(entries: Any, origin: str, name: str) -> list[Segment]:
    if not isinstance(entries, list):
        raise UsageError(f"{origin}: {name} must be a list of segments.")
    return [_segment(entry, f"{origin}, entry {number} of {name}") for number, entry in enumerate(entries, start=1)]


def _segment(entry: Any, where: str) -> Segment:
    if isinstance(entry, Mapping):
        entry = [entry.get("start"), entry.get("stop", entry.get("end"))]
    if not isinstance(entry, list) or len(entry) != 2 or not all(_is_number(value) for value in entry):
        raise UsageError(f"{where}: {outside_text(json.dumps(entry))} is not a segment, [start, stop] in GPS seconds.")
    return checked_segment(entry[0], entry[1], where)


def _is_number(value: Any) -> bool:
    return isinstance(value, float) or (type(value) is int and abs(value) < _LARGEST)
