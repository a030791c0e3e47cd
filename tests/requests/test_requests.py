"""Requests: one declaration for the command line, configuration, Python, provenance and documents."""

from __future__ import annotations

import inspect
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

import aframe_data
from aframe_data.errors import UsageError
from aframe_data.requests import COMMANDS, request_of
from aframe_data.requests.build import Build
from aframe_data.requests.campaign import TimeslideWaveforms
from aframe_data.requests.declaration import fields_of, shown_fields
from aframe_data.requests.fetch import Fetch
from aframe_data.requests.functions import function_names
from aframe_data.requests.psd import EstimatePsd
from aframe_data.requests.query import Query
from aframe_data.requests.validation import ValidationWaveforms
from aframe_data.requests.verify import Verify
from aframe_data.requests.waveforms import TrainingWaveforms
from aframe_data.types import Segment

SIGNALS: dict[str, Any] = {"prior": "flat", "waveform_duration": 8, "sample_rate": 2048}
TRAINING: dict[str, Any] = {**SIGNALS, "num_signals": 10, "output_file": "a.hdf5"}
VALIDATION: dict[str, Any] = {**TRAINING, "ifos": ["H1", "L1"], "psd": "psd.hdf5"}
CAMPAIGN: dict[str, Any] = {
    **SIGNALS,
    "ifos": "H1,L1",
    "shifts": "0,1",
    "output_dir": "campaign",
    "background": "background",
}
FETCH: dict[str, Any] = {
    "channels": "H1,L1",
    "sample_rate": 2048,
    "output_directory": "background",
    "start": 1240579783,
    "end": 1240580783,
}
QUERY: dict[str, Any] = {"flags": "H1_DATA", "start": 1240579783, "end": 1240580783}
ABSURD = [1e20, 10**20, 10**400, 2**63, float("inf"), float("nan"), 1e308, "1e400", "9" * 5000]
#: Fields that are numbers to the user, and have a parser of their own.
_PARSED_NUMBERS = {"part", "cache_size", "veto_categories"}


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_a_request_with_a_group_help_and_an_example(command: str) -> None:
    request = request_of(command)
    assert request.command == command
    first_line = inspect.cleandoc(request.__doc__ or "").splitlines()[0]
    assert first_line == COMMANDS[command].summary
    assert request.example
    for field in shown_fields(request):
        assert field.help.endswith("."), field.name


@pytest.mark.parametrize("command", COMMANDS)
def test_the_python_function_has_the_fields_as_keywords(command: str) -> None:
    function = getattr(aframe_data, function_names()[command])
    parameters = inspect.signature(function).parameters
    assert set(parameters) == {field.name for field in fields_of(request_of(command))}
    for field in fields_of(request_of(command)):
        assert field.help in function.__doc__
        keyword_only = parameters[field.name].kind is inspect.Parameter.KEYWORD_ONLY
        assert keyword_only == field.kw_only


@pytest.mark.parametrize(
    ("given", "value"),
    [
        (["H1", "L1"], ("H1", "L1")),
        ("H1,L1", ("H1", "L1")),
        (("H1,L1",), ("H1", "L1")),
        ('["H1", "L1"]', ("H1", "L1")),
        ("[H1,L1]", ("H1", "L1")),
        ("['H1', 'L1']", ("H1", "L1")),
        ("H1", ("H1",)),
    ],
)
def test_lists_are_taken_in_every_spelling(given: Any, value: tuple[str, ...]) -> None:
    assert ValidationWaveforms(**{**VALIDATION, "ifos": given}).ifos == value


