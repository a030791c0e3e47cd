"""Values of another type than open data's lists have: told with the name of the field."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from servers.gwosc_hostile import (
    EVENT,
    EVENTS,
    RUN,
    RUNS,
    SEGMENT,
    SEGMENTS,
    Asking,
    asking,
    pauses,
    require_told,
    server,
    strange,
)
from servers.hostile import as_json, page

if TYPE_CHECKING:
    from servers.hostile import HostileServer

__all__ = ["asking", "pauses", "server"]

WRONG = ["text", None, ..., [1], {"a": 1}, True, float("nan"), float("inf"), 10**400]
NO_NAMES = [7, None, ..., ["x"], "\x1b[31mred", "x" * 1000]
#: The first of each is quick.
FIELDS = [
    *((SEGMENTS, SEGMENT, key, value) for key in ("start", "stop") for value in WRONG),
    *((RUNS, RUN, key, value) for key in ("gps_start", "gps_end") for value in WRONG),
    *((RUNS, RUN, "name", value) for value in NO_NAMES),
    *((RUNS, RUN, "detectors", value) for value in (7, None, ..., "H1", [1], {"H1": 1}, [["H1"]])),
    *((EVENTS, EVENT, key, value) for key in ("gps", "version") for value in WRONG),
    *((EVENTS, EVENT, key, value) for key in ("name", "shortName", "catalog") for value in NO_NAMES),
    *((EVENTS, EVENT, "detectors", value) for value in (7, ..., "H1", [1])),
]


@pytest.mark.parametrize(
    "case",
    [pytest.param(case, marks=pytest.mark.slow if case[3] not in ("text", 7) else ()) for case in FIELDS],
    ids=lambda case: f"{case[0]} {case[2]} {str(case[3])[:12]}",
)
def test_a_field_of_another_type_is_told_with_its_name(
    asking: Asking, server: HostileServer, case: tuple[str, dict[str, Any], str, Any]
) -> None:
    list_of, entry, key, value = case
    server.answers[list_of] = as_json(page([strange(entry, key, at=value)]))
    done = asking.query("--exclude-events", "10")
    if value == 10**400:  # Python's own bound on the digits of a number is ten times that
        require_told(done, server, f"{key!r} of ")
        assert "far too large" in done.err
    else:
        require_told(done, server, f"{key!r} of ")
    assert server.count(list_of) == 1


@pytest.mark.parametrize("entry", [7, None, "text", []], ids=str)
@pytest.mark.parametrize("list_of", [SEGMENTS, EVENTS])
def test_an_entry_that_is_no_object_is_told(asking: Asking, server: HostileServer, list_of: str, entry: Any) -> None:
    server.answers[list_of] = as_json(page([entry]))
    require_told(asking.query("--exclude-events", "10"), server, "not an object")
