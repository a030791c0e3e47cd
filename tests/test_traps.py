"""What goes wrong in the reference implementation and must not here: one test a trap, in the order of TRAPS.

End to end where that is quick, on files that the commands write; many traps have closer tests elsewhere.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import h5py
import lal
import lalsimulation
import numpy as np
import pytest
from gwosc.api import v2

from aframe_data import fetch, query, training_waveforms
from aframe_data.checks import require_prefix
from aframe_data.cli.app import run
from aframe_data.errors import AframeDataError, DataQualityError, NoDataError, UsageError
from aframe_data.formats import background
from aframe_data.plugin.binary import BASE_PARAMETERS
from aframe_data.plugin.placement import TAPER_DURATION
from aframe_data.seeds import Stream, generator
from aframe_data.segments.arithmetic import split_evenly
from aframe_data.types import Segment
from ledger_reader import read_training_waveforms
from servers.gwosc import GwoscServer
from servers.gwosc_archive import GwoscArchive, Run
from servers.gwosc_files import write_strain_file
from strain.conftest import awkward

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["awkward"]

START = 1_240_579_783
RATE, DURATION, RIGHT_PAD = 2048, 4, 1
ZERO = (DURATION - RIGHT_PAD) * RATE


def make(path: Path, **changes: Any) -> dict[str, np.ndarray]:
    """Write training waveforms and read the file: parameters, plus, cross, and the provenance."""
    arguments: dict[str, Any] = {
        "prior": "end_o3_ratesandpops",
        "num_signals": 12,
        "sample_rate": RATE,
        "waveform_duration": DURATION,
        "right_pad": RIGHT_PAD,
        "seed": 3,
        "workers": 0,
    }
    training_waveforms(**{**arguments, "output_file": path, **changes})
    return read(path)


def read(path: Path) -> dict[str, Any]:
    with h5py.File(path) as file:
        found = {name: item[:] for group in ("parameters", "waveforms") for name, item in file[group].items()}
        return {**found, "provenance": json.loads(file.attrs["provenance"])}


def made_again(found: dict[str, Any], index: int) -> tuple[np.ndarray, int]:
    """A signal from what the file says alone, by bilby and LAL: plus and cross, and the index of t = 0."""
    from astropy import cosmology
    from bilby.gw.conversion import bilby_to_lalsimulation_spins

    signal = {name: float(values[index]) for name, values in found.items() if name != "provenance" and values.ndim == 1}
    masses = [signal[name] * lal.MSUN_SI for name in ("mass_1", "mass_2")]
    angles = ("theta_jn", "phi_jl", "tilt_1", "tilt_2", "phi_12", "a_1", "a_2")
    inclination, *spins = bilby_to_lalsimulation_spins(
        *(signal[name] for name in angles), *masses, signal["reference_frequency"], signal["phase"]
    )
    universe = getattr(cosmology, found["provenance"]["cosmology"])
    distance = signal.get("luminosity_distance", universe.luminosity_distance(signal["redshift"]).to_value("Mpc"))
    tides = lal.CreateDict()
    lalsimulation.SimInspiralWaveformParamsInsertTidalLambda1(tides, signal.get("lambda_1", 0.0))
    lalsimulation.SimInspiralWaveformParamsInsertTidalLambda2(tides, signal.get("lambda_2", 0.0))
    series = lalsimulation.SimInspiralTD(
        *masses,
        *(float(spin) for spin in spins),
        distance * 1e6 * lal.PC_SI,
        float(inclination),
        signal["phase"],
        *(0.0, 0.0, 0.0, 1 / RATE),
        signal["minimum_frequency"],
        signal["reference_frequency"],
        tides,
        lalsimulation.GetApproximantFromString(found["provenance"]["generator"]["options"]["approximant"]),
    )
    return np.stack([item.data.data for item in series]), round(-float(series[0].epoch) * RATE)


def assert_made_again(found: dict[str, Any]) -> None:
    """Every signal of a file is what its parameters say, to 5e-4 of its peak, and nothing is where nothing is."""
    for index in range(len(found["mass_1"])):
        series, zero = made_again(found, index)
        first = ZERO - zero
        expected = np.zeros((2, DURATION * RATE))
        kept = slice(max(first, 0), min(first + series.shape[1], DURATION * RATE))
        expected[:, kept] = series[:, kept.start - first : kept.stop - first]
        ours = np.stack([found["plus"][index], found["cross"][index]])
        faded = round(TAPER_DURATION * RATE) if first < 0 else 0
        assert abs(ours - expected)[:, faded:].max() < 5e-4 * abs(series).max()
        assert (abs(ours[:, :faded]) <= abs(expected[:, :faded]) + 5e-4 * abs(series).max()).all()


@pytest.fixture(scope="module")
def population(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Two dozen signals of the default prior and model, of which some are heavy and some are long."""
    return make(tmp_path_factory.mktemp("population") / "training.hdf5", num_signals=24)


