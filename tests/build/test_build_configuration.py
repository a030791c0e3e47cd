"""What a configuration says to the stages of a build, and what of it is refused."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from aframe_data.build.configuration import stages_of
from aframe_data.build.stages import STAGES
from aframe_data.errors import UsageError
from aframe_data.formats.dataset import DatasetLayout
from small_build import SMALL

if TYPE_CHECKING:
    from collections.abc import Callable

    from aframe_data.requests.request import Request

CONFIG = Path("c.toml")


def requests_of(text: str, path: Path = CONFIG) -> dict[str, Request]:
    stages = stages_of(path, text, DatasetLayout(Path("out")), None)
    return {stage.name: stage.request for stage in stages}


def test_every_stage_is_the_request_of_its_command_with_the_files_where_aframe_looks() -> None:
    stages = requests_of(SMALL)
    assert tuple(stages) == STAGES
    assert stages["train-segments"].output_file == Path("out/data/train/segments.txt")
    assert stages["test-background"].segments == Path("out/data/test/segments.txt")
    assert stages["test-background"].output_directory == Path("out/data/test")
    assert stages["train-psd"].output_file == Path("out/waveforms/train/psd.hdf5")
    assert stages["training-waveforms"].output_file == Path("out/waveforms/train/training_waveforms.hdf5")
    assert stages["validation-waveforms"].output_file == Path("out/waveforms/train/val_waveforms.hdf5")
    assert stages["validation-waveforms"].psd == ("out/waveforms/train/psd.hdf5",)
    campaign = stages["testing-waveforms"]
    assert campaign.waveforms_file == Path("out/waveforms/test/waveforms.hdf5")
    assert campaign.rejected_file == Path("out/waveforms/test/rejected_parameters.hdf5")
    assert campaign.background == (Path("out/data/test"),)
    assert campaign.psd == ("out/waveforms/test/psd.hdf5",)
    assert campaign.branches


def test_the_documented_configuration_asks_for_every_stage() -> None:
    document = Path(__file__).resolve().parents[2] / "docs" / "build.md"
    stages = requests_of(document.read_text(encoding="utf-8").split("```toml\n")[1].split("```")[0])
    assert tuple(stages) == STAGES
    assert (stages["train-segments"].min_duration, stages["test-segments"].min_duration) == (1024, 0)


def test_channels_and_the_length_of_a_psd_follow_from_what_is_common() -> None:
    stages = requests_of(SMALL)
    assert stages["train-background"].channels == ("H1", "L1")
    assert stages["train-psd"].fft_length == 2
    other = requests_of(SMALL.replace("[fetch]", "[psd]\nfft_length = 4\n[fetch]\nchannels = ['L1', 'V1']"))
    assert other["train-background"].channels == ("L1", "V1")
    assert other["train-psd"].fft_length == 4


@pytest.mark.parametrize("waveforms", ["", "[training-waveforms]\nnum_signals = 9\nwaveform_duration = 2\n"])
def test_where_nothing_is_common_options_have_their_defaults(waveforms: str) -> None:
    text = SMALL[: SMALL.index("[training-waveforms]")] + waveforms
    stages = requests_of(text.replace("waveform_duration = 2", "", 1))
    assert stages["train-psd"].fft_length == 8


def test_what_stands_nearest_to_a_stage_counts() -> None:
    text = SMALL.replace("[fetch]", "[fetch]\nmin_duration = 20").replace(
        "[test]", "fetch.min_duration = 40\nquery.min_duration = 100\n[test]\nmin_duration = 30"
    )
    stages = requests_of("min_duration = 10\n" + text)
    assert stages["train-background"].min_duration == 40
    assert stages["train-segments"].min_duration == 100
    assert stages["test-background"].min_duration == 30
    assert stages["test-segments"].min_duration == 30


def test_yaml_says_the_same() -> None:
    import tomllib

    import yaml

    stages = requests_of(yaml.safe_dump(tomllib.loads(SMALL)), Path("c.yaml"))
    assert stages == requests_of(SMALL)


def test_a_stage_is_made_where_its_table_is_there() -> None:
    text = SMALL[: SMALL.index("[training-waveforms]")]
    assert tuple(requests_of(text)) == STAGES[:6]
    assert tuple(requests_of(text[: text.index("[test]")])) == STAGES[:3]


def test_tables_may_have_the_names_of_commands_and_of_aframes_scripts() -> None:
    text = SMALL.replace("[training-waveforms]", "[waveforms]").replace("[testing-waveforms]", "[timeslide_waveforms]")
    assert requests_of(text) == requests_of(SMALL)


def test_a_split_may_have_options_of_a_provider_of_its_own() -> None:
    stages = requests_of(SMALL.replace("[test]", "[train.simulated]\nseed = 9\n[test]"))
    assert stages["train-background"].source_options["simulated-seed"] == 9
    assert "simulated-seed" not in (stages["test-background"].source_options or {})


def test_a_table_gives_each_interferometer_its_noise() -> None:
    stages = requests_of(SMALL + "\n[testing-waveforms.psd]\nH1 = 'a.txt'\nL1 = 'b.txt'\n")
    assert stages["testing-waveforms"].psd == ("H1=a.txt", "L1=b.txt")


def test_null_leaves_a_value_out_that_the_build_would_set() -> None:
    stages = requests_of(SMALL.replace("shifts = [0, 1]", "shifts = [0, 1]\npsd = 'null'"))
    assert stages["testing-waveforms"].psd is None


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            lambda text: text.replace("seed = 7", "sede = 7"),
            "c.toml: 'sede' is not an option of any command that reads this file. Did you mean 'seed'",
        ),
        (lambda text: text.replace("seed = 7", "seed = 7\nspacin = 16"), "Did you mean 'spacing'"),
        (
            lambda text: text.replace("[train]\n", "[train]\nprior = 'spin_bbh'\n"),
            "'[train] prior' is not an option of query, fetch or psd.",
        ),
        (
            lambda text: text.replace("[query]", "[querry]"),
            "c.toml: [querry] is not the name of a span, stage, stage's command or provider. Did you mean 'query'?",
        ),
        (lambda text: text.replace("[train]", "[trian]"), "Did you mean 'train'"),
        (lambda text: text.replace("[test]", "[tset]"), "Did you mean 'test'"),
        (lambda text: text.replace("[test]", "[tests]\nquery.pad = 1"), "Did you mean 'test'"),
        (lambda text: text.replace("[training-waveforms]", "[training-waveform]"), "Did you mean 'training-waveforms'"),
        (
            lambda text: text.replace("[test]", "fetsh.max_duration = 100\n[test]"),
            "c.toml: [train.fetsh] is not the name of a stage's command or provider. Did you mean 'fetch'?",
        ),
        (
            lambda text: text.replace("start = 1240579783", "start = 'soon'"),
            "c.toml: [train] start = 'soon' is not",
        ),
        (
            lambda text: text.replace("waveform_duration = 2", "waveform_duration = 'long'"),
            "c.toml: waveform_duration = 'long' is not a finite number",
        ),
        (
            lambda text: text.replace('ifos = ["H1", "L1"]', ""),
            "c.toml: [train.fetch] lacks channels; it may also stand at the top.",
        ),
        (
            lambda text: text.replace("num_signals = 9", "num_signals = 0"),
            "[training-waveforms] num_signals = 0 is not allowed",
        ),
        (
            lambda text: text.replace("num_signals = 9", ""),
            "c.toml: [training-waveforms] lacks num_signals; it may also stand at the top.",
        ),
        (
            lambda text: text.replace("num_signals = 9", "num_signals = 9\noutput_file = 'x'"),
            "'[training-waveforms] output_file' is set by the build itself",
        ),
        (lambda text: text.replace("seed = 7", "seed = 7\npart = '1/2'"), "'part' is set by the build itself"),
        (lambda text: text.replace("[fetch]", "[fetch]\nstart = 5"), "'[fetch] start' is set by the build itself"),
        (
            lambda text: text.replace("right_pad = 0.5", "right_pad = 5"),
            "c.toml: [training-waveforms]: right_pad",
        ),
        (
            lambda text: text.replace("start = 1240590000", "start = 1240581000"),
            "the spans of [train] and [test] overlap",
        ),
        (
            lambda text: text.replace("seed = 7", "seed = 7\nwaveform_approximant = 'IMRPhenomD'"),
            "'waveform_approximant' at the top is not an option of a provider: write 'lalsimulation-approximant'",
        ),
        (lambda text: text + "[waveforms]\nnum_signals = 3\n", "[training-waveforms] and [waveforms] are one table"),
        (lambda _: "seed = 1\n", "c.toml asks for nothing: it has none of the tables [train], [test]"),
        (lambda text: text.replace("seed = 7", "seed = "), "line 1"),
        (lambda _: "train = 3\n", "c.toml: 'train' must be a table, [train] in TOML."),
        (lambda text: text.replace("[test]", "[[test]]"), "c.toml: 'test' must be a table"),
        (
            lambda text: text.replace('"gaussian_masses"', '"gausian_masses"'),
            "c.toml: [training-waveforms]: unknown prior 'gausian_masses'",
        ),
        (lambda text: text.replace('"simulated"', '"simulatd"'), "c.toml: [train.query]: unknown segment source"),
        (lambda text: text.replace("seed = 7", "seed = 7\nallow_empty = 'perhaps'"), "allow_empty = 'perhaps'"),
    ],
)
def test_what_is_wrong_is_refused_with_the_key_before_anything_is_made(change: Callable[[str], str], told: str) -> None:
    text = change(SMALL)
    assert text != SMALL
    with pytest.raises(UsageError) as error:
        requests_of(text)
    assert told in str(error.value)
    assert "\n" not in str(error.value).rstrip("\n")
