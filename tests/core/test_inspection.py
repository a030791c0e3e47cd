"""What `inspect` tells of each kind of file, sound and not."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np
import pytest

from aframe_data.errors import AframeDataError, DataQualityError, UsageError
from aframe_data.formats import background, ledger, segwizard
from aframe_data.requests.inspect import Inspect
from aframe_data.types import Segment
from aframe_data.work.carry_out import do, forecast
from aframe_data.work.engine import engine_for
from aframe_data.work.plan import Work

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from aframe_data.reports.inspect import Inspection
    from command_line import Finished

WEIGHTS = ("segment_length", "segment_num_injections")
SPAN = Segment(1240579783, 1240579793)
RECORD = {"software": "aframe-data", "version": "0.1.0", "command": "fetch", "arguments": {}}


@pytest.fixture
def strain_file(tmp_path: Path) -> Path:
    path = tmp_path / "background-1240579783-10.hdf5"
    with background.create(path, ifos=["H1", "L1"], segment=SPAN, sample_rate=256, dtype="float32") as writer:
        for ifo in ("H1", "L1"):
            writer.append(ifo, np.ones(2560))
        writer.describe([background.Channel(ifo, ifo, "strain") for ifo in ("H1", "L1")], RECORD)
    return path


@pytest.fixture
def waveform_file(tmp_path: Path) -> Path:
    path = tmp_path / "train_waveforms.hdf5"
    attributes = {"sample_rate": 256.0, "duration": 2.0, "right_pad": 0.5, "num_injections": 3, "ifos": ["H1", "L1"]}
    layout = ledger.Layout(3, attributes, {"mass_1": ()}, {"cross": 512})
    with ledger.create(path, layout) as writer:
        writer.append({"mass_1": np.array([5.0, 7.0, 6.0])}, {"cross": np.ones((3, 512))})
        writer.finish(RECORD)
    return path


def inspect(path: str | Path) -> Inspection:
    return do(Inspect(path))


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
        writer.describe([background.Channel("H1", "H1", "strain")], record)
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


def _set(name: str, place: Any, value: Any) -> Callable[[h5py.File], None]:
    def change(file: h5py.File) -> None:
        file[name][place] = value

    return change


STRAIN_PROBLEMS = {
    "not finite": (_set("H1", slice(3, 5), np.nan), "2 samples of H1 are not finite"),
    "changed": (_set("L1", 7, 2.0), "the samples changed since they were written"),
    "shifted": (
        lambda file: [file[ifo].attrs.update(x0=1240579784.0) for ifo in ("H1", "L1")],
        "the name says [1240579783, 1240579793), the content is [1240579784, 1240579794)",
    ),
}


@pytest.mark.parametrize(("change", "problem"), STRAIN_PROBLEMS.values(), ids=STRAIN_PROBLEMS)
def test_what_is_wrong_with_strain_is_told(strain_file: Path, change: Any, problem: str) -> None:
    with h5py.File(strain_file, "a") as file:
        change(file)
    found = inspect(strain_file)
    assert problem in found.problems
    assert not found.sound


def test_a_name_that_the_readers_do_not_know_is_told(strain_file: Path) -> None:
    renamed = strain_file.with_name("strain.hdf5")
    shutil.move(strain_file, renamed)
    assert inspect(renamed).problems == ("the name is not PREFIX-START-DURATION.hdf5, which Aframe reads",)


WAVEFORM_PROBLEMS = {
    "not finite": (_set("waveforms/cross", (1, 5), np.inf), "1 values of waveforms/cross are not finite"),
    "changed": (_set("parameters/mass_1", 0, 5.5), "the content changed since it was written"),
    "length": (lambda file: file.attrs.update(length=4), "length says 4"),
    "duration": (lambda file: file.attrs.update(duration=4.0), "sample_rate times duration is 1024"),
    "injections": (lambda file: file.attrs.update(num_injections=2), "num_injections = 2 is below length = 3"),
}


@pytest.mark.parametrize(("change", "problem"), WAVEFORM_PROBLEMS.values(), ids=WAVEFORM_PROBLEMS)
def test_what_is_wrong_with_waveforms_is_told(waveform_file: Path, change: Any, problem: str) -> None:
    with h5py.File(waveform_file, "a") as file:
        change(file)
    found = inspect(waveform_file)
    assert any(problem in told for told in found.problems)
    assert not found.sound


@pytest.mark.parametrize(
    ("content", "error", "message"),
    [
        (None, UsageError, "No such file"),
        (b"", UsageError, "is empty"),
        (b"hello world, this is prose\n", UsageError, "is not a segment"),
        (b"\xff\xfe\x00binary", UsageError, "not a text file"),
        (b"\x89HDF\r\n\x1a\n", DataQualityError, "damaged"),
    ],
    ids=["missing", "empty", "prose", "binary", "cut off"],
)
def test_what_is_no_file_of_ours_is_an_error(
    tmp_path: Path, content: bytes | None, error: type[AframeDataError], message: str
) -> None:
    path = tmp_path / "file"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(error, match=message):
        inspect(path)


@pytest.mark.parametrize("keep", [100, 2000, 20_000])
def test_a_truncated_file_is_an_error(strain_file: Path, keep: int) -> None:
    strain_file.write_bytes(strain_file.read_bytes()[:keep])
    with pytest.raises(DataQualityError, match=r"background-1240579783-10\.hdf5"):
        inspect(strain_file)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="Is a directory"):
        inspect(tmp_path)


def test_the_report_has_all_for_a_machine_and_the_exit_code(strain_file: Path) -> None:
    found = inspect(strain_file)
    told = found.describe()
    assert (told["kind"], told["sound"], told["problems"], told["intact"]) == ("background strain", True, [], True)
    assert told["provenance"] == RECORD
    assert found.exit_code == 0
    with h5py.File(strain_file, "a") as file:
        file["H1"][0] = np.nan
    assert inspect(strain_file).exit_code == 1


def test_a_dry_run_reads_nothing_of_a_file_but_what_it_is(strain_file: Path) -> None:
    with engine_for(0) as engine:
        told = forecast(Inspect(strain_file), Work(engine)).describe()
        assert told == {"path": str(strain_file), "nbytes": strain_file.stat().st_size}
        with pytest.raises(UsageError, match="has no parameters of signals to draw"):
            forecast(Inspect(strain_file, plot=strain_file.with_suffix(".png"), parameters=True), Work(engine))


def test_a_picture_is_drawn_beside_the_file_and_never_over_it(tmp_path: Path) -> None:
    path = tmp_path / "segments.png"
    segwizard.write_segments(path, [SPAN], RECORD)
    before = path.read_bytes()
    with pytest.raises(UsageError, match="is one of the command's other files"):
        do(Inspect(path, plot=path, overwrite=True))
    assert path.read_bytes() == before
    assert do(Inspect(path, plot=tmp_path / "look.png")).kind == "segments"
    assert (tmp_path / "look.png").read_bytes().startswith(b"\x89PNG")


def test_what_cannot_be_drawn_is_told_before_the_file_is_read(tmp_path: Path, strain_file: Path) -> None:
    with h5py.File(strain_file, "a") as file:
        del file["H1"].attrs["dx"]
    with pytest.raises(DataQualityError, match="cannot be read as a background file"):
        inspect(strain_file)
    with pytest.raises(UsageError, match="has no parameters of signals to draw"):
        do(Inspect(strain_file, plot=tmp_path / "a.png", parameters=True))


def test_the_command_exits_1_for_a_file_that_is_not_sound(cli: Callable[..., Finished], strain_file: Path) -> None:
    sound = cli("inspect", strain_file)
    assert sound.code == 0
    assert "background strain" in sound.out
    assert "made by aframe-data 0.1.0, command fetch" in sound.out
    with h5py.File(strain_file, "a") as file:
        file["H1"][0] = np.nan
    broken = cli("inspect", strain_file)
    assert (broken.code, broken.err) == (1, "")
    assert "problem: 1 samples of H1 are not finite" in broken.out
    told = json.loads(cli("inspect", strain_file, "--json").out)
    assert told["sound"] is False
    assert "1 samples of H1 are not finite" in told["problems"]
    assert told["provenance"] == RECORD