@pytest.mark.parametrize(
    ("name", "given", "value"),
    [
        ("num_signals", "10", 10),
        ("num_signals", "10.0", 10),
        ("num_signals", 1e4, 10_000),
        ("sample_rate", "2048.0", 2048.0),
        ("lowpass", "null", None),
        ("lowpass", None, None),
        ("seed", "null", None),
        ("full_evaluation", "true", True),
        ("full_evaluation", "False", False),
        ("output_file", Path("b.hdf5"), Path("b.hdf5")),
        ("output_file", "b.hdf5", Path("b.hdf5")),
    ],
)
def test_values_are_taken_as_pipelines_write_them(name: str, given: Any, value: Any) -> None:
    found = getattr(ValidationWaveforms(**{**VALIDATION, name: given}), name)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("request_", "arguments", "words"),
    [
        (
            TrainingWaveforms,
            {**TRAINING, "num_signals": 0},
            "num_signals = 0 is not allowed, only values from 1 to 1e+08.",
        ),
        (TrainingWaveforms, {**TRAINING, "num_signals": "many"}, "num_signals = 'many' is not a whole number."),
        (TrainingWaveforms, {**TRAINING, "num_signals": 2.5}, "num_signals = 2.5 is not a whole number."),
        (TrainingWaveforms, {**TRAINING, "right_pad": 8}, "right_pad = 8 must be below waveform_duration = 8"),
        (TrainingWaveforms, {**TRAINING, "right_pad": 0}, "right_pad = 0 is not allowed"),
        (TrainingWaveforms, {**TRAINING, "waveform_duration": 0}, "waveform_duration = 0 is not allowed"),
        (TrainingWaveforms, {**TRAINING, "seed": -1}, "seed = -1 is not allowed"),
        (TrainingWaveforms, {**TRAINING, "dtype": "float16"}, "dtype = 'float16' is not allowed"),
        (TrainingWaveforms, {**TRAINING, "minimum_frequency": 2000}, "Nyquist"),
        (TrainingWaveforms, {**TRAINING, "max_failed_fraction": 1.5}, "max_failed_fraction = 1.5"),
        (TrainingWaveforms, {**TRAINING, "prior_options": "none"}, "a mapping of names to values"),
        (ValidationWaveforms, {**VALIDATION, "rejected_file": "a.hdf5"}, "they must be two files"),
        (ValidationWaveforms, {**VALIDATION, "snr_threshold": -1}, "snr_threshold = -1"),
        (TimeslideWaveforms, {**CAMPAIGN, "start": 1}, "--background already defines the segments"),
        (TimeslideWaveforms, {**CAMPAIGN, "background": None}, "give --background FOLDER"),
        (TimeslideWaveforms, {**CAMPAIGN, "background": None, "start": 1, "end": 2}, "the noise must be given"),
        (TimeslideWaveforms, {**CAMPAIGN, "shifts": "0,one"}, "shifts = 'one' is not a finite number."),
        (TimeslideWaveforms, {**CAMPAIGN, "shifts": "0,inf"}, "shifts = inf is not a finite number."),
        (TimeslideWaveforms, {**CAMPAIGN, "spacing": -1}, "spacing = -1 is not allowed"),
        (TimeslideWaveforms, {**CAMPAIGN, "buffer": "nan"}, "buffer = nan is not a finite number."),
        (TimeslideWaveforms, {**CAMPAIGN, "jitter": -0.1}, "jitter = -0.1 is not allowed"),
        (TimeslideWaveforms, {**CAMPAIGN, "psd_length": -64}, "psd_length = -64 is not allowed"),
        (TimeslideWaveforms, {**CAMPAIGN, "livetime": "inf"}, "livetime = inf is not a finite number."),
        (TimeslideWaveforms, {**CAMPAIGN, "livetime": 0}, "livetime = 0 is not allowed, only values above 0."),
        (Fetch, {**FETCH, "segments": "segments.txt"}, "give either start and end, or segments."),
        (Fetch, {**FETCH, "end": None}, "belong together"),
        (Fetch, {**FETCH, "end": 1}, "not a plausible GPS time"),
        (Fetch, {**FETCH, "start": 1240579783.5}, "start = 1240579783.5 is not a whole number."),
        (Fetch, {**FETCH, "channels": "H1,H1:OTHER"}, "both of H1"),
        (Fetch, {**FETCH, "sample_rate": 100.5}, "whole number of hertz"),
        (Fetch, {**FETCH, "prefix": "a/b"}, "prefix = 'a/b'"),
        (Fetch, {**FETCH, "cache_size": "many"}, "cache_size = 'many' is not allowed: a size is a number"),
        (Query, {**QUERY, "flags": ""}, "no flag was given"),
        (Query, {**QUERY, "pad": -1}, "pad = -1"),
        (Query, {**QUERY, "veto_categories": "1"}, "needs --veto-definer"),
        (Verify, {"folder": "x", "segments": "s", "look_for_segments": False}, "exclude each other"),
    ],
)
def test_what_can_be_told_without_looking_anywhere_is_refused_when_the_record_is_made(
    request_: type, arguments: dict[str, Any], words: str
) -> None:
    with pytest.raises(UsageError) as caught:
        request_(**arguments)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "value", ABSURD, ids=["1e20", "10^20", "10^400", "2^63", "inf", "nan", "1e308", "1e400", "9…9"]
)
@pytest.mark.parametrize(
    ("request_", "arguments"),
    [
        (TrainingWaveforms, TRAINING),
        (ValidationWaveforms, VALIDATION),
        (TimeslideWaveforms, CAMPAIGN),
        (Fetch, {**FETCH, "cache": "raw"}),
        (Query, {**QUERY, "veto_definer": "vetoes.xml"}),
        (EstimatePsd, {"files": "a.hdf5", "output_file": "psd.hdf5"}),
        (Build, {"preset": "quickstart", "output_dir": "dataset"}),
    ],
)
def test_a_number_that_nothing_can_be_is_refused_in_one_line_whatever_it_counts(
    request_: type, arguments: dict[str, Any], value: Any
) -> None:
    """A seed alone may be any whole number, and what has no unit to overflow any finite number."""
    fields = [field for field in fields_of(request_) if field.type in (int, float) or field.name in _PARSED_NUMBERS]
    assert "workers" in {field.name for field in fields} or request_ in (Query, EstimatePsd)
    for field in fields:
        with (
            suppress(UsageError)
            if field.name == "seed" or field.type is float
            else pytest.raises(UsageError, match=r"^.*$")
        ):
            request_(**{**arguments, field.name: value})


