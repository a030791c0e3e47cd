"""Signals that are no binaries go the whole way, in this process: draws, units, margins, rejection, files."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from burst_runs import LEVEL, contents

from aframe_data.detection.acceptance import Acceptance
from aframe_data.detection.calibration import UNITS, CalibrationUnit, calibrate, fit
from aframe_data.errors import PluginError, UsageError
from aframe_data.formats.psd import write_spectra
from aframe_data.injections.unit import InjectionUnit, fill_unit
from aframe_data.psd.band import Band
from aframe_data.registry.check import faults_of
from aframe_data.registry.names import find
from aframe_data.registry.sources import kind_choice
from aframe_data.requests.signals import Signals
from aframe_data.seeds import Stream
from aframe_data.types import PowerSpectra
from aframe_data.waveforms import recipe as recipes
from aframe_data.waveforms.request import recipe_of
from aframe_data.waveforms.unit import WaveformUnit, generate_unit
from plugin_factory import hook

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from aframe_data.waveforms.recipe import Recipe

PARAMETERS = ("frequency", "strain", "ra", "dec", "psi")

RECORDS = """
yield WaveformGeneratorProvider(
    name="bell", summary="Bells", load="bells:Bell", signals="bell", parameters=("frequency", "strain", "loud")
)
"""
KINDS = """
yield SourceKindProvider(name="bell", summary="Bells", load="bells:Bells")
"""
PRIORS = """
for name in ("tower", "quiet-tower"):
    yield PriorProvider(name=name, summary="Bells", load=f"bells:{'Tower' if name == 'tower' else 'QuietTower'}")
"""
CODE = """
import numpy as np
from aframe_data.plugin import AsDrawn, WaveformError
from aframe_data.types import Polarizations

WIDTH = 0.01

class Tower:
    parameters = ("frequency", "strain", "ra", "dec", "psi", "colour")
    frame = "detector"

    def sample(self, n, rng):
        angles = {"ra": rng.uniform(0, 2 * np.pi, n), "dec": np.arcsin(rng.uniform(-1, 1, n))}
        bells = {"frequency": rng.uniform(60, 160, n), "strain": 3e-22 * rng.uniform(0.05, 1, n) ** -0.3}
        return {**angles, **bells, "psi": rng.uniform(0, np.pi, n), "colour": rng.uniform(0, 1, n)}

class QuietTower(Tower):
    parameters = ("frequency", "ra", "dec", "psi")

class Bells(AsDrawn):
    parameters = ("frequency", "strain", "ra", "dec", "psi")
    added = ("loud",)
    described_by = ("frequency", "strain")
    example = {"frequency": 100.0, "strain": 1e-22, **AsDrawn.example}

    def complete(self, samples, **asked):
        return {**super().complete(samples, **asked), "loud": np.full(len(samples["ra"]), 2.0)}

class Bell:
    has_spectrum = True

    def check(self, parameters, request):
        pass

    def generate(self, parameters, request):
        time = (np.arange(request.size) - request.reference_index) / request.sample_rate
        size = (parameters["loud"] * parameters["strain"])[:, np.newaxis] * np.exp(-0.5 * (time / WIDTH) ** 2)
        phase = 2 * np.pi * parameters["frequency"][:, np.newaxis] * time
        failures = {int(index): "cracked" for index in np.flatnonzero(parameters["frequency"] > 155)}
        return Polarizations(size * np.cos(phase), size * np.sin(phase), failures)

    def spectrum(self, parameters, frequencies):
        size = (parameters["loud"] * parameters["strain"])[:, np.newaxis] * WIDTH * np.sqrt(np.pi / 2)
        frequency = parameters["frequency"][:, np.newaxis]
        up = size * np.exp(-2 * (np.pi * WIDTH * (frequencies - frequency)) ** 2) + 0j
        down = size * np.exp(-2 * (np.pi * WIDTH * (frequencies + frequency)) ** 2)
        return up + down, (up - down) / 1j