@pytest.fixture
def archive() -> GwoscArchive:
    return GwoscArchive()


@pytest.fixture
def server(archive: GwoscArchive, monkeypatch: pytest.MonkeyPatch) -> Iterator[GwoscServer]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with GwoscServer(archive) as running:
        yield running


def simulated(folder: Path, **changes: Any) -> Any:
    span = {} if "segments" in changes else {"start": START, "end": START + 16}
    arguments = {"channels": ["H1"], "sample_rate": 256, "source": "simulated", "output_directory": folder, **span}
    return fetch(**{**arguments, "workers": 0, **changes})


# --- seeds --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "prior",
    [
        "end_o3_ratesandpops",
        *(pytest.param(prior, marks=pytest.mark.slow) for prior in ("spin_bbh", "gaussian_masses")),
    ],
)
def test_trap_01_the_seed_seeds_bilby_and_not_numpys_global_state_alone(tmp_path: Path, prior: str) -> None:
    options = {"m1": 40, "m2": 30} if prior == "gaussian_masses" else {}
    settings = {"prior": prior, "prior_options": options, "num_signals": 3, "seed": 5}
    first, again = make(tmp_path / "a", **settings), make(tmp_path / "b", **settings, workers=2)
    other = make(tmp_path / "c", **{**settings, "seed": 6})
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    for name in ("mass_1", "ra", "redshift"):
        np.testing.assert_array_equal(first[name], again[name])
        assert not np.intersect1d(first[name], other[name]).size


def test_trap_02_thousands_of_units_have_as_many_seeds() -> None:
    first = [generator(7, Stream.TRAINING, unit).integers(2**63) for unit in range(7500)]
    assert len(set(first)) == 7500
    assert generator(7, Stream.TRAINING, 1).integers(2**63) == first[1]


# --- rejection ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 2])
def test_trap_06_a_file_of_one_signal_has_the_same_fields(tmp_path: Path, count: int) -> None:
    found = make(tmp_path / "few.hdf5", num_signals=count)
    more = {"reference_frequency", "minimum_frequency", "plus", "cross", "provenance"}
    assert set(found) == {*BASE_PARAMETERS, *more}
    assert all(found[name].shape == (count,) for name in BASE_PARAMETERS)
    assert read_training_waveforms(tmp_path / "few.hdf5").waveforms.shape == (count, 2, DURATION * RATE)


def test_trap_08_a_failing_waveform_is_replaced_and_named(tmp_path: Path) -> None:
    """IMRPhenomNSBH has no neutron stars above 3 solar masses: one draw of this prior in five."""
    prior = tmp_path / "nsbh.prior"
    still = ("a_1", "a_2", "tilt_1", "tilt_2", "phi_12", "phi_jl", "psi", "phase", "ra", "dec", "theta_jn")
    lines = [f"{name} = 0" for name in still] + ["mass_1 = 12", "redshift = 0.05"]
    prior.write_text("\n".join([*lines, "mass_2 = Uniform(2, 3.25)", "lambda_1 = 0", "lambda_2 = 0"]))
    settings = {"prior": str(prior), "generator_options": {"approximant": "IMRPhenomNSBH"}, "max_failed_fraction": 0.5}
    found = make(tmp_path / "nsbh.hdf5", num_signals=20, **settings)
    failures = found["provenance"]["failures"]
    assert failures
    assert all("NS mass must be less than or equal to 3 solar masses" in failure for failure in failures)
    assert found["provenance"]["drawn"] == 20 + len(failures)
    assert (found["mass_2"] <= 3).all()
    assert np.isfinite(found["plus"]).all()
    assert found["plus"].any(axis=1).all()


# --- waveforms ----------------------------------------------------------------------------------------