def test_a_seed_may_be_any_whole_number() -> None:
    assert TrainingWaveforms(**{**TRAINING, "seed": 2**200}).seed == 2**200


def test_the_arguments_of_the_provenance_are_what_affects_the_data() -> None:
    arguments = ValidationWaveforms(**VALIDATION, workers=2, overwrite=True, seed=3).arguments
    assert arguments["ifos"] == ["H1", "L1"]
    assert arguments["psd"] == ["psd.hdf5"]
    assert arguments["seed"] == 3
    assert not {"output_file", "workers", "overwrite", "plot", "prior_options"} & set(arguments)


def test_segments_may_be_given_as_they_are() -> None:
    given = [Segment(1240579783, 1240580783)]
    assert Fetch(**{**FETCH, "start": None, "end": None, "segments": given}).segments == tuple(given)


def test_a_request_cannot_be_changed_and_equals_its_like() -> None:
    request = TrainingWaveforms(**TRAINING)
    with pytest.raises(AttributeError):
        request.num_signals = 3  # type: ignore[misc]
    assert request == TrainingWaveforms(**{**TRAINING, "num_signals": "10"})


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("prior='a', num_signals=1, sample_rate=2048, waveform_duration=8, output_file='x'", ""),
        ("prior='a', num_signal=1, sample_rate=2048, waveform_duration=8, output_file='x'", "num_signal"),
        ("prior='a', sample_rate=2048, waveform_duration=8, output_file='x'", "num_signals"),
        ("prior='a', num_signals='1', sample_rate=2048, waveform_duration=8, output_file='x'", "str"),
        ("prior='a', num_signals=1, sample_rate=2048, waveform_duration=8, output_file='x', part='1/3'", ""),
        ("prior='a', num_signals=1, sample_rate=2048, waveform_duration=8, output_file='x', part=3", "int"),
    ],
    ids=["right", "misspelt", "missing", "wrong", "part", "wrong part"],
)
@pytest.mark.slow
def test_a_type_checker_knows_the_keywords(tmp_path: Path, arguments: str, words: str) -> None:
    pytest.importorskip("mypy", reason="mypy is not installed")
    code = tmp_path / "code.py"
    code.write_text(f"from aframe_data import training_waveforms\ntraining_waveforms({arguments})\n")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", str(code)], capture_output=True, text=True, check=False
    )
    assert (done.returncode == 0) == (not words), done.stdout
    assert words in done.stdout
