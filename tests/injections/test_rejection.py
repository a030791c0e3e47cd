"""Rejection by estimates decides as full waveforms would; where it cannot, it notices.

First the rule of decision alone, on numbers; then whole runs, whose files are compared with those of full
evaluation. The models are a stranger's bursts; LAL's have their turn among the slow tests.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from burst_runs import assert_same_arrays, bursts, contents, flat_noise, validate
from hypothesis import given
from hypothesis import strategies as st

from aframe_data import validation_waveforms
from aframe_data.detection.margins import COARSE_NODES, Margins, RatioRange
from aframe_data.detection.rejection import decide
from aframe_data.errors import PluginError, WaveformError
from aframe_data.formats import ledger
from aframe_data.plugin.binary import EQUAL_MASSES, REGIONS
from ledger_reader import BASE_FIELDS

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["bursts", "flat_noise"]

# --- the rule, on numbers -------------------------------------------------------------------------------

THRESHOLD = 8.0
MARGINS = Margins(RatioRange(0.95, 1.05), RatioRange(0.98, 1.02), (EQUAL_MASSES,), 288, REGIONS)


class Numbers:
    """An evaluator whose draws say their own SNR and estimates, and which of them fail.

    The detector turns: at another sidereal time each SNR, and its estimate, has another factor.
    """

    def __init__(self) -> None:
        self.made: list[int] = []

    @staticmethod
    def _factor(draws: dict[str, np.ndarray], gmst: float) -> np.ndarray:
        return 1 + 0.5 * np.sin(gmst * draws["number"])

    def antenna(self, draws: dict[str, np.ndarray], gmst: float) -> np.ndarray:
        factor = self._factor(draws, gmst)
        return np.stack([factor, np.zeros_like(factor)], axis=1)[:, np.newaxis]

    def quadratics(self, draws: dict[str, np.ndarray], nodes: int) -> np.ndarray:
        square = draws["coarse" if nodes == COARSE_NODES else "fine"] ** 2
        return np.stack([square, 0 * square, 0 * square], axis=1)[:, np.newaxis]

    def no_quadratics(self, count: int) -> np.ndarray:
        return np.full((count, 1, 3), np.nan)

    def polarizations(self, draws: dict[str, np.ndarray]) -> tuple[dict[str, np.ndarray], dict[int, str]]:
        self.made += draws["number"].astype(int).tolist()
        waves = np.repeat(draws["full"][:, np.newaxis], 4, axis=1)
        failures = {int(row): "failed" for row in np.flatnonzero(draws["fails"])}
        return {"plus": waves, "cross": waves}, failures

    def full(
        self, waveforms: dict[str, np.ndarray], draws: dict[str, np.ndarray], gmst: float
    ) -> tuple[np.ndarray, np.ndarray]:
        snrs = waveforms["plus"][:, :1] * self._factor(draws, gmst)[:, np.newaxis]
        return np.repeat(snrs[:, np.newaxis], 4, axis=2), snrs


def draws_of(
    full: list[float], seed: int, *, fails: list[bool] | None = None, equal: list[bool] | None = None
) -> dict[str, np.ndarray]:
    """Draws of given SNRs, whose estimates are as good as the margins say."""
    rng = np.random.default_rng(seed)
    values = np.array(full)
    fine = values / rng.uniform(0.9801, 1.0199, len(values))
    ones = np.ones(len(values))
    return {
        "number": np.arange(len(values)).astype(float),
        "full": values,
        "fine": fine,
        "coarse": fine / rng.uniform(0.9501, 1.0499, len(values)),
        "fails": np.array(fails if fails is not None else [False] * len(values)),
        "mass_1": 30 * ones,
        "mass_2": np.where(equal if equal is not None else [False] * len(values), 30, 20) * ones,
        "a_1": 0 * ones,
        "tilt_1": 0 * ones,
    }


def one_by_one(draws: dict[str, np.ndarray], gmst: np.ndarray) -> tuple[list[int], list[int]]:
    """Accepted and rejected draws by the plain rule: each in its turn, in full, until all places are taken."""
    accepted: list[int] = []
    rejected: list[int] = []
    factor = Numbers._factor
    for index in range(len(draws["full"])):
        if len(accepted) == len(gmst):
            break
        some = {name: values[index : index + 1] for name, values in draws.items()}
        loud = draws["full"][index] * factor(some, gmst[len(accepted)])[0] >= THRESHOLD
        (accepted if loud else rejected).append(index)
    return accepted, rejected


#: What a model may say that suits it.
batches = st.none() | st.integers(1, 50)
snrs = st.one_of(st.floats(0.1, 30), st.floats(7.5, 8.5), st.just(THRESHOLD))


@given(
    full=st.lists(snrs, min_size=1, max_size=40),
    places=st.integers(1, 12),
    turning=st.booleans(),
    estimating=st.booleans(),
    data=st.data(),
)
def test_what_is_accepted_is_what_draw_by_draw_evaluation_accepts(
    full: list[float], places: int, turning: bool, estimating: bool, data: st.DataObject
) -> None:
    """And num_injections too, whatever is audited, for detectors that stand still and for those that turn."""
    flags = st.lists(st.booleans(), min_size=len(full), max_size=len(full))
    audit = np.array(data.draw(flags))
    draws = draws_of(full, data.draw(st.integers(0, 2**20)), equal=data.draw(flags))
    gmst = np.linspace(0.3, 6, places) if turning else np.full(places, 0.3)
    margins = MARGINS if estimating else None
    verdicts = decide(
        Numbers(), draws, audit, threshold=THRESHOLD, margins=margins, gmst=gmst, batch=data.draw(batches)
    )
    assert (verdicts.accepted, verdicts.rejected) == one_by_one(draws, gmst)
    assert not verdicts.missed
    assert len(verdicts.responses) == len(verdicts.accepted)
    assert not verdicts.estimated[verdicts.accepted].any()
    for place, (index, response) in enumerate(zip(verdicts.accepted, verdicts.responses, strict=True)):
        assert (response == verdicts.snrs[index][:, np.newaxis]).all()
        some = {name: values[index : index + 1] for name, values in draws.items()}
        assert verdicts.snrs[index, 0] == draws["full"][index] * Numbers._factor(some, gmst[place])[0]


@given(
    full=st.lists(snrs, min_size=1, max_size=40),
    places=st.integers(1, 12),
    turning=st.booleans(),
    estimating=st.booleans(),
    data=st.data(),
)
def test_a_draw_that_fails_is_neither_accepted_nor_rejected(
    full: list[float], places: int, turning: bool, estimating: bool, data: st.DataObject
) -> None:
    fails = data.draw(st.lists(st.booleans(), min_size=len(full), max_size=len(full)))
    draws = draws_of(full, 1, fails=fails)
    gmst = np.linspace(0.3, 6, places) if turning else np.full(places, 0.3)
    margins = MARGINS if estimating else None
    nothing_audited = np.zeros(len(full), dtype=bool)
    verdicts = decide(
        Numbers(), draws, nothing_audited, threshold=THRESHOLD, margins=margins, gmst=gmst, batch=data.draw(batches)
    )
    assert set(verdicts.failures) <= set(np.flatnonzero(fails))
    assert not set(verdicts.accepted) & set(np.flatnonzero(fails))
    decided = sorted([*verdicts.accepted, *verdicts.rejected, *verdicts.failures])
    assert decided == list(range(len(decided)))
    assert len(verdicts.accepted) == places or len(decided) == len(full)
    if len(verdicts.accepted) == places:
        assert decided[-1] == verdicts.accepted[-1]


def test_a_draw_at_the_threshold_is_accepted() -> None:
    draws = draws_of([np.nextafter(THRESHOLD, 0), THRESHOLD], 1)
    verdicts = decide(Numbers(), draws, np.zeros(2, dtype=bool), threshold=THRESHOLD, margins=MARGINS, gmst=np.zeros(2))
    assert (verdicts.accepted, verdicts.rejected) == ([1], [0])


def test_only_what_is_in_doubt_is_made_in_full() -> None:
    """Two that are near the threshold, one of equal masses, one audited; and none twice, though detectors turn."""
    draws = draws_of([1, 7.99, 2, 8.1, 1, 3, 1], 1, equal=[False] * 4 + [True] + [False] * 2)
    audit = np.arange(7) == 5
    evaluator = Numbers()
    verdicts = decide(evaluator, draws, audit, threshold=THRESHOLD, margins=MARGINS, gmst=np.zeros(7))
    assert evaluator.made == [1, 3, 4, 5]
    assert verdicts.made == 4
    assert verdicts.estimated.tolist() == [True, False, True, False, False, False, True]
    assert verdicts.audited == [pytest.approx(3 / draws["fine"][5], rel=0.06)]
    turning = Numbers()
    draws = draws_of([20.0] * 20, 1)
    decide(turning, draws, np.zeros(20, dtype=bool), threshold=THRESHOLD, margins=MARGINS, gmst=np.linspace(0, 6, 20))
    assert sorted(turning.made) == list(range(20))


def test_an_audit_tells_what_an_estimate_had_missed() -> None:
    draws = draws_of([1, 9.0, 9.0], 1)
    for name in ("coarse", "fine"):
        draws[name][1:] = 3.0
    audit = np.array([False, False, True])
    verdicts = decide(Numbers(), draws, audit, threshold=THRESHOLD, margins=MARGINS, gmst=np.zeros(3))
    assert verdicts.missed == {2: pytest.approx(3.0)}
    assert verdicts.audited == [pytest.approx(3.0)]


def test_an_audited_draw_that_is_silent_in_the_band_has_no_ratio() -> None:
    """A heavy binary whose spectrum ends below the high-pass."""
    draws = draws_of([0.0, 9.0], 1)
    draws["coarse"][1] = draws["fine"][1] = 0.0
    verdicts = decide(Numbers(), draws, np.ones(2, dtype=bool), threshold=THRESHOLD, margins=MARGINS, gmst=np.zeros(2))
    assert verdicts.audited == [0.0, 0.0]
    assert (verdicts.rejected, verdicts.missed) == ([0], {1: 0.0})


@pytest.mark.parametrize("snr", [np.nan, np.inf])
def test_an_snr_that_is_not_finite_is_never_accepted(snr: float) -> None:
    draws = draws_of([snr, 9.0], 1)
    verdicts = decide(Numbers(), draws, np.zeros(2, dtype=bool), threshold=THRESHOLD, margins=MARGINS, gmst=np.zeros(2))
    assert (verdicts.accepted, verdicts.failures) == ([1], {0: "its SNR is not finite"})


# --- whole runs: as full evaluation ---------------------------------------------------------------------


def assert_exact(folder: Path, noise: Path, **settings: Any) -> tuple[Any, Any]:
    """With and without estimates: the same bits in the accepted file, the same draws in the rejected one."""
    reports = []
    for name, full in (("estimated", False), ("full", True)):
        (folder / name).mkdir()
        reports.append(validate(folder / name, noise, **{**settings, "full_evaluation": full}))
    ours, theirs = (folder / name for name in ("estimated", "full"))
    assert_same_arrays(ours / "val.hdf5", theirs / "val.hdf5")
    assert reports[0].num_injections == reports[1].num_injections
    rejected, everything = contents(ours / "rejected.hdf5"), contents(theirs / "rejected.hdf5")
    for name in BASE_FIELDS:
        np.testing.assert_array_equal(rejected[f"parameters/{name}"], everything[f"parameters/{name}"], err_msg=name)
    made = rejected["parameters/snr_is_estimate"] == 0
    for name in ("snr", "ifo_snrs"):
        np.testing.assert_array_equal(rejected[f"parameters/{name}"][made], everything[f"parameters/{name}"][made])
    assert (everything["parameters/snr"] < settings.get("snr_threshold", 8)).all()
    assert not everything["parameters/snr_is_estimate"].any()
    return tuple(reports)


def estimates_of(path: Path) -> dict[str, Any]:
    record = ledger.summarize(path, check=False).record
    assert record is not None
    found: dict[str, Any] = record["estimates"]
    return found


@pytest.mark.slow
@pytest.mark.usefixtures("bursts")
@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"snr_threshold": 4, "dtype": "float64", "ifos": ["V1", "L1", "H1"]},
        {"snr_threshold": 0.0, "num_signals": 17},
        pytest.param({"highpass": 60, "lowpass": 150}, marks=pytest.mark.slow),
    ],
    ids=str,
)
def test_the_accepted_set_is_that_of_full_evaluation(
    tmp_path: Path, flat_noise: Path, settings: dict[str, Any]
) -> None:
    report, _ = assert_exact(tmp_path, flat_noise, **settings)
    made_in_full = estimates_of(tmp_path / "estimated" / "val.hdf5")["made_in_full"]
    assert made_in_full == ["equal masses"]
    flags = contents(tmp_path / "estimated" / "rejected.hdf5")["parameters/snr_is_estimate"]
    assert (flags.mean() > 0.9) if len(flags) else (report.num_injections == 17)


@pytest.mark.slow
@pytest.mark.usefixtures("bursts")
def test_estimates_that_are_marked_as_such_are_close(tmp_path: Path, flat_noise: Path) -> None:
    assert_exact(tmp_path, flat_noise)
    estimated, full = (contents(tmp_path / name / "rejected.hdf5") for name in ("estimated", "full"))
    assert estimated["parameters/snr_is_estimate"].mean() > 0.9
    # linear interpolation between 128 nodes of a line of 32 Hz width
    np.testing.assert_allclose(estimated["parameters/snr"], full["parameters/snr"], rtol=3e-3)


@pytest.mark.usefixtures("bursts")
def test_equal_masses_are_never_estimated(tmp_path: Path, flat_noise: Path) -> None:
    report, _ = assert_exact(tmp_path, flat_noise, prior_options={"equal": True}, num_signals=10)
    assert report.audited == 0
    assert not contents(tmp_path / "estimated" / "rejected.hdf5")["parameters/snr_is_estimate"].any()


@pytest.mark.slow
@pytest.mark.usefixtures("bursts")
def test_a_model_without_spectra_goes_the_plain_way(tmp_path: Path, flat_noise: Path) -> None:
    report, _ = assert_exact(tmp_path, flat_noise, generator="plain-burst", num_signals=10)
    assert report.audited == 0
    assert estimates_of(tmp_path / "estimated" / "val.hdf5") is None
    with_spectra = validate(tmp_path, flat_noise, num_signals=10)
    assert with_spectra.num_injections == report.num_injections
    assert_same_arrays(tmp_path / "val.hdf5", tmp_path / "estimated" / "val.hdf5")


@pytest.mark.slow
@pytest.mark.usefixtures("bursts")
def test_a_region_in_which_the_spectrum_lies_is_made_in_full(tmp_path: Path, flat_noise: Path) -> None:
    settings = {"generator_options": {"loud_ratio": 18}, "num_signals": 30}
    assert_exact(tmp_path, flat_noise, **settings)
    made_in_full = estimates_of(tmp_path / "estimated" / "val.hdf5")["made_in_full"]
    assert made_in_full == [
        "equal masses",
        "mass ratio 18 and more, primary spin against the orbit",
    ]
    rejected = contents(tmp_path / "estimated" / "rejected.hdf5")
    extreme = rejected["parameters/mass_1"] >= 18 * rejected["parameters/mass_2"]
    extreme &= (rejected["parameters/tilt_1"] > np.pi / 2) & (rejected["parameters/a_1"] > 0)
    assert extreme.any()
    assert not rejected["parameters/snr_is_estimate"][extreme].any()
    assert rejected["parameters/snr_is_estimate"][~extreme].mean() > 0.9


@pytest.mark.slow
@pytest.mark.usefixtures("bursts")
@pytest.mark.parametrize("options", [{"spectrum": "nan"}, {"no_spectrum_above": 40}], ids=str)
def test_a_signal_whose_spectrum_is_not_known_is_made_in_full(
    tmp_path: Path, flat_noise: Path, options: dict[str, Any]
) -> None:
    assert_exact(tmp_path, flat_noise, generator_options=options, num_signals=10)
    rejected = contents(tmp_path / "estimated" / "rejected.hdf5")
    without = rejected["parameters/mass_1"] > options.get("no_spectrum_above", 0)
    assert without.any()
    assert not rejected["parameters/snr_is_estimate"][without].any()
    assert np.isfinite(rejected["parameters/snr"]).all()


@pytest.mark.usefixtures("bursts")
def test_a_spectrum_that_is_none_is_the_plugins_error(tmp_path: Path, flat_noise: Path) -> None:
    with pytest.raises(PluginError, match=r"'burst' returned a spectrum that is complex128 of shape \(\d+, 127\)"):
        validate(tmp_path, flat_noise, generator_options={"spectrum": "short"})
    assert not (tmp_path / "val.hdf5").exists()


@pytest.mark.slow
@pytest.mark.usefixtures("bursts")
def test_an_audit_fails_a_run_whose_spectra_lie_only_after_the_calibration(tmp_path: Path, flat_noise: Path) -> None:
    """Most draws have three times the SNR that their estimate says, and a few in a thousand are looked at."""
    settings = {"generator_options": {"loud_blocks": True}, "snr_threshold": 0.5, "num_signals": 400}
    with pytest.raises(
        WaveformError, match=r"the audit found a signal .*draw \d+ of block \d+ of seed 7 has SNR"
    ) as told:
        validate(tmp_path, flat_noise, **settings)
    assert "--full-evaluation" in str(told.value)
    assert "\n" not in str(told.value)
    assert not (tmp_path / "val.hdf5").exists()
    validate(tmp_path, flat_noise, **settings, full_evaluation=True, overwrite=True)
    assert len(contents(tmp_path / "val.hdf5")["parameters/snr"]) == 400


@pytest.mark.slow
@pytest.mark.usefixtures("bursts")
def test_an_audit_looks_at_one_rejected_draw_in_two_hundred(tmp_path: Path, flat_noise: Path) -> None:
    report = validate(tmp_path, flat_noise, num_signals=100)
    record = ledger.summarize(tmp_path / "val.hdf5", check=False).record
    assert record is not None
    assert record["report"]["audited"] == report.audited
    rejected = report.num_injections - 100
    # the binomial spread of 0.5 %, five times
    assert abs(report.audited - 0.005 * rejected) < 5 * np.sqrt(0.005 * rejected)
    assert 0.99 < report.largest_ratio < 1.01
    made = contents(tmp_path / "rejected.hdf5")["parameters/snr_is_estimate"] == 0
    assert made.sum() >= report.audited


# --- LAL's models ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def equal_masses(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("prior") / "equal.prior"
    lines = [
        "mass_1 = Uniform(name='mass_1', minimum=10, maximum=60)",
        "mass_ratio = 1.0",
        "redshift = bilby.gw.prior.UniformComovingVolume(name='redshift', minimum=0.02, maximum=1)",
        *(f"a_{body} = Uniform(name='a_{body}', minimum=0, maximum=0.9)" for body in (1, 2)),
        *(f"tilt_{body} = Sine(name='tilt_{body}')" for body in (1, 2)),
        *(f"{name} = Uniform(name='{name}', minimum=0, maximum=6.28)" for name in ("phi_12", "phi_jl", "ra", "phase")),
        "psi = Uniform(name='psi', minimum=0, maximum=3.14)",
        "dec = Cosine(name='dec')",
        "theta_jn = Sine(name='theta_jn')",
    ]
    path.write_text("\n".join(lines))
    return str(path)


def lal_settings(shared_data: Path, **changes: Any) -> dict[str, Any]:
    psd = {ifo: shared_data / "psd" / f"aligo_O3actual_{ifo}.txt" for ifo in ("H1", "L1")}
    grid = {"sample_rate": 1024, "waveform_duration": 2, "right_pad": 0.5}
    return {"generator": "auto", "psd": psd, **grid, "workers": 2, "num_signals": 12, **changes}


@pytest.mark.slow
@pytest.mark.parametrize("threshold", [4, 8])
@pytest.mark.parametrize(
    "model",
    [
        ("end_o3_ratesandpops", "IMRPhenomPv2"),
        ("spin_bbh", "IMRPhenomPv2"),
        ("end_o3_ratesandpops", "IMRPhenomXPHM"),
        ("spin_bbh", "IMRPhenomXPHM"),
        ("nonspin_bbh", "IMRPhenomD"),
        ("end_o3_ratesandpops_bns", "IMRPhenomPv2_NRTidal"),
        ("equal masses", "IMRPhenomPv2"),
        ("nonspin_bbh", "IMRPhenomT"),
    ],
)
def test_lals_models_are_exact(
    shared_data: Path, equal_masses: str, tmp_path: Path, model: tuple[str, str], threshold: float
) -> None:
    prior, approximant = model
    settings = lal_settings(
        shared_data,
        prior=equal_masses if prior == "equal masses" else prior,
        generator_options={"approximant": approximant},
        snr_threshold=threshold,
    )
    report, _ = assert_exact(tmp_path, tmp_path, **settings)
    if prior == "equal masses" or approximant == "IMRPhenomT":
        assert report.audited == 0
    else:
        flags = contents(tmp_path / "estimated" / "rejected.hdf5")["parameters/snr_is_estimate"]
        assert flags.mean() > 0.5


@pytest.mark.slow
def test_a_real_model_is_exact_in_noise_with_lines(shared_data: Path, tmp_path: Path) -> None:
    """In windows of eight seconds, whose grid resolves the lines of the detectors' noise."""
    long = {"sample_rate": 2048, "waveform_duration": 8, "right_pad": 2, "snr_threshold": 8}
    options = {"prior": "nonspin_bbh", "generator_options": {"approximant": "IMRPhenomD"}}
    assert_exact(tmp_path, tmp_path, **lal_settings(shared_data, **long, **options))


@pytest.mark.slow
def test_a_built_in_model_runs_through_the_public_function(shared_data: Path, tmp_path: Path) -> None:
    settings = lal_settings(shared_data, prior="nonspin_bbh", generator_options={"approximant": "IMRPhenomD"})
    del settings["generator"]
    report = validation_waveforms(**settings, ifos=["H1", "L1"], seed=1, output_file=tmp_path / "val.hdf5")
    assert report.num_injections >= 12
    assert (contents(tmp_path / "val.hdf5")["parameters/snr"] >= 4).all()
