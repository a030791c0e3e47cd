"""The numbers of the report, against what the files were made of."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
from datasets import (
    ASD,
    COSTS,
    RATE,
    SPANS,
    T0,
    THRESHOLD,
    page_of,
    parameters,
    report,
    strictly,
    write_background,
    write_ledger,
)

from aframe_data.types import Segment

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from aframe_data.reports.dataset import DatasetReport
    from command_line import Finished


def test_totals_count_each_second_and_signal_once(found: DatasetReport, root: Path) -> None:
    totals = found.totals
    assert found.sound
    assert (totals.background, totals.training, totals.validation, totals.injections) == (400, 30, 20, 9)
    data = [path for path in root.rglob("*") if path.suffix in (".hdf5", ".txt")]
    assert (totals.files, totals.nbytes) == (len(data), sum(path.stat().st_size for path in data))


def test_segments_say_what_each_step_took(found: DatasetReport, root: Path) -> None:
    (segments,) = found.segments
    assert (segments.name, segments.number, segments.livetime) == ("data/train/segments.txt", 2, 400)
    assert segments.span == (T0, T0 + 500)
    assert [dict(cost) for cost in segments.costs] == COSTS
    assert 500 - sum(cost["seconds"] for cost in segments.costs) == segments.livetime
    shown = page_of(root / "report.html").text
    assert "H1_BAD is active, and excluded" in shown
    assert "around the event GW1" in shown


def test_the_noise_is_that_of_the_strain(found: DatasetReport) -> None:
    (strain,) = found.strain
    assert (strain.folder, strain.number, strain.livetime) == ("data/train", 2, 400)
    for detector in strain.detectors:
        frequencies, median = np.array(detector.frequencies), np.array(detector.median)
        inside = (frequencies > 10) & (frequencies < 0.9 * RATE / 2)
        # Of so few stretches a column's median scatters by some per cent.
        np.testing.assert_allclose(median[inside].mean(), ASD, rtol=0.02)
        assert (np.array(detector.low) <= median).all()
        assert (median <= np.array(detector.high)).all()
        assert detector.channels == (f"{detector.ifo}:STRAIN",)
        assert detector.sources == (("an archive", "a file", 2),)
        assert detector.masks == {"quality": {"seconds": 400, "bit DATA": 400}}


def test_signals_and_how_they_were_drawn(found: DatasetReport) -> None:
    by_name = {one.name.rpartition("/")[2]: one for one in found.signals}
    training, validation = by_name["training_waveforms.hdf5"], by_name["val_waveforms.hdf5"]
    assert (training.role, training.number, training.drawn) == ("training", 30, 33)
    assert dict(training.failures) == {"no waveform": 2, "odd": 1}
    assert (validation.role, validation.drawn, validation.acceptance) == ("validation", 80, 0.25)
    snr = parameters(20, 2, snr=True)["snr"]
    assert validation.threshold == THRESHOLD
    assert validation.snr["network"]["median"] == pytest.approx(np.median(snr))
    assert validation.ranges["mass_1"]["max"] == pytest.approx(parameters(20, 2, snr=True)["mass_1"].max())


def test_a_campaign_has_the_seconds_that_its_pieces_can_be_analysed_for(found: DatasetReport) -> None:
    (campaign,) = (one for one in found.signals if one.role == "campaign")
    first, second = campaign.slides
    assert (first.shifts, first.segments, first.injections) == ((0, 10), 2, 6)
    assert first.livetime == (200 - 64 - 10) + (120 - 64 - 10)
    assert (second.shifts, second.segments, second.injections, second.livetime) == ((0, 20), 1, 3, 200 - 64 - 20)
    assert campaign.livetime == found.totals.livetime == first.livetime + second.livetime
    assert (campaign.rejected, campaign.acceptance) == (41, 9 / 50)


def test_the_page_says_the_same_numbers(found: DatasetReport) -> None:
    shown = " ".join(page_of(found.page).text.split())
    for text in ("Nothing is wrong.", "400 s (6.67 min)", "25 %", "18 %", "no waveform", "288 s (4.8 min)"):
        assert text in shown
    assert ASD == 4e-23
    assert "near 60 Hz" in shown


@pytest.mark.slow
def test_json_is_the_record(cli: Callable[..., Finished], root: Path, found: DatasetReport) -> None:
    done = cli("report", root, "--json", "--workers", "0")
    told = strictly(done.out)
    assert done.code == 0
    assert told == strictly(json.dumps(found.describe()))
    assert told["totals"]["injections"] == 9
    assert told["sound"] is True


@pytest.mark.slow
def test_strain_that_is_missing_does_not_count_as_noise(tmp_path: Path) -> None:
    write_background(tmp_path, Segment(T0, T0 + 1000), nothing=slice(0, 300 * RATE))
    (strain,) = report(tmp_path).strain
    h1, l1 = strain.detectors
    assert 0 < h1.stretches < l1.stretches
    assert np.isfinite(h1.high).all()
    np.testing.assert_allclose(np.mean(h1.median), np.mean(l1.median), rtol=0.05)


@pytest.mark.slow
def test_strain_of_a_second_is_looked_at_as_a_whole(tmp_path: Path) -> None:
    write_background(tmp_path, Segment(T0, T0 + 1))
    (strain,) = report(tmp_path).strain
    assert [(one.stretches, one.stretch_seconds) for one in strain.detectors] == [(1, 1), (1, 1)]


@pytest.mark.slow
def test_what_pieces_of_a_joined_file_say_is_added_up(tmp_path: Path) -> None:
    piece = {"command": "waveforms", "drawn": 12, "failures": ["draw 1: no waveform (mass_1=3)"]}
    sources = [{"provenance": piece}, {"provenance": piece}]
    write_ledger(
        tmp_path / "all.hdf5", parameters(20, 1, snr=False), ("plus", "cross"), command="merge", sources=sources
    )
    (signals,) = report(tmp_path).signals
    assert (signals.role, signals.drawn, dict(signals.failures)) == ("training", 24, {"no waveform": 2})


@pytest.mark.slow
def test_files_of_other_programs_are_told_by_what_they_hold(tmp_path: Path) -> None:
    values = parameters(8, 1, snr=True)
    placed = values | {"injection_time": np.arange(8.0), "shift": np.zeros((8, 2))}
    for name, content, channels in (
        ("a", parameters(8, 1, snr=False), ("plus", "cross")),
        ("b", values, ("h1", "l1")),
        ("c", placed, ("h1", "l1")),
        ("d", values, ()),
    ):
        write_ledger(tmp_path / f"{name}.hdf5", content, channels, {"ifos": ("H1", "L1")} if channels else {})
    found = report(tmp_path)
    assert [one.role for one in found.signals] == ["training", "validation", "campaign", "rejected"]
    assert found.totals.livetime is None
    assert SPANS
