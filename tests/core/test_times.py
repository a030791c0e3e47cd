"""Times: GPS seconds and dates in UTC."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aframe_data.errors import UsageError
from aframe_data.requests.campaign import TimeslideWaveforms
from aframe_data.requests.fetch import Fetch
from aframe_data.requests.query import Query
from aframe_data.times import Time, gps_seconds, utc
from aframe_data.types import Segment

if TYPE_CHECKING:
    from pathlib import Path

ASKED = {"flags": "H1_DATA", "end": 1300000000}
FETCHED: dict[str, Any] = {"channels": "H1", "sample_rate": 2048, "output_directory": "background"}


@pytest.mark.parametrize(
    ("moment", "gps"),
    [
        (1240579783, 1240579783.0),
        ("1240579783.25", 1240579783.25),
        ("1.2e9", 1.2e9),
        ("2019-04-29", 1240531218.0),
        (date(2019, 4, 29), 1240531218.0),
        ("2019-04-29T12:00", 1240574418.0),
        (" 2019-04-29 12:00:00 ", 1240574418.0),
        ("2019-04-29T12:00:00Z", 1240574418.0),
        ("2019-04-29T12:00:00.25Z", 1240574418.25),
        ("2019-04-29T14:00:00+02:00", 1240574418.0),
        (datetime(2019, 4, 29, 12), 1240574418.0),  # noqa: DTZ001 - without a zone it is UTC
        (datetime(2019, 4, 29, 5, tzinfo=timezone(timedelta(hours=-7))), 1240574418.0),
        ("1980-01-06", 0.0),
        # The leap second at the end of 2016, between its neighbours.
        ("2016-12-31T23:59:59Z", 1167264016.0),
        ("2016-12-31T23:59:60Z", 1167264017.0),
        ("2016-12-31T23:59:60.5", 1167264017.5),
        ("2017-01-01T00:59:60+01:00", 1167264017.0),
        ("2017-01-01", 1167264018.0),
    ],
)
def test_a_moment_is_given_as_gps_seconds_or_as_a_date(moment: Time, gps: float) -> None:
    assert gps_seconds(moment) == gps


@pytest.mark.parametrize(
    "moment",
    ["", "yesterday", "2019-13-01", "2019-04-29T25:00", "2018-12-31T23:59:60Z", "1979-12-31", date(1979, 12, 31)],
)
def test_what_is_no_moment_since_1980_is_refused(moment: Time) -> None:
    with pytest.raises(ValueError, match=r"isoformat|month|hour|leap second|before GPS"):
        gps_seconds(moment)


@given(moment=st.datetimes(datetime(1981, 1, 1), datetime(2026, 1, 1)))  # noqa: DTZ001 - hypothesis adds no zone
def test_gwpy_and_lal_know_the_same_seconds(moment: datetime) -> None:
    from gwpy.time import to_gps

    assert gps_seconds(moment) == pytest.approx(float(to_gps(moment)), abs=2e-6)
    assert utc(gps_seconds(moment.replace(microsecond=0))) == f"{moment:%Y-%m-%d %H:%M:%S} UTC"


def test_requests_have_gps_seconds_of_dates_also_in_what_they_record() -> None:
    query = Query(start="2019-04-29", **ASKED)
    assert query.start == 1240531218.0
    assert query.arguments["start"] == 1240531218.0
    assert query == Query(start=date(2019, 4, 29), **ASKED) == Query(start=1240531218, **ASKED)
    fetch = Fetch(start=datetime(2019, 4, 29, 12, tzinfo=UTC), end="2019-04-29T13:00:00Z", **FETCHED)
    assert fetch.span == Segment(1240574418, 1240578018)
    assert (type(fetch.arguments["start"]), fetch.arguments["end"]) == (int, 1240578018)
    campaign = TimeslideWaveforms(
        start="2019-04-29", end="2019-04-30", psd="design", shifts="0,1", ifos="H1,L1", output_dir="campaign",
        prior="flat", waveform_duration=8, sample_rate=2048,
    )  # fmt: skip
    assert campaign.span == Segment(1240531218.0, 1240617618.0)


@pytest.mark.parametrize(
    ("start", "told"),
    [
        ("yesterday", r"start = 'yesterday' is not a time: GPS seconds, or a date since 1980 such as 2019-04-29 or"),
        ("1975-01-01", r"start = '1975-01-01' is not a time: .* since 1980"),
        ("2018-12-31T23:59:60Z", r"is not a time"),
        ("nan", r"is not a time"),
        ("1990-01-01", r"start = 315187206 is not a plausible GPS time"),
        (True, r"is not a finite number"),
    ],
)
def test_what_is_no_time_is_told(start: Any, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        Query(start=start, **ASKED)


def test_a_fetch_starts_with_a_whole_second() -> None:
    with pytest.raises(UsageError, match=r"start = '2019-04-29T12:00:00\.5' is not a time: whole GPS seconds"):
        Fetch(start="2019-04-29T12:00:00.5", end=1300000000, **FETCHED)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("c.toml", "[query]\nstart = 2019-04-29\nend = 2019-04-29T14:00:00+02:00\n"),
        ("c.toml", '[query]\nstart = "2019-04-29"\nend = 2019-04-29T12:00:00\n'),
        ("c.yaml", "query:\n  start: 2019-04-29\n  end: 2019-04-29T12:00:00Z\n"),
    ],
)
def test_a_configuration_has_dates_of_its_own(cli: Any, tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    flags = ("--source", "simulated", "--simulated-duty-cycle", 1, "--flags", "H1_DATA", "--config", tmp_path / name)
    assert cli("query", *flags, "-o", tmp_path / "segments.txt").code == 0
    assert (tmp_path / "segments.txt").read_text().splitlines()[-1].split()[-3:-1] == ["1240531218", "1240574418"]


def test_a_time_of_day_alone_and_a_date_for_another_option_are_refused(cli: Any, tmp_path: Path) -> None:
    for setting, told in (
        ("start = 12:00:00", "'start' is"),
        ("pad = 2019-04-29", "pad = '2019-04-29' is not a finite"),
    ):
        (tmp_path / "c.toml").write_text(f"[query]\n{setting}\n")
        refused = cli("query", "--flags", "H1_DATA", "--config", tmp_path / "c.toml", "-o", tmp_path / "segments.txt")
        assert refused.code == 2
        assert told in refused.err


def test_a_plain_number_is_read_without_astropy() -> None:
    code = (
        "import sys; from aframe_data.requests.query import Query;"
        "Query(flags='H1_DATA', start='1240579783', end=1240580783.0); assert 'astropy' not in sys.modules;"
        "Query(flags='H1_DATA', start='2019-04-29', end='2019-04-30'); assert 'astropy' in sys.modules"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
