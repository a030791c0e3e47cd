"""How far a calibration lets estimates be off, in each region of a population."""

from __future__ import annotations

import pickle
from dataclasses import fields

import numpy as np
import pytest

from aframe_data.detection import calibration
from aframe_data.detection.calibration import Trials, fit
from aframe_data.detection.margins import Margins, RatioRange
from aframe_data.plugin.binary import EQUAL_MASSES, REGIONS
from aframe_data.plugin.kinds import ONE_REGION, Regions

# --- margins --------------------------------------------------------------------------------------------

MARGINS = Margins(RatioRange(0.9, 1.1), RatioRange(0.95, 1.05), (0, 5), 288)


def test_only_regions_that_are_trusted_are() -> None:
    assert MARGINS.trust(np.array([0, 1, 5, 6])).tolist() == [False, True, False, True]


def test_the_reach_of_the_first_estimate_is_that_of_both_margins() -> None:
    assert MARGINS.coarse_reach == pytest.approx(1.1 * 1.05)


@pytest.mark.parametrize(
    ("coarse", "fine", "out"),
    [
        (7.5, 7.5, True),
        (7.5, 7.7, False),  # 7.7 * 1.05 > 8
        (6.0, 7.5, False),  # the two do not agree: there is something that neither may have seen
        (7.5, 6.0, False),
        (np.nan, 1.0, False),
        (1.0, np.nan, False),
        (0.0, 0.0, False),
    ],
)
def test_both_estimates_must_rule_a_draw_out_and_agree(coarse: float, fine: float, out: bool) -> None:
    with np.errstate(invalid="ignore"):
        assert MARGINS.rules_out(np.array([coarse]), np.array([fine]), 8.0).tolist() == [out]


@pytest.mark.parametrize(("ratio", "held"), [(0.9, True), (1.1, True), (0.89, False), (1.2, False), (np.nan, False)])
def test_a_range_holds_its_ends_and_never_what_is_not_known(ratio: float, held: bool) -> None:
    assert MARGINS.coarse.holds(np.array([ratio])).tolist() == [held]


# --- what a calibration makes of its draws --------------------------------------------------------------


def shown(**changes: np.ndarray) -> Trials:
    """Sixteen draws of each region but that of equal masses, with estimates that are off by a thousandth or so."""
    region = np.repeat(np.arange(1, REGIONS.count), 16)
    rng = np.random.default_rng(1)
    coarse = rng.uniform(1, 20, len(region))
    fine = coarse * rng.normal(1, 2e-3, len(region))
    full = fine * rng.normal(1, 1e-3, len(region))
    loudest = full / rng.uniform(0.2, 1, len(region))
    seen = {"region": region, "coarse": coarse, "fine": fine, "full": full, "sketched": full / 0.9, "loudest": loudest}
    return Trials(**{**seen, **changes})


def some(seen: Trials, which: np.ndarray | slice) -> Trials:
    """Some of the draws."""
    return Trials(*(getattr(seen, each.name)[which] for each in fields(Trials)))


def test_good_estimates_are_trusted_everywhere_but_at_equal_masses() -> None:
    margins = fit([shown()], REGIONS)
    assert margins.untrusted == (EQUAL_MASSES,)
    assert margins.draws == 16 * (REGIONS.count - 1)
    # wider than what was seen, and not by much
    assert 0.96 < margins.fine.low < 0.985
    assert 1.015 < margins.fine.high < 1.04
    assert margins.describe()["made_in_full"] == ["equal masses"]


def test_shares_are_joined() -> None:
    whole = shown()
    parts = [some(whole, slice(start, None, 3)) for start in range(3)]
    assert fit(parts, REGIONS) == fit([whole], REGIONS)


@pytest.mark.parametrize("which", ["fine", "full"])
@pytest.mark.parametrize("factor", [0.5, 1.5])
def test_one_draw_that_is_off_costs_its_region_the_trust_and_no_other(which: str, factor: float) -> None:
    seen = shown()
    getattr(seen, which)[np.flatnonzero(seen.region == 7)[3]] *= factor
    margins = fit([seen], REGIONS)
    assert margins.untrusted == (EQUAL_MASSES, 7)
    assert REGIONS.describe(7) in margins.describe()["made_in_full"]


@pytest.mark.parametrize("which", ["coarse", "fine"])
def test_an_estimate_that_failed_costs_its_region_the_trust(which: str) -> None:
    seen = shown()
    getattr(seen, which)[seen.region == 4] = np.nan
    assert fit([seen], REGIONS).untrusted == (EQUAL_MASSES, 4)


def test_a_waveform_that_failed_tells_nothing_of_the_estimate() -> None:
    seen = shown()
    seen.full[np.flatnonzero(seen.region == 4)[0]] = np.nan
    assert fit([seen], REGIONS).untrusted == (EQUAL_MASSES,)


