"""Options as people and pipelines spell them: lists, dashes, flags."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from aframe_data.formats.segwizard import read_segments

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SPAN = ("--start", "1240579783", "--end", "1240583783")
SIMULATED = ("--source", "simulated", "--simulated-duty-cycle", "1")


@pytest.mark.parametrize(
    "flags",
    [
        ("--flags", '["H1_DATA", "L1_DATA"]'),
        ("--flags", "H1_DATA,L1_DATA"),
        ("--flags", "H1_DATA", "--flags", "L1_DATA"),
        ('--flags=["H1_DATA", "L1_DATA"]',),
        ("--flags", "[H1_DATA,L1_DATA]"),
        ("--flags", "['H1_DATA','L1_DATA']"),
    ],
)
def test_lists_are_taken_as_people_and_pipelines_write_them(
    cli: Callable[..., object], tmp_path: Path, flags: tuple[str, ...]
) -> None:
    done = cli("query", *SIMULATED, *SPAN, *flags, "--output_file", tmp_path / "segments.txt")
    assert done.code == 0, done.err
    assert "H1_DATA" in done.out
    assert "L1_DATA" in done.out
    assert "1 segment, 4000 s" in done.out
    assert len(read_segments(tmp_path / "segments.txt")) == 1


def test_underscores_are_dashes(cli: Callable[..., object], tmp_path: Path) -> None:
    arguments = "training_waveforms --prior flat --generator chirp --num_signals 3 --waveform_duration 4"
    arguments += " --sample_rate 256 --right_pad 1 --minimum_frequency 20 --seed 1 --workers 0"
    done = cli(*arguments.split(), "--output_file", tmp_path / "w.hdf5")
    assert done.code == 0, done.err
    assert "3 signals of 3 drawn, seed 1" in done.out


@pytest.mark.parametrize(
    ("flag", "code"),
    [
        (["--overwrite"], 0),
        (["--overwrite", "--min-duration", "2"], 0),
        (["--overwrite", "true"], 0),
        (["--overwrite=True"], 0),
        (["--overwrite=false"], 2),
        (["--overwrite", "false"], 2),
        ([], 2),
    ],
)
def test_a_flag_stands_alone_or_has_a_value(
    cli: Callable[..., object], tmp_path: Path, flag: list[str], code: int
) -> None:
    line = ("query", *SIMULATED, *SPAN, "-o", tmp_path / "s.txt")
    assert cli(*line, "--flags", "H1_DATA", "--pad", "1").code == 0
    assert cli(*line, *flag, "--flags", "H1_DATA").code == code


def test_a_flag_takes_no_argument_that_is_not_true_or_false(cli: Callable[..., object], tmp_path: Path) -> None:
    line = ("query", *SIMULATED, *SPAN, "-o", tmp_path / "s.txt", "--flags", "H1_DATA")
    assert cli(*line, "--overwrite=maybe").err == "aframe-data: error: overwrite = 'maybe' is not true or false.\n"
    (tmp_path / "background").mkdir()
    assert "has no file background-" in cli("verify", "--quick", tmp_path / "background").err
    assert "has no file background-" in cli("verify", "--no-segments", tmp_path / "background").err
    assert "has no file background-" in cli("verify", "--no_segments", "true", tmp_path / "background").err


def test_flags_of_providers_say_no_in_two_ways() -> None:
    from aframe_data.cli.parameters import provider_parameter, with_values
    from aframe_data.plugin.options import option_specs
    from aframe_data_plugins.nds2.options import Nds2Options

    spec = next(spec for spec in option_specs(Nds2Options) if spec.name == "allow_tape")
    flag = provider_parameter("tape", ["nds2-allow-tape", "allow-tape"], "nds2", spec)
    spelled = {
        ("--nds2-allow-tape",): "true",
        ("--allow_tape", "true"): "true",
        ("--allow-tape", "--verbose"): "true",
        ("--allow_tape=false",): "false",
        ("--no-allow-tape",): "false",
        ("--no-nds2-allow-tape=false",): "true",
    }
    for words, value in spelled.items():
        assert with_values(words, [flag])[0] == f"--nds2-allow-tape={value}"
    untouched = ["--source", "nds2", "--", "--allow-tape"]
    assert with_values(untouched, [flag]) == untouched
