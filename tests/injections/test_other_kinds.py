"""Signals that are no binaries go the whole way, in this process: draws, units, margins, rejection, files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from bell_runs import ACCEPTANCE, KINDS, bells
from burst_runs import contents

from aframe_data.detection.calibration import UNITS, CalibrationUnit, calibrate, fit
from aframe_data.errors import UsageError
from aframe_data.injections.unit import InjectionUnit, fill_unit
from aframe_data.registry.sources import kind_choice
from aframe_data.requests.signals import Signals
from aframe_data.seeds import Stream
from aframe_data.waveforms import recipe as recipes
from aframe_data.waveforms.request import recipe_of
from aframe_data.waveforms.unit import WaveformUnit, generate_unit

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from aframe_data.waveforms.recipe import Recipe

PARAMETERS = ("frequency", "strain", "ra", "dec", "psi")


@pytest.fixture
def bell(bell_package: Callable[..., None]) -> Callable[..., Recipe]:
    """Make the recipe of a population of bells."""
    bell_package()
    return bells


def test_a_draw_has_what_its_kind_has_and_a_failure_is_told_in_its_words(
    bell: Callable[..., Recipe], tmp_path: Path
) -> None:
    report = generate_unit(WaveformUnit(bell(), 0, 40, 0.5, tmp_path / "unit.hdf5"))
    assert report.accepted == 40
    found = contents(tmp_path / "unit.hdf5")
    assert set(found) == {
        *(f"parameters/{name}" for name in (*PARAMETERS, "loud", "colour")),
        "waveforms/plus",
        "waveforms/cross",
    }
    assert (found["parameters/frequency"] <= 155).all()
    assert report.failures
    assert all(": cracked (frequency=15" in failure for failure in report.failures)
    assert all(", strain=" in failure for failure in report.failures)


def test_a_prior_must_give_what_the_kind_has(bell: Callable[..., Recipe]) -> None:
    with pytest.raises(UsageError, match="'quiet-tower' cannot be used for bell waveforms: it does not give strain"):
        recipes.draw(bell("quiet-tower"), Stream.VALIDATION, (0,), 4)
    with pytest.raises(UsageError, match="cannot be used for bell waveforms: it does not give frequency, strain"):
        bell("nonspin_bbh")


def test_a_package_s_own_kind_comes_before_another_s_of_that_name(
    strangers: Callable[..., Path], bell_package: Callable[..., None]
) -> None:
    bell_package()
    strangers(distribution="other", source=KINDS)
    recipe = bells()
    assert kind_choice(recipe.generator).key == "stranger:bell"
    assert recipe.kind.added == ("loud",)


def test_files_of_a_stranger_s_kind_depend_on_its_package_and_those_of_binaries_do_not(
    bell: Callable[..., Recipe],
) -> None:
    recipe = bell()
    assert recipe.identity["source_kind"]["distribution"] == "stranger"
    assert recipe.providers["source_kind"]["version"] == "1.0"
    ours = recipe_of(
        Signals(prior="spin_bbh", generator="lalsimulation", sample_rate=512, waveform_duration=1, right_pad=0.5),
        Stream.VALIDATION,
    )
    assert "source_kind" not in {*ours.identity, *ours.providers}


def unit_of(recipe: Recipe, noise: Path, folder: Path, margins: Any) -> InjectionUnit:
    block = InjectionUnit(recipe, ACCEPTANCE, margins, 0, 0, 16, 4000, 0.5, {}, noise, folder / "val.hdf5")
    block.accepted_path.parent.mkdir(parents=True)
    return block


def test_margins_are_found_on_draws_as_they_come_and_rejection_is_exact(
    bell: Callable[..., Recipe], flat_spectra: Path, tmp_path: Path
) -> None:
    recipe = bell()
    shares = [calibrate(CalibrationUnit(recipe, ACCEPTANCE, flat_spectra, number)) for number in range(UNITS)]
    margins = fit([share for share in shares if share is not None], recipe.kind.regions)
    assert margins.draws == 288
    assert margins.describe()["made_in_full"] == []
    estimated, full = (
        unit_of(recipe, flat_spectra, tmp_path / name, with_) for name, with_ in (("a", margins), ("b", None))
    )
    reports = [fill_unit(block) for block in (estimated, full)]
    assert reports[0].accepted == reports[1].accepted == 16
    assert reports[0].made < reports[1].made
    ours, theirs = contents(estimated.accepted_path), contents(full.accepted_path)
    assert ours.keys() == theirs.keys() >= {f"parameters/{name}" for name in (*PARAMETERS, "loud", "colour", "snr")}
    for name, values in ours.items():
        np.testing.assert_array_equal(values, theirs[name], err_msg=name)
