"""The configuration of a run of Aframe's pipeline, as one of `aframe-data build`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from aframe_data.aframe.configuration import defaults
from aframe_data.build.configuration import stages_of
from aframe_data.build.presets import preset_path
from aframe_data.formats.dataset import DatasetLayout

if TYPE_CHECKING:
    from collections.abc import Callable

    from aframe_data.requests.request import Request

#: Every key of Aframe's data, none with its default.
ALL = """
ifos: [H1, V1]
channels: ["H1:X", "V1:Y"]
flags: ["H1:SCIENCE:1", "V1_DATA"]
segment_server: https://segments.example.org
train_start: 1250900000
train_end: 1250909263
test_start: 1250909263
test_end: 1251109263
train_min_duration: 1000.0
test_min_duration: 100.0
max_duration: 10000.0
sample_rate: 4096.0
prior: priors.priors.spin_bbh
waveform_approximant: IMRPhenomD
waveform_duration: 4.0
minimum_frequency: 25.0
reference_frequency: 40.0
right_pad: 1.0
seed: 3
num_training_signals: 11
num_validation_signals: 12
num_testing_signals: 13
shift_steps: [0.0, 1.5]
jitter: 0.5
spacing: 17.0
buffer: 18.0
psd_length: 65.0
highpass: 30.0
lowpass: 900.0
snr_threshold: 5.0
max_num_samples: 100
source: [simulated]
num_train_waveform_jobs: 7
batch_size: 384
train_strat: 1250900000
"""


def translated(cli: Callable[..., object], folder: Path, text: str) -> tuple[str, str]:
    (folder / "config.yaml").write_text(text)
    done = cli("init", "--from-aframe", folder / "config.yaml", "-o", "-")
    assert done.code == 0, done.err
    return done.out, done.err


def requests_of(text: str) -> dict[str, Request]:
    return {stage.name: stage.request for stage in stages_of(Path("c.toml"), text, DatasetLayout(Path("out")), None)}


def test_every_key_that_means_something_for_the_data_is_translated(cli: Callable[..., object], tmp_path: Path) -> None:
    text, _ = translated(cli, tmp_path, ALL)
    stages = requests_of(text)
    for split, span, shortest in (("train", (1250900000, 1250909263), 1000), ("test", (1250909263, 1251109263), 100)):
        segments, background = stages[f"{split}-segments"], stages[f"{split}-background"]
        assert (segments.start, segments.end, segments.min_duration) == (*span, shortest)
        assert segments.flags == ("H1:SCIENCE:1", "V1_DATA")
        assert segments.source == background.source == ("simulated",)
        assert background.channels == ("H1:X", "V1:Y")
        assert (background.max_duration, background.split, background.sample_rate) == (10000, "fixed", 4096)
        assert background.min_duration == 1
        assert stages[f"{split}-psd"].ifos == ("H1", "V1")
    for name, number in (("training", 11), ("validation", 12), ("testing", 13)):
        signals = stages[f"{name}-waveforms"]
        assert (signals.num_signals, signals.prior, signals.seed) == (number, "priors.priors.spin_bbh", 3)
        assert (signals.waveform_duration, signals.sample_rate, signals.right_pad) == (4, 4096, 1)
        assert (signals.minimum_frequency, signals.reference_frequency) == (25, 40)
        assert list(signals.generator_options.values()) == ["IMRPhenomD"]
    for name in ("validation", "testing"):
        signals = stages[f"{name}-waveforms"]
        assert (signals.highpass, signals.lowpass, signals.snr_threshold) == (30, 900, 5)
        assert (signals.ifos, signals.max_num_samples) == (("H1", "V1"), 100)
    campaign = stages["testing-waveforms"]
    assert (campaign.shifts, campaign.jitter, campaign.spacing) == ((0, 1.5), 0.5, 17)
    assert (campaign.buffer, campaign.psd_length, campaign.grid) == (18, 65, "aframe")


def test_the_segment_server_is_that_of_private_flags(cli: Callable[..., object], tmp_path: Path) -> None:
    server = 'host = "https://segments.example.org"'
    private = ALL.replace("source: [simulated]", "")
    assert server in translated(cli, tmp_path, private)[0]
    assert server not in translated(cli, tmp_path, private.replace('"H1:SCIENCE:1"', "H1_DATA"))[0]


def test_what_says_nothing_of_the_data_is_listed_and_what_is_misspelt_is_told(
    cli: Callable[..., object], tmp_path: Path
) -> None:
    text, err = translated(cli, tmp_path, ALL)
    assert "#     num_train_waveform_jobs: the work is shared among workers" in text
    assert "#     batch_size: not a key of Aframe's data" in text
    assert "'train_strat' is ignored: it is not a key of Aframe's data. Did you mean 'train_start'?" in err
    assert "batch_size" not in err


def test_a_file_without_a_key_of_aframes_is_refused(cli: Callable[..., object], tmp_path: Path) -> None:
    (tmp_path / "other.yaml").write_text("colour: blue\n")
    done = cli("init", "--from-aframe", tmp_path / "other.yaml", "-o", tmp_path / "out.toml")
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert "other.yaml is not a configuration of Aframe's pipeline" in done.err
    assert not (tmp_path / "out.toml").exists()


def test_an_empty_configuration_is_the_reference(cli: Callable[..., object], tmp_path: Path) -> None:
    ours, reference = requests_of(translated(cli, tmp_path, "{}")[0]), requests_of(preset_path("o3-bbh").read_text())
    left_to_us = {"max_num_samples", "prior", "channels"}
    for name, request in reference.items():
        for field, value in request.arguments.items():
            assert field in left_to_us or ours[name].arguments[field] == value, (name, field)
    assert ours["train-background"].channels == ("H1", "L1")


def test_without_pregenerated_waveforms_there_are_none(cli: Callable[..., object], tmp_path: Path) -> None:
    text, _ = translated(cli, tmp_path, "pregenerate_training_waveforms: false\nmax_duration: -1\n")
    stages = requests_of(text)
    assert "training-waveforms" not in stages
    assert stages["train-background"].max_duration is None


def test_further_options_of_the_two_scripts_are_translated(cli: Callable[..., object], tmp_path: Path) -> None:
    """Keys of the workflow of this package: where segments and strain come from, and what their sources are told."""
    options = """
