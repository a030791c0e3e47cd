"""Many files at a time, through the public function: workers, reports, reruns, arguments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from aframe_data.errors import DataQualityError, NoDataError, UsageError
from aframe_data.formats import background
from aframe_data.formats.segwizard import write_segments
from aframe_data.progress import Bytes
from aframe_data.requests.fetch import Fetch
from aframe_data.types import Segment
from aframe_data.work.carry_out import carry_out, do, forecast
from aframe_data.work.engine import engine_for
from aframe_data.work.inline import Inline
from aframe_data.work.plan import Work
from strain.background_files import content, expected, read, record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from aframe_data.work.units import Outcome

START = 1_240_580_096
SEGMENTS = [Segment(START + 100 * k, START + 100 * k + 30) for k in range(4)]

pytestmark = pytest.mark.usefixtures("awkward")


def asked(folder: Path, **changes: Any) -> Fetch:
    whole = {
        "channels": ["L1", "H1"],
        "sample_rate": 128,
        "source": "awkward",
        "workers": 0,
        "output_directory": folder,
        **changes,
    }
    return Fetch(**(whole if "start" in whole else {"segments": SEGMENTS, **whole}))


def test_a_fixed_split_leaves_the_remainder_last_as_aframe_does(folder: Path, tmp_path: Path) -> None:
    span = {"start": START, "end": START + 31, "split": "fixed", "max_duration": 10}
    short = do(asked(folder, **span))
    assert [file.span.duration for file in short.files] == [10, 10, 10]
    assert short.dropped == (Segment(START + 30, START + 31),)
    report = do(asked(folder, **span, min_duration=1))
    assert [(file.span.start, file.status) for file in report.files] == [
        (START, "present"),
        (START + 10, "present"),
        (START + 20, "present"),
        (START + 30, "fetched"),
    ]
    assert report.dropped == ()
    assert record(folder / f"background-{START + 30}-1.hdf5")["arguments"]["split"] == "fixed"
    (whole,) = do(asked(tmp_path / "whole", start=START, end=START + 31)).files
    pieces = np.concatenate([read(file.path) for file in report.files])
    np.testing.assert_array_equal(pieces, read(whole.path))


@pytest.mark.parametrize("seconds", [1, 2, 9])
def test_files_of_a_few_seconds_are_made_where_they_are_asked_for(folder: Path, seconds: int) -> None:
    from gwpy.timeseries import TimeSeriesDict

    (made,) = do(asked(folder, start=START, end=START + seconds, min_duration=1)).files
    assert (made.status, made.path.name) == ("fetched", f"background-{START}-{seconds}.hdf5")
    series = TimeSeriesDict.read(made.path, format="hdf5")["L1"]
    assert (series.x0.value, series.duration.value, 1 / series.dx.value) == (START, seconds, 128)
    (again,) = do(asked(folder, start=START, end=START + seconds, min_duration=1)).files
    assert again.status == "present"


def test_good_stretches_of_a_second_are_files_where_they_are_asked_for(folder: Path) -> None:
    nan = {"nan": f"{START + 1}:{START + 20}"}
    changes = {"start": START, "end": START + 30, "gaps": "split", "source_options": nan}
    report = do(asked(folder, **changes, min_duration=1))
    assert [file.span.duration for file in report.files] == [1, 10]


def test_segments_with_a_bad_one(folder: Path, tmp_path: Path) -> None:
    """The good ones are made; a rerun leaves them alone and makes what is missing."""
    listed = tmp_path / "segments.txt"
    write_segments(listed, [*SEGMENTS, Segment(START + 1000, START + 1005)])
    nan = {"nan": f"{START + 105}:{START + 107}"}
    report = do(asked(folder, segments=listed, source_options=nan))
    assert [file.status for file in report.files] == ["fetched", "failed", "fetched", "fetched"]
    assert [file.span for file in report.files] == SEGMENTS
    assert report.dropped == (Segment(START + 1000, START + 1005),)
    (failed,) = report.failed
    assert isinstance(failed.error, DataQualityError)
    assert f"[{START + 105}, {START + 107})" in str(failed.error)
    assert "\n" not in str(failed.error)
    with pytest.raises(DataQualityError, match="2 s of samples that are not finite"):
        report.raise_for_failures()
    kept = content(folder)
    assert sorted(kept) == [f"background-{START + 100 * k}-30.hdf5" for k in (0, 2, 3)]

    again = do(asked(folder, segments=listed))
    assert [file.status for file in again.files] == ["present", "fetched", "present", "present"]
    again.raise_for_failures()
    assert {**content(folder), **kept} == content(folder)


def test_gwpy_reads_what_was_fetched(folder: Path) -> None:
    from gwpy.timeseries import TimeSeriesDict

    report = do(asked(folder, start=START, end=START + 40))
    assert [file.nbytes for file in report.files] == [report.files[0].path.stat().st_size]
    found = TimeSeriesDict.read(str(report.files[0].path), format="hdf5")
    assert list(found) == ["H1", "L1"]
    for ifo, series in found.items():
        assert (series.t0.value, series.duration.value, series.sample_rate.value) == (START, 40, 128)
        assert (series.name, str(series.channel), str(series.unit)) == (ifo, ifo, "strain")
        assert 1 / series.dt.value == 128
        np.testing.assert_array_equal(series.value, expected(ifo, START, START + 40, 256, 128))
    there = record(report.files[0].path)
    assert there["command"] == "fetch"
    assert there["arguments"]["channels"] == ["L1", "H1"]
    assert there["sources"][0]["name"] == "awkward"


def test_pieces_that_touch_equal_the_whole(folder: Path) -> None:
    report = do(asked(folder, channels=["H1"], start=START + 3, end=START + 150, max_duration=50))
    assert [file.span.duration for file in report.files] == [49, 49, 49]
    joined = np.concatenate([read(file.path) for file in report.files])
    np.testing.assert_array_equal(joined, expected("H1", START + 3, START + 150, 256, 128))


@pytest.mark.parametrize("workers", [0, 2])
def test_progress_adds_up_to_the_work(folder: Path, workers: int) -> None:
    done: dict[str, list[float]] = {}
    totals: dict[str, float] = {}
    told: list[Any] = []

    def phase(title: str, total: float) -> Callable[[float], None]:
        totals[title] = total
        amounts = done.setdefault(title, [])
        return lambda amount, _tried=0, found=False: amounts.append(amount)  # noqa: ARG005

    with engine_for(workers) as engine:
        report = carry_out(asked(folder), Work(engine, phase, told.append))
    assert totals == {
        "fetching strain": 4 * 30 * 2 * 128 * 8,
        "finished files": 4,
    }  # segments, seconds, detectors, hertz, bytes
    assert isinstance(totals["fetching strain"], Bytes)
    assert {title: sum(amounts) for title, amounts in done.items()} == totals
    assert told == [{"event": "file", **file.describe()} for file in report.files]


def test_looking_for_many_files_is_told_too(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aframe_data.work.carry_out._MANY", 3)
    told: list[tuple[str, float]] = []
    phases: list[tuple[str, float]] = []

    def phase(title: str, total: float) -> Callable[[float], None]:
        phases.append((title, total))
        return lambda amount: told.append((title, amount))

    expected = forecast(asked(folder), Work(Inline(), phase))
    assert len(expected.describe()["files"]) == 4
    assert phases == [("looking for files", 4)]
    assert told == [("looking for files", 3), ("looking for files", 1)]


def test_no_data_anywhere_is_reported_for_each_file(folder: Path) -> None:
    report = do(asked(folder, source_options={"there": f"{START - 90}:{START - 50}"}))
    assert [type(file.error) for file in report.failed] == [NoDataError] * 4
    assert report.failed[0].error.available == (Segment(START - 90, START - 50),)
    assert list(folder.iterdir()) == []


def test_a_rate_that_only_the_source_knows_to_be_too_high_is_a_wrong_argument(folder: Path) -> None:
    with pytest.raises(UsageError, match="more than awkward has"):
        do(asked(folder, sample_rate=32768))
    assert not folder.exists()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"start": START, "end": START + 20, "segments": SEGMENTS}, "either start and end, or segments"),
        ({"segments": None}, "either start and end, or segments"),
        ({"start": START}, "belong together"),
        ({"start": START + 0.5, "end": START + 20}, "start = 1240580096.5 is not a whole number"),
        ({"start": START, "end": START}, "must come before"),
        ({"start": 0, "end": START}, "not a plausible GPS time"),
        ({"segments": []}, "no segments"),
        ({"segments": "no-such-file.txt"}, "no-such-file.txt"),
        ({"segments": [*SEGMENTS, Segment(START + 20, START + 40)]}, "overlap"),
        ({"segments": [Segment(3, 40)]}, "start = 3 is not a plausible GPS time"),
        ({"segments": [Segment(START, START + 5)]}, "no segment is as long as min_duration = 10 s"),
        ({"min_duration": 4, "max_duration": 8, "split": "odd"}, "only one of even, fixed"),
        ({"min_duration": 50, "max_duration": 20}, "must not be above max_duration"),
        ({"channels": []}, "no channel"),
        ({"channels": ["H1", "H1:STRAIN"]}, "both of H1"),
        ({"channels": ["strain"]}, "must begin with an interferometer"),
        ({"sample_rate": 1000.5}, "whole number of hertz"),
        ({"sample_rate": 49 * 2}, "floating point"),
        ({"prefix": "a/b"}, "prefix"),
        ({"dtype": "int16"}, "only one of float64, float32"),
        ({"gaps": "drop"}, "only one of fail, split, fill"),
        ({"require_bits": ["DATA", "DATA"]}, "empty or given twice"),
        ({"require_bits": '["", "DATA"]'}, "empty or given twice"),
        ({"cache": "cache"}, "cache = 'cache' has no effect: awkward gives no files"),
        ({"cache": "cache", "cache_size": 50}, "cache_size = 50 is not allowed"),
        ({"source": "akward"}, "Did you mean 'awkward'"),
        ({"source_options": {"nam": "x"}}, "not an option of .*'awkward'"),
    ],
    ids=str,
)
def test_a_wrong_argument_is_refused_before_any_work(folder: Path, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        do(asked(folder, **changes))
    assert "\n" not in str(caught.value)
    assert not folder.exists()


@pytest.mark.parametrize("workers", [-1, 1.5])
def test_a_wrong_number_of_workers_is_refused(folder: Path, workers: float) -> None:
    with pytest.raises(UsageError, match="workers"):
        do(asked(folder, workers=workers))


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="cannot write to the folder"):
        do(asked(tmp_path / "file" / "background"))


def test_a_disk_that_is_too_small_is_refused(folder: Path) -> None:
    with pytest.raises(UsageError, match="are needed"):
        do(asked(folder, start=START, end=START + 99_999_999, sample_rate=2**19))


class Watched(Inline):
    """The engine without processes, which knows whether a unit is being worked on."""

    def __init__(self) -> None:
        self.at_work = False

    def run(self, function: Any, units: Any, **options: Any) -> Iterator[Outcome[Any, Any]]:
        def watched(unit: Any) -> Any:
            self.at_work = True
            try:
                return function(unit)
            finally:
                self.at_work = False

        yield from super().run(watched, units, **options)


def test_files_are_written_by_workers_and_by_nobody_else(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that `--workers 2` never means three processes at work."""
    engine = Watched()
    create = background.create
    written: list[bool] = []

    def watched(*arguments: Any, **more: Any) -> Any:
        written.append(engine.at_work)
        return create(*arguments, **more)

    monkeypatch.setattr(background, "create", watched)
    report = carry_out(asked(folder), Work(engine))
    assert [file.status for file in report.files] == ["fetched"] * 4
    assert written == [True] * 4
