"""Source kinds that do not do what they say are named, by the commands and by `plugins check` and `info`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from bell_runs import ACCEPTANCE, bells

from aframe_data.detection.calibration import CalibrationUnit, calibrate
from aframe_data.errors import PluginError
from aframe_data.registry.check import faults_of
from aframe_data.registry.names import find
from aframe_data.seeds import Stream
from aframe_data.waveforms import recipe as recipes

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

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
    bell_package: Callable[..., None], old: str, new: str, words: str
) -> None:
    bell_package(old, new)
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
def test_regions_that_are_none_end_the_work(
    bell_package: Callable[..., None], flat_spectra: Path, of: str, words: str
) -> None:
    regions = f"from aframe_data.plugin import Regions; regions = Regions(1, {of}, str)"
    bell_package('added = ("loud",)', f'added = ("loud",); {regions}')
    with pytest.raises(PluginError, match=re.escape(words)):
        calibrate(CalibrationUnit(bells(), ACCEPTANCE, flat_spectra, 0))


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
    bell_package: Callable[..., None], kind: str, old: str, new: str, words: str
) -> None:
    bell_package(old, new)
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
    bell_package: Callable[..., None], cli: Callable[..., Any], old: str, new: str, words: str
) -> None:
    bell_package(old, new)
    done = cli("plugins", "info", "bell")
    assert done.code == 0
    assert words in done.out