source: gwosc
generate_segments_options: {source: simulated, simulated: {duty_cycle: 0.5}}
fetch_data_options: {source: [simulated, gwosc], simulated: {seed: 7}, gaps: fill, dtype: null}
"""
    stages = requests_of(translated(cli, tmp_path, options)[0])
    segments, background = stages["test-segments"], stages["train-background"]
    assert (segments.source, segments.source_options) == (("simulated",), {"simulated-duty-cycle": 0.5})
    assert (background.source, background.gaps) == (("simulated", "gwosc"), "fill")
    assert background.source_options == {"simulated-seed": 7}


@pytest.mark.parametrize("text", ["ifos: {H1: 3}", "train_start: [[1, 2]]", "fetch_data_options: [1]"])
def test_a_value_that_no_option_takes_is_refused_by_its_key(
    cli: Callable[..., object], tmp_path: Path, text: str
) -> None:
    (tmp_path / "config.yaml").write_text(text)
    refused = cli("init", "--from-aframe", tmp_path / "config.yaml", "-o", "-")
    assert (refused.code, refused.err.count("\n")) == (2, 1)
    assert f"{text.split(':', maxsplit=1)[0]} = " in refused.err


def test_a_further_option_that_a_build_does_not_have_is_refused(cli: Callable[..., object], tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("fetch_data_options: {nproc: 3}")
    refused = cli("init", "--from-aframe", tmp_path / "config.yaml", "-o", "-")
    assert (refused.code, refused.err) == (2, "aframe-data: error: [fetch] has no option 'nproc'.\n")


def test_the_defaults_are_those_of_the_workflow() -> None:
    assert defaults()["train_start"] == 1240579783
    assert defaults()["lowpass"] is None
