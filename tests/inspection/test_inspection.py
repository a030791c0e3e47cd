"""What `inspect` tells of each kind of file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
from inspected import RECORD, SPAN, inspect

from aframe_data.formats import background, ledger, segwizard
from aframe_data.types import Segment

if TYPE_CHECKING:
    from pathlib import Path

WEIGHTS = ("segment_length", "segment_num_injections")


def test_segments_are_counted_and_measured(tmp_path: Path) -> None:
    path = tmp_path / "segments.txt"
    segwizard.write_segments(path, [SPAN, Segment(1240579800, 1240579900)], RECORD)
    found = inspect(path)
    assert found.kind == "segments"
    assert found.facts == {
        "number": 2,
        "span": {"start": 1240579783, "stop": 1240579900},
        "start_utc": "2019-04-29 13:29:25 UTC",
        "livetime": 110,
        "shortest": 10,
        "longest": 100,
        "intact": True,
    }
    assert found.sound
    assert found.record == RECORD


def test_segments_that_were_changed_are_told(tmp_path: Path) -> None:
    path = tmp_path / "segments.txt"
    segwizard.write_segments(path, [SPAN], RECORD)
    path.write_text(path.read_text().replace("10.0", "11.0"))
    assert inspect(path).problems == ("the segments changed since they were written",)


def test_a_list_of_no_segments_is_sound(tmp_path: Path) -> None:
    path = tmp_path / "segments.txt"
    segwizard.write_segments(path, [])
    found = inspect(path)
    assert (found.facts, found.sound, found.record) == ({"number": 0, "intact": None}, True, None)


def test_segments_that_overlap_are_told(tmp_path: Path) -> None:
    path = tmp_path / "segments.txt"
    segwizard.write_segments(path, [SPAN, Segment(1240579790, 1240579900)])
    assert inspect(path).problems == ("segments overlap",)


def test_strain_is_described(strain_file: Path) -> None:
    found = inspect(strain_file)
    assert found.kind == "background strain"
    assert found.facts == {
        "ifos": ["H1", "L1"],
        "span": {"start": 1240579783, "stop": 1240579793},
        "start_utc": "2019-04-29 13:29:25 UTC",
        "duration": 10,
        "sample_rate": 256,
        "dtype": "float32",
        "strain": {"H1": {}, "L1": {}},
        "intact": True,
    }
    assert found.sound
    assert found.record == RECORD


def test_waveforms_are_described(waveform_file: Path) -> None:
    found = inspect(str(waveform_file))
    assert found.kind == "waveforms"
    assert found.facts["length"] == found.facts["num_injections"] == 3
    assert found.facts["ifos"] == ["H1", "L1"]
    assert found.facts["waveforms"] == {"cross": {"shape": [3, 512], "dtype": "float32"}}
    assert found.facts["parameters"] == {"mass_1": {"min": 5, "max": 7}}
    assert found.facts["intact"] is True
    assert found.sound


def test_parameters_without_waveforms_are_their_own_kind(tmp_path: Path) -> None:
    path = tmp_path / "rejected-parameters.hdf5"
    with ledger.create(path, ledger.Layout(1, {"ifos": ["H1"]}, {"mass_1": ()})) as writer:
        writer.append({"mass_1": np.ones(1)}, {})
        writer.finish(RECORD)
    assert (inspect(path).kind, inspect(path).sound) == ("parameters", True)


def test_strain_is_told_with_its_noise_its_masks_and_where_it_came_from(tmp_path: Path) -> None:
    path = tmp_path / "background-1240579783-64.hdf5"
    span, rate = Segment(1240579783, 1240579847), 1024
    piece = {"start": span.start, "stop": span.stop, "origin": "somewhere"}
    log = {"channel": "H1", "native_sample_rate": 4096.0, "pieces": [{"source": "gwosc", **piece}] * 3}
    filled = {"ifo": "H1", "start": span.start, "stop": span.start + 8, "reason": "missing data"}
    record = RECORD | {"strain": {"H1": log}, "filled": [filled, "not a span"]}
    samples = 1e-21 * np.random.default_rng(1).standard_normal(64 * rate)
    samples[: 8 * rate] = 0
    with background.create(path, ifos=["H1"], segment=span, sample_rate=rate, dtype="float64") as writer:
        writer.append("H1", samples)
        writer.annotate("H1/quality", np.array([1] * 8 + [3] * 56, dtype=np.uint32))
        writer.annotate("H1/quality_bits", ["DATA", "CBC_CAT1"])
        writer.describe({"H1": "H1"}, record)
    facts = inspect(path).facts
    noise = facts["strain"]["H1"].pop("smallest_asd")
    # White noise: sigma sqrt(2 / rate) is 4.4e-23 at all frequencies; the seconds without data do not count.
    assert noise["asd"] == pytest.approx(1e-21 * np.sqrt(2 / rate), rel=0.15)
    assert 20 <= noise["frequency"] <= 0.8 * rate / 2
    assert facts["strain"]["H1"] == {"channel": "H1", "native_sample_rate": 4096, "pieces": {"gwosc": 3}}
    assert facts["quality"] == {"H1": {"seconds": 64, "set": {"DATA": 64, "CBC_CAT1": 56}}}
    assert facts["filled"] == [filled]
    assert "cut" not in facts


def test_signals_are_told_with_their_snrs(tmp_path: Path) -> None:
    path = tmp_path / "rejected-parameters.hdf5"
    with ledger.create(path, ledger.Layout(3, {"ifos": ("H1", "L1")}, {"snr": (), "ifo_snrs": (2,)})) as writer:
        writer.append({"snr": np.array([5.0, 13.0, 10.0]), "ifo_snrs": np.array([[3, 4], [5, 12], [6, 8.0]])}, {})
        writer.finish(RECORD)
    assert inspect(path).facts["snr"] == {
        "network": {"min": 5, "median": 10, "max": 13},
        "H1": {"min": 3, "median": 5, "max": 6},
        "L1": {"min": 4, "median": 8, "max": 12},
    }


def _campaign(path: Path, lengths: np.ndarray, drawn: np.ndarray) -> None:
    """A ledger of segments with so many signals and draws."""
    columns = {
        name: np.repeat(values, lengths).astype(float) for name, values in zip(WEIGHTS, (lengths, drawn), strict=True)
    }
    attributes = {"num_injections": int(drawn.sum()), "ifos": ("H1",)}
    layout = ledger.Layout(int(lengths.sum()), attributes, dict.fromkeys(WEIGHTS, ()))
    with ledger.create(path, layout) as writer:
        writer.append(columns, {})
        writer.finish(RECORD)


def test_injections_by_time_lose_the_bias_of_injections_by_draws(tmp_path: Path) -> None:
    """Segments of few signals and of many, of which the noisy ones accept a fifth of what the quiet ones do."""
    rng = np.random.default_rng(1)
    lengths = rng.choice([1, 2, 5, 40], 4000)
    accepted = rng.choice([0.05, 0.25], len(lengths))
    drawn = lengths + rng.negative_binomial(lengths, accepted)
    _campaign(tmp_path / "many.hdf5", lengths, drawn)
    truth = np.average(accepted, weights=lengths)
    facts = inspect(tmp_path / "many.hdf5").facts
    # With about 20000 signals of a relative scatter of 1 in segments of 20, this is some standard errors.
    assert facts["length"] / facts["num_injections_by_time"] == pytest.approx(truth, rel=0.05)
    assert facts["length"] / facts["num_injections"] < 0.65 * truth
    naive = np.average(lengths / drawn, weights=lengths)
    assert naive > 1.05 * truth


@pytest.mark.parametrize(
    ("lengths", "drawn", "expected"),
    [([1, 1], [1, 4], 4), ([3, 3], [3, 3], 6), ([1, 1], [2, 3], None), ([], [], None)],
    ids=["one signal of one draw", "all accepted", "nothing can be said", "no rows"],
)
def test_injections_by_time_of_few_signals(
    tmp_path: Path, lengths: list[int], drawn: list[int], expected: float | None
) -> None:
    _campaign(tmp_path / "few.hdf5", np.array(lengths, dtype=int), np.array(drawn, dtype=int))
    assert inspect(tmp_path / "few.hdf5").facts.get("num_injections_by_time") == expected


def test_a_ledger_without_rows_has_ranges_that_are_not_known(tmp_path: Path) -> None:
    path = tmp_path / "rejected-parameters.hdf5"
    with ledger.create(path, ledger.Layout(0, {"ifos": ("H1",)}, {"mass_1": (), "snr": ()})) as writer:
        writer.finish(RECORD)
    facts = inspect(path).facts
    assert facts["parameters"]["mass_1"] == {"min": None, "max": None}
    assert "snr" not in facts
    json.dumps(facts, allow_nan=False)


def test_flags_of_a_query_are_told_with_the_segments(tmp_path: Path) -> None:
    path = tmp_path / "segments.txt"
    flag = {"flag": "H1_DATA", "source": "gwosc", "origin": "here", "active": 10.0, "known": None, "excluded": False}
    vetoes = [{**flag, "flag": "H1:X", "excluded": True, "category": category} for category in (1, 2)]
    segwizard.write_segments(path, [SPAN], RECORD | {"flags": [flag, *vetoes]})
    names = ("flag", "source", "active", "known", "excluded")
    assert inspect(path).facts["flags"] == [{name: one[name] for name in names} for one in (flag, *vetoes)]
