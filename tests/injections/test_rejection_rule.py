"""The rule of rejection by estimates alone, on numbers: it decides as draw by draw evaluation would."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aframe_data.detection.margins import COARSE_NODES, Margins, RatioRange, SketchMargins
from aframe_data.detection.rejection import decide
from aframe_data.plugin.binary import EQUAL_MASSES, REGIONS

THRESHOLD = 8.0
MARGINS = Margins(RatioRange(0.95, 1.05), RatioRange(0.98, 1.02), (EQUAL_MASSES,), 288)
SKETCHING = replace(MARGINS, sketch=SketchMargins(reach=1.1, typical=0.5))


class Numbers:
    """An evaluator whose draws say their own SNR and estimates, and which of them fail.

    The detector turns: at another sidereal time each SNR, and its estimate, has another factor.
    """

    def __init__(self) -> None:
        self.made: list[int] = []
        self.estimated: list[int] = []

    @staticmethod
    def _factor(draws: dict[str, np.ndarray], gmst: float) -> np.ndarray:
        return 1 + 0.5 * np.sin(gmst * draws["number"])

    def regions(self, draws: dict[str, np.ndarray]) -> np.ndarray:
        return REGIONS.of(draws)

    def antenna(self, draws: dict[str, np.ndarray], gmst: float) -> np.ndarray:
        factor = self._factor(draws, gmst)
        return np.stack([factor, np.zeros_like(factor)], axis=1)[:, np.newaxis]

    def quadratics(self, draws: dict[str, np.ndarray], nodes: int) -> np.ndarray:
        self.estimated += draws["number"].astype(int).tolist() if nodes == COARSE_NODES else []
        square = draws["coarse" if nodes == COARSE_NODES else "fine"] ** 2
        return np.stack([square, 0 * square, 0 * square], axis=1)[:, np.newaxis]

    def sketched(self, draws: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        square = (draws["loudest"] / 2) ** 2
        seen = np.stack([square, 0 * square, 0 * square], axis=1)[:, np.newaxis]
        return seen, (draws["loudest"] ** 2)[:, np.newaxis]

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
        "loudest": values / rng.uniform(0.3, 1.0999, len(values)),
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
of_any_draws = given(
    full=st.lists(snrs, min_size=1, max_size=40),
    places=st.integers(1, 12),
    turning=st.booleans(),
    estimating=st.booleans(),
    data=st.data(),
)


@of_any_draws
def test_what_is_accepted_is_what_draw_by_draw_evaluation_accepts(
    full: list[float], places: int, turning: bool, estimating: bool, data: st.DataObject
) -> None:
    """And num_injections too, whatever is audited, for detectors that stand still and for those that turn."""
    flags = st.lists(st.booleans(), min_size=len(full), max_size=len(full))
    audit = np.array(data.draw(flags))
    draws = draws_of(full, data.draw(st.integers(0, 2**20)), equal=data.draw(flags))
    gmst = np.linspace(0.3, 6, places) if turning else np.full(places, 0.3)
    margins = data.draw(st.sampled_from([MARGINS, SKETCHING])) if estimating else None
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


@of_any_draws
def test_a_draw_that_fails_is_neither_accepted_nor_rejected(
    full: list[float], places: int, turning: bool, estimating: bool, data: st.DataObject
) -> None:
    fails = data.draw(st.lists(st.booleans(), min_size=len(full), max_size=len(full)))
    draws = draws_of(full, 1, fails=fails)
    gmst = np.linspace(0.3, 6, places) if turning else np.full(places, 0.3)
    margins = data.draw(st.sampled_from([MARGINS, SKETCHING])) if estimating else None
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


def test_a_sketch_rules_out_what_no_orientation_makes_loud_enough_and_nothing_else_is_asked_of_that() -> None:
    draws = draws_of([1, 7.99, 2, 8.1, 1, 3, 1], 1, equal=[False] * 4 + [True] + [False] * 2)
    draws["loudest"] = np.array([7.2, 8, 7.3, 8.1, 1, 3, np.nan])
    evaluator = Numbers()
    verdicts = decide(evaluator, draws, np.arange(7) == 5, threshold=THRESHOLD, margins=SKETCHING, gmst=np.zeros(7))
    assert evaluator.estimated == [1, 2, 3, 6]
    assert evaluator.made == [1, 3, 4, 5]
    assert (verdicts.accepted, verdicts.rejected) == ([3], [0, 1, 2, 4, 5, 6])
    assert verdicts.estimated.tolist() == [True, False, True, False, False, False, True]
    # of a sketch as we see it, times what is typical of the full waveform
    assert verdicts.snrs[0, 0] == pytest.approx(7.2 / 2 * 0.5)
    assert verdicts.audited == [pytest.approx(3 / 3)]


def test_an_audit_tells_what_a_sketch_had_missed() -> None:
    draws = draws_of([1, 9.0, 9.0], 1)
    draws["loudest"][1:] = 3.0
    audit = np.array([False, False, True])
    verdicts = decide(Numbers(), draws, audit, threshold=THRESHOLD, margins=SKETCHING, gmst=np.zeros(3))
    assert verdicts.missed == {2: pytest.approx(3.0)}


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