def test_a_region_without_draws_is_not_trusted() -> None:
    whole = shown()
    assert fit([some(whole, whole.region != 9)], REGIONS).untrusted == (EQUAL_MASSES, 9)


@pytest.mark.parametrize("count", [0, 5])
def test_without_a_draw_that_tells_nothing_is_trusted(count: int) -> None:
    nothing = np.full(count, np.nan)
    margins = fit([Trials(np.ones(count, dtype=np.intp), *(nothing,) * 5)], REGIONS)
    assert margins.untrusted == tuple(range(REGIONS.count))


@pytest.mark.parametrize(("off", "by"), [("a steady ratio", 0.9), ("a steady ratio", 1.3)])
def test_estimates_that_are_off_by_the_same_factor_everywhere_are_as_good(off: str, by: float) -> None:
    seen = shown()
    seen.full[:] *= by
    margins = fit([seen], REGIONS)
    assert margins.untrusted == (EQUAL_MASSES,), off
    assert margins.fine.low < by < margins.fine.high


# --- sketches -------------------------------------------------------------------------------------------


def test_a_sketch_reaches_farther_than_the_farthest_draw_that_was_seen() -> None:
    seen = shown()
    seen.loudest[5] = seen.full[5] / 1.1
    sketch = fit([seen], REGIONS).sketch
    assert sketch is not None
    assert sketch.reach == pytest.approx(1 + 2.5 * 0.1 + 0.08)
    assert sketch.typical == pytest.approx(0.9)


def test_a_sketch_of_signals_that_are_never_as_loud_reaches_as_far_as_one_that_is_right() -> None:
    seen = shown()
    seen.loudest[:] = 3 * seen.full
    sketch = fit([seen], REGIONS).sketch
    assert sketch is not None
    assert sketch.reach == pytest.approx(1.08)


def test_draws_of_a_region_that_is_made_in_full_do_not_count_for_sketches() -> None:
    seen = shown()
    odd = seen.region == 7
    seen.full[odd] *= 2
    seen.loudest[odd] /= 2
    margins = fit([seen], REGIONS)
    assert 7 in margins.untrusted
    assert margins.sketch is not None
    assert margins.sketch.reach < 1.1


def test_without_sketches_there_is_no_margin_for_them() -> None:
    seen = shown()
    seen.loudest[:] = np.nan
    margins = fit([seen], REGIONS)
    assert margins.sketch is None
    assert margins.describe()["sketch"] is None
    assert margins.untrusted == (EQUAL_MASSES,)


# --- draws ----------------------------------------------------------------------------------------------


def test_a_region_has_as_many_draws_as_any_other_though_the_prior_gives_few() -> None:
    from aframe_data.requests.signals import Signals
    from aframe_data.seeds import Stream
    from aframe_data.waveforms.request import recipe_of

    recipe = recipe_of(
        Signals(prior="spin_bbh", sample_rate=512, waveform_duration=1, right_pad=0.5, seed=3), Stream.VALIDATION
    )
    draws = calibration.chosen_draws(recipe)
    _, counts = np.unique(REGIONS.of(draws), return_counts=True)
    assert len(counts) > 10
    assert counts.max() == 16
    assert counts.min() >= 8
    other = calibration.chosen_draws(recipe)
    np.testing.assert_array_equal(draws["mass_1"], other["mass_1"])


def test_what_windows_cut_from_most_signals_is_not_expected_of_all() -> None:
    # Neutron stars longer than their window; a heavier binary among them loses nothing, and must not be ruled out.
    ratios = np.linspace(0.7, 0.9, 32)
    margins = fit([Trials(np.full(32, 1), np.ones(32), np.ones(32), ratios, *(np.full(32, np.nan),) * 2)], REGIONS)
    assert margins.fine.high >= 1.02
    assert not margins.rules_out(np.array([3.95]), np.array([3.95]), 4.0)[0]


# --- a kind of sources without regions ------------------------------------------------------------------


def test_without_regions_all_signals_are_trusted_or_none() -> None:
    alike = shown(region=np.zeros(16 * (REGIONS.count - 1), dtype=np.intp))
    margins = fit([alike], ONE_REGION)
    assert margins.trust(np.zeros(3, dtype=np.intp)).tolist() == [True] * 3
    assert margins.describe()["made_in_full"] == []
    alike.full[7] *= 1.5
    margins = fit([alike], ONE_REGION)
    assert margins.trust(np.zeros(3, dtype=np.intp)).tolist() == [False] * 3
    assert margins.describe()["made_in_full"] == ["all signals"]


@pytest.mark.parametrize("parts", [REGIONS, ONE_REGION], ids=["binaries", "alike"])
def test_margins_travel_to_worker_processes(parts: Regions) -> None:
    margins = fit([shown()] if parts is REGIONS else [shown(region=np.zeros(288, dtype=np.intp))], parts)
    assert pickle.loads(pickle.dumps(margins)) == margins  # noqa: S301 - our own bytes