"""


@pytest.fixture
def package(strangers: Callable[..., Path]) -> Callable[..., None]:
    """Install the package of bells, perhaps with something else in its code."""
    source = hook("waveform_generators", RECORDS) + hook("priors", PRIORS) + hook("source_kinds", KINDS)

    def install(old: str = "", new: str = "") -> None:
        assert old in CODE
        strangers(source={"stranger": source, "bells": CODE.replace(old, new) if old else CODE})

    return install


@pytest.fixture
def bell(package: Callable[..., None]) -> Callable[..., Recipe]:
    """Make the recipe of a population of bells."""
    package()
    return bells


def bells(prior: str = "tower") -> Recipe:
    return recipe_of(
        Signals(prior=prior, generator="bell", sample_rate=512, waveform_duration=1, right_pad=0.5, seed=5),
        Stream.VALIDATION,
    )


@pytest.fixture
def noise(tmp_path: Path) -> Path:
    """Flat noise for windows of a second."""
    path = tmp_path / "noise.hdf5"
    write_spectra(path, PowerSpectra(("H1", "L1"), np.arange(257.0), np.full((2, 257), LEVEL**2)), {})
    return path


ACCEPTANCE = Acceptance(("H1", "L1"), Band(32, None), 8.0)


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


LOUD = 'np.full(len(samples["ra"]), 2.0)'
FAULTY = {
    "loses parameters": (
        "{**super().complete(samples, **asked), ",
        "{",
        "does not give ra, dec, frequency, strain,",
    ),
    "adds another": ('"loud": ' + LOUD, '"quiet": samples["ra"]', "does not give loud of each signal"),
    "one for all": (LOUD, "2.0", "gives loud as float64 of shape (), not"),
    "complex": (LOUD, "1j * " + LOUD, "gives loud as complex128 of shape (4,)"),
    "NaN": (LOUD, "np.nan * " + LOUD, "gives loud = nan, which is not finite"),
    "raises": (
        "return {**super",
        'raise KeyError("x")  # {',
        "source kind 'bell' of stranger 1.0 failed: KeyError: 'x'",
    ),
    "changes the draw": (
        "return {**super",
        "samples['strain'][:] = 1; return {**super",
        "failed: ValueError: ",
    ),
    "None": ("return {**super", "return None  # {", "completes a draw as a NoneType"),
    "a name of files": ('added = ("loud",)', 'added = ("snr",)', "no parameter in a file can have the name snr"),
    "no regions": ('added = ("loud",)', "regions = None", "`regions` must be Regions, not None"),
}


@pytest.mark.parametrize(("old", "new", "words"), FAULTY.values(), ids=FAULTY)
def test_a_kind_that_does_not_do_what_it_says_is_named(
    package: Callable[..., None], old: str, new: str, words: str
) -> None:
    package(old, new)
    with pytest.raises(PluginError, match=re.escape(words)):
        recipes.draw(bells(), Stream.VALIDATION, (0,), 4)


@pytest.mark.parametrize(
    ("of", "words"),
    [
        ("lambda parameters: np.ones(len(parameters['ra']), int)", "gives regions 1 to 1, and has 1"),
        ("lambda parameters: parameters['ra']", "gives float64 of shape"),
        ("lambda parameters: 0", "gives int64 of shape () as regions"),
        ("lambda parameters: parameters['pitch']", "source kind 'bell' of stranger 1.0 failed: KeyError: 'pitch'"),
    ],
)
def test_regions_that_are_none_end_the_work(package: Callable[..., None], noise: Path, of: str, words: str) -> None:
    regions = f"from aframe_data.plugin import Regions; regions = Regions(1, {of}, str)"
    package('added = ("loud",)', f'added = ("loud",); {regions}')
    with pytest.raises(PluginError, match=re.escape(words)):
        calibrate(CalibrationUnit(bells(), ACCEPTANCE, noise, 0))


def test_a_package_s_own_kind_comes_before_another_s_of_that_name(
    strangers: Callable[..., Path], package: Callable[..., None]
) -> None:
    package()
    strangers(distribution="other", source=hook("source_kinds", KINDS))
    recipe = bells()
    assert kind_choice(recipe.generator).key == "stranger:bell"
    assert recipe.kind.added == ("loud",)


@pytest.mark.parametrize(
    ("kind", "old", "new", "words"),
    [
        ("source-kind", "", "", ""),
        ("waveforms", "", "", ""),
        ("source-kind", "return {**super", "return 1 / 0  # {", "ZeroDivisionError"),
        ("source-kind", LOUD, "2.0", "gives loud as float64 of shape ()"),
        ("source-kind", '"strain": 1e-22, ', "", "`example`, which is one ordinary source, lacks strain."),
        ("source-kind", '"strain": 1e-22, ', '"strain": float("nan"), ', "has strain = nan, which is no finite number"),
        ("source-kind", '"strain": 1e-22, ', '"strain": (1, 2), ', "has strain = (1, 2), which is no finite number"),
        ("source-kind", "example = {", "example = 3  # {", "`example` must be a mapping of names and numbers, not 3."),
        (
            "source-kind",
            "return {**super",
            'raise WaveformError("a crack.")  # {',
            "it refuses its own example: source kind 'bell': a crack.",
        ),
        (
            "waveforms",
            '"strain": 1e-22, ',
            "",
            "it could not be asked for a signal: source kind 'bell' of stranger: `example`, which is one ordinary",
        ),
        ("waveforms", "return Polarizations(", "return (", "it answers with a tuple"),
        ("waveforms", "size * np.cos(phase)", "size[:, :-1]", "of one signal is float64 of shape (1, 2047)"),
        ("waveforms", 'parameters["loud"]', 'parameters["louder"]', "KeyError"),
    ],
)
def test_plugins_check_asks_kinds_and_generators_with_the_example_of_the_kind(
    package: Callable[..., None], kind: str, old: str, new: str, words: str
) -> None:
    package(old, new)
    found = " ".join(faults_of(find(kind, "bell")))
    assert words in found
    assert bool(words) == bool(found)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("", "", "source_kind\tbell\n"),
        ('added = ("loud",)', "regions = None", "fault\tsource kind 'bell' of stranger: `regions` must be Regions"),
        ("class Bells(AsDrawn):", "class Bells:", "fault\tbells:Bells does not do what a source kind must do."),
    ],
)
def test_plugins_info_tells_the_kind_or_what_is_wrong_with_it(
    package: Callable[..., None], cli: Callable[..., Any], old: str, new: str, words: str
) -> None:
    package(old, new)
    done = cli("plugins", "info", "bell")
    assert done.code == 0
    assert words in done.out


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
    bell: Callable[..., Recipe], noise: Path, tmp_path: Path
) -> None:
    recipe = bell()
    shares = [calibrate(CalibrationUnit(recipe, ACCEPTANCE, noise, number)) for number in range(UNITS)]
    margins = fit([share for share in shares if share is not None], recipe.kind.regions)
    assert margins.draws == 288
    assert margins.describe()["made_in_full"] == []
    estimated, full = (unit_of(recipe, noise, tmp_path / name, with_) for name, with_ in (("a", margins), ("b", None)))
    reports = [fill_unit(block) for block in (estimated, full)]
    assert reports[0].accepted == reports[1].accepted == 16
    assert reports[0].made < reports[1].made
    ours, theirs = contents(estimated.accepted_path), contents(full.accepted_path)
    assert ours.keys() == theirs.keys() >= {f"parameters/{name}" for name in (*PARAMETERS, "loud", "colour", "snr")}
    for name, values in ours.items():
        np.testing.assert_array_equal(values, theirs[name], err_msg=name)
