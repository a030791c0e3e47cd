"""Training waveforms that many machines make: the parts, joined, are to the byte what one machine makes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from training_runs import make

from aframe_data import merge
from aframe_data.errors import OutputExistsError, UsageError, WaveformError
from aframe_data.formats import ledger

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("options", [None, {"fail_above": 140}])
@pytest.mark.parametrize("count", [1, 2, 3, 5])
def test_parts_of_training_waveforms_are_the_whole(tmp_path: Path, count: int, options: dict[str, Any] | None) -> None:
    settings = {"generator_options": options, "max_failed_fraction": 0.2}
    one = make(tmp_path / "one.hdf5", **settings)
    assert bool(one.failures) == bool(options)
    parts = [tmp_path / f"machine-{number}" / "part.hdf5" for number in range(1, count + 1)]
    reports = [make(path, part=f"{number}/{count}", **settings) for number, path in enumerate(parts, 1)]
    assert sum(report.num_signals for report in reports) == 300
    merge(files=parts[::-1], output_file=tmp_path / "whole.hdf5")
    assert ledger.read_record(tmp_path / "whole.hdf5") == ledger.read_record(tmp_path / "one.hdf5")
    assert (tmp_path / "whole.hdf5").read_bytes() == (tmp_path / "one.hdf5").read_bytes()
    again = make(tmp_path / "whole.hdf5", **settings)
    assert again.present
    assert (again.failures, again.drawn) == (one.failures, one.drawn)


@pytest.mark.slow
def test_a_part_that_failed_goes_on(tmp_path: Path) -> None:
    settings = {"num_signals": 1000, "generator_options": {"fail_above": 120}}
    make(tmp_path / "one.hdf5", **settings, max_failed_fraction=1)
    with pytest.raises(WaveformError, match="signals failed"):
        make(tmp_path / "1.hdf5", **settings, part="1/2", max_failed_fraction=0)
    unfinished = tmp_path / "1.hdf5.parts"
    finished = {path: path.stat().st_mtime_ns for path in unfinished.glob("unit-*.hdf5")}
    assert 0 < len(finished) < 8
    for number in (1, 2):
        make(tmp_path / f"{number}.hdf5", **settings, part=f"{number}/2", max_failed_fraction=1)
    assert not unfinished.exists()
    merge(files=[tmp_path / "1.hdf5", tmp_path / "2.hdf5"], output_file=tmp_path / "whole.hdf5")
    assert (tmp_path / "whole.hdf5").read_bytes() == (tmp_path / "one.hdf5").read_bytes()


def test_unfinished_work_of_the_whole_is_none_of_a_part(tmp_path: Path) -> None:
    path = tmp_path / "training.hdf5"
    with pytest.raises(WaveformError):
        make(path, num_signals=1000, generator_options={"fail_above": 120}, max_failed_fraction=0)
    make(path, num_signals=1000, generator_options={"fail_above": 120}, max_failed_fraction=1, part="2/2")
    assert ledger.summarize(path).attributes["length"] == 1000 - 8 * 64
    with pytest.raises(OutputExistsError, match="part = 2/2, not none"):
        make(path, num_signals=1000, generator_options={"fail_above": 120})


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"part": "1/6"}, "part = 1/6 is not allowed: there can be at most 5 parts, one for each 64 signals"),
        ({"part": "1/2", "seed": None}, "--part needs --seed"),
        ({"part": "0/2"}, "part = '0/2' is not allowed: a part is K/N with K from 1 to N"),
        ({"part": "3/2"}, "a part is K/N"),
        ({"part": 2}, "a part is K/N"),
        ({"part": "1/-2"}, "a part is K/N"),
    ],
)
def test_what_is_no_part_is_refused(tmp_path: Path, changes: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        make(tmp_path / "training.hdf5", **changes)
    assert not list(tmp_path.iterdir())