def test_trap_09_a_model_that_ends_early_is_not_rolled_around(tmp_path: Path) -> None:
    """IMRPhenomT of 8 and 8 solar masses: 14 % of the peak stood after the merger in the reference."""
    prior = tmp_path / "light.prior"
    still = ("a_1", "a_2", "tilt_1", "tilt_2", "phi_12", "phi_jl", "psi", "phase", "ra", "dec", "theta_jn")
    prior.write_text("\n".join([*(f"{name} = 0" for name in still), "mass_1 = 8", "mass_2 = 8", "redshift = 0.1"]))
    found = make(
        tmp_path / "t.hdf5",
        prior=str(prior),
        num_signals=1,
        waveform_duration=8,
        right_pad=2,
        generator_options={"approximant": "IMRPhenomT"},
    )
    amplitude = np.hypot(found["plus"][0], found["cross"][0])
    assert abs(int(np.argmax(amplitude)) - 6 * RATE) < 3
    assert amplitude[6 * RATE - RATE // 4 : 6 * RATE].min() > 0.05 * amplitude.max()
    assert amplitude[6 * RATE + RATE // 10 :].max() < 1e-3 * amplitude.max()


def test_trap_10_a_long_signal_is_tapered_in(population: dict[str, Any]) -> None:
    long = [index for index in range(24) if made_again(population, index)[1] > ZERO]
    assert long
    for index in long:
        plus, peak = population["plus"][index], abs(population["plus"][index]).max()
        ramp = round(TAPER_DURATION * RATE)
        assert plus[0] == 0
        assert abs(plus[: ramp // 16]).max() < 0.01 * peak
        assert abs(plus[ramp : 4 * ramp]).max() > 2 * abs(plus[: ramp // 4]).max()


def test_trap_11_one_reference_frequency_a_signal_for_spins_and_model(population: dict[str, Any]) -> None:
    """Regenerated from the file alone, heavy signals too; with spins of 50 Hz those would differ."""
    total = population["mass_1"] + population["mass_2"]
    heavy = total > 1899 / 20
    assert heavy.any()
    assert not heavy.all()
    np.testing.assert_allclose(population["minimum_frequency"], np.where(heavy, 1899 / total, 20), rtol=1e-12)
    np.testing.assert_allclose(population["reference_frequency"], np.where(heavy, 1899 / total, 50), rtol=1e-12)
    assert_made_again(population)
    wrong = {**population, "reference_frequency": np.full(24, 50.0)}
    with pytest.raises(AssertionError):
        assert_made_again({name: values if name == "provenance" else values[heavy] for name, values in wrong.items()})


@pytest.mark.parametrize("change", [{"waveform_duration": 4.0001}, {"right_pad": 1.0001}, {"right_pad": 4}])
def test_trap_12_a_grid_that_is_not_whole_is_refused_at_the_start(tmp_path: Path, change: dict[str, float]) -> None:
    with pytest.raises(UsageError, match=r"duration|right_pad"):
        make(tmp_path / "t.hdf5", num_signals=10**6, **change)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["Planck15", "WMAP9"])
def test_trap_13_distances_are_of_the_priors_cosmology_which_is_recorded(tmp_path: Path, name: str) -> None:
    options = {"cosmology": name}
    found = make(tmp_path / "t.hdf5", prior="spin_bbh", prior_options=options, num_signals=3)
    assert found["provenance"]["cosmology"] == name
    assert_made_again(found)


def test_trap_14_two_workers_share_the_units(tmp_path: Path) -> None:
    one = make(
        tmp_path / "one.hdf5", num_signals=130, prior="nonspin_bbh", generator_options={"approximant": "IMRPhenomD"}
    )
    arguments = ["--prior", "nonspin_bbh", "--approximant", "IMRPhenomD", "--num-signals", "130", "--seed", "3"]
    grid = ["--sample-rate", str(RATE), "--waveform-duration", str(DURATION), "--right-pad", str(RIGHT_PAD)]
    output = ["--workers", "2", "-o", str(tmp_path / "two.hdf5")]
    assert run(["waveforms", *arguments, *grid, *output]) == 0
    two = read(tmp_path / "two.hdf5")
    for name in {*one} - {"provenance"}:
        np.testing.assert_array_equal(one[name], two[name])


# --- priors -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("prior", ["nonspin_bbh", "spin_bbh"])
def test_trap_15_masses_are_ordered(tmp_path: Path, prior: str) -> None:
    """Each pair uniform in 5 to 100 and ordered; 49 % were not."""
    settings = {"generator_options": {"approximant": "IMRPhenomXP"}, "waveform_duration": 1, "right_pad": 0.5}
    found = make(tmp_path / "t.hdf5", prior=prior, num_signals=64, **settings)
    assert (found["mass_2"] <= found["mass_1"]).all()
    assert 5 <= found["mass_2"].min() < 20
    assert 80 < found["mass_1"].max() <= 100


def test_trap_16_a_prior_gives_what_is_needed_or_is_refused_before_the_work(tmp_path: Path) -> None:
    for prior in ("gaussian_masses", "log_normal_masses"):
        found = make(tmp_path / prior, prior=prior, prior_options={"m1": 40, "m2": 30, "sigma": 0.1}, num_signals=2)
        assert set(BASE_PARAMETERS) <= set(found)
    with pytest.raises(UsageError, match="'ringdown' cannot be used for binary waveforms: it does not give mass_1"):
        make(tmp_path / "ringdown.hdf5", prior="ringdown")
    assert not (tmp_path / "ringdown.hdf5").exists()


# --- names and segments -------------------------------------------------------------------------------


def test_trap_21_the_span_is_the_contents_and_the_names_own_whatever_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "run-1000000000-20"
    (file,) = simulated(folder).files
    assert file.path.name == f"background-{START}-16.hdf5"
    assert background.summarize(file.path).segment == Segment(START, START + 16)
    with pytest.raises(UsageError, match="ten digits"):
        require_prefix("background-1000000000")


def test_trap_22_a_query_reaches_across_runs(server: GwoscServer, archive: GwoscArchive) -> None:
    archive.flags["H1_DATA"] = [(1_253_977_000, 1_253_977_218), (1_256_655_618, 1_256_655_900)]
    result = query(
        flags=["H1_DATA"], start=1_253_970_000, end=1_256_660_000, source="gwosc", source_options={"host": server.url}
    )
    assert [(segment.start, segment.stop) for segment in result.segments] == archive.flags["H1_DATA"]


def test_trap_23_no_data_and_no_science_time_are_told_apart_and_there_is_more_than_intersection(tmp_path: Path) -> None:
    (tmp_path / "known.json").write_text(json.dumps({"known": [[START, START + 100]], "active": []}))
    (tmp_path / "all.txt").write_text(f"{START} {START + 100}\n")
    (tmp_path / "veto.txt").write_text(f"{START + 50} {START + 60}\n")

    def ask(**changes: Any) -> list[tuple[float, float]]:
        lists = [f"{name.upper()}={tmp_path / file}" for name, file in (("known", "known.json"), ("all", "all.txt"))]
        options = {"path": [*lists, f"VETO={tmp_path / 'veto.txt'}"]}
        arguments = {"flags": ["ALL"], "start": START, "end": START + 100, "source": "file", "source_options": options}
        return [(s.start - START, s.stop - START) for s in query(**{**arguments, **changes}).segments]

    assert ask(exclude_flags=["VETO"]) == [(0, 50), (60, 100)]
    assert ask(exclude_flags=["VETO"], pad=5) == [(5, 45), (65, 95)]
    with pytest.raises(NoDataError, match="never active"):
        ask(flags=["KNOWN"])
    with pytest.raises(NoDataError, match="nothing is known of KNOWN"):
        ask(flags=["KNOWN"], start=START + 1000, end=START + 1100)


def test_trap_24_pieces_keep_the_smallest_length_too() -> None:
    whole = Segment(START, START + 20_001)
    for shortest in (0, 1024):
        pieces = split_evenly(whole, min_duration=shortest, max_duration=20_000)
        assert sorted(piece.duration for piece in pieces) == [10_000, 10_001]


def test_trap_25_an_output_that_cannot_be_is_refused_before_the_query(server: GwoscServer, tmp_path: Path) -> None:
    (tmp_path / "there.txt").touch()
    (tmp_path / "file").touch()
    for output in (tmp_path / "there.txt", tmp_path / "file" / "segments.txt"):
        with pytest.raises(UsageError):
            query(
                flags=["H1_DATA"], start=START, end=START + 10, source_options={"host": server.url}, output_file=output
            )
    assert server.asked() == []


# --- strain -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"nan": f"{START + 3}:{START + 5}"}, r"2 s of samples that are not finite"),
        ({"still": f"{START + 3}:{START + 8}"}, "5 s of samples that stand still"),
        ({"short": 1}, "was asked for"),
        ({"rate": 128}, "not upsampled"),
    ],
)
@pytest.mark.usefixtures("awkward")
def test_trap_26_flaws_of_the_strain_are_told(tmp_path: Path, options: dict[str, Any], words: str) -> None:
    report = simulated(tmp_path, source="awkward", source_options=options)
    with pytest.raises(DataQualityError, match=words):
        report.raise_for_failures()
    assert list(tmp_path.glob("*.hdf5")) == []


def test_trap_27_pieces_that_touch_equal_the_whole(tmp_path: Path) -> None:
    cut = [Segment(START, START + 11), Segment(START + 11, START + 32)]
    options = {"simulated-rate": 1024}
    whole = simulated(tmp_path / "whole", source_options=options, segments=[Segment(START, START + 32)])
    parts = simulated(tmp_path / "parts", source_options=options, segments=cut)
    joined = np.concatenate([h5py.File(file.path)["H1"][:] for file in parts.files])
    np.testing.assert_array_equal(joined, h5py.File(whole.files[0].path)["H1"][:])


def test_trap_28_more_than_4_khz_asks_for_16_khz_and_nothing_is_upsampled(
    server: GwoscServer, archive: GwoscArchive, tmp_path: Path
) -> None:
    archive.add_file(write_strain_file(tmp_path, "H1", START, 16, sample_rate=4096), "O3a")
    options = {"host": server.url}
    with pytest.raises(NoDataError, match="16 kHz"):
        simulated(tmp_path, source="gwosc", source_options=options, sample_rate=8192).raise_for_failures()
    with pytest.raises(AframeDataError, match="32768"):
        simulated(tmp_path, source="gwosc", source_options=options, sample_rate=32768).raise_for_failures()
    assert server.asked(r"\.hdf5$") == []


@pytest.mark.parametrize("ifo", ["K1", "G1"])
def test_trap_29_every_open_detector_is_known(
    server: GwoscServer, archive: GwoscArchive, tmp_path: Path, ifo: str
) -> None:
    archive.runs.append(Run("O3GK", START - 100, START + 100, ("G1", "K1")))
    archive.add_file(write_strain_file(tmp_path, ifo, START, 16, run="O3GK"), "O3GK")
    options = {"gwosc-host": server.url}
    report = simulated(tmp_path / "out", source="auto", source_options=options, channels=[ifo], sample_rate=2048)
    report.raise_for_failures()
    assert background.summarize(report.files[0].path).ifos == (ifo,)


def test_trap_30_a_file_that_is_there_costs_no_download_and_is_laid_out_for_the_loader(
    server: GwoscServer, archive: GwoscArchive, tmp_path: Path
) -> None:
    archive.add_file(write_strain_file(tmp_path, "H1", START - 16, 64), "O3a")
    settings = {"source": "gwosc", "source_options": {"host": server.url}, "sample_rate": 2048}
    (file,) = simulated(tmp_path / "out", **settings).files
    asked = len(server.asked())
    assert [item.status for item in simulated(tmp_path / "out", **settings).files] == ["present"]
    assert len(server.asked()) == asked
    with h5py.File(file.path) as there:
        assert there["H1"].compression is None
        assert there["H1"].chunks == (min(16 * 2048, 131072),)


# --- outputs ------------------------------------------------------------------------------------------


def test_trap_32_the_documented_example_runs_as_written(
    shared_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in the reference's README, apart from the server, the number of signals, and that nothing is downloaded."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.chdir(tmp_path)
    window = ["--start", "1240579783", "--end", "1241443783"]
    piece = ["--start", "1240579783", "--end", "1240587612", '--channels=["H1", "L1"]', "--sample_rate", "2048"]
    signals = ["--prior", "priors.priors.end_o3_ratesandpops", "--num_signals", "2", "--waveform_duration", "8"]
    v2.JSON_CACHE.clear()
    with GwoscServer(GwoscArchive.of_real_data(shared_data)) as server:
        monkeypatch.setenv("GWOSC_SERVER_URL", server.url)
        flags = '--flags=["H1_DATA", "L1_DATA"]'
        assert run(["query", flags, *window, "--output_file", "segments.txt"]) == 0
        assert run(["fetch", *piece, "--output_directory", "background/", "--dry-run"]) == 0
    v2.JSON_CACHE.clear()
    here = ["--sample_rate", "2048", "--workers", "0"]
    assert run(["waveforms", *signals, *here, "--output_file", "train_waveforms.hdf5"]) == 0
    assert (tmp_path / "segments.txt").read_text().splitlines()[1] == "0\t1240579783\t1240587612\t7829.0"
    assert read_training_waveforms(tmp_path / "train_waveforms.hdf5").waveforms.shape == (2, 2, 8 * 2048)
