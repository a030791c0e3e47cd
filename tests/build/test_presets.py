"""Presets: valid as they are and with each option that they propose, and as `init` writes them."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from aframe_data.build.configuration import stages_of
from aframe_data.build.presets import names, preset_path
from aframe_data.build.stages import STAGES
from aframe_data.formats.dataset import DatasetLayout
from aframe_data.requests import COMMANDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from aframe_data.requests.request import Request

#: Options behind a #: in a preset, and as `init` writes them.
PROPOSED = re.compile(r"^#(?=[\w.]+ = )", re.MULTILINE)
PROPOSED_IN_FILE = re.compile(r"^# (?=[\w.]+ = )", re.MULTILINE)


def requests_of(text: str) -> dict[str, Request]:
    return {stage.name: stage.request for stage in stages_of(Path("c.toml"), text, DatasetLayout(Path("out")), None)}


def written(cli: Callable[..., object], *arguments: str | Path) -> str:
    done = cli("init", *arguments, "-o", "-")
    assert done.code == 0, done.err
    return done.out


@pytest.mark.parametrize("name", names())
def test_a_preset_asks_for_every_stage_and_all_its_values_are_valid(name: str) -> None:
    text = preset_path(name).read_text()
    assert tuple(requests_of(text)) == STAGES
    assert tuple(requests_of(PROPOSED.sub("", text))) == STAGES


@pytest.mark.parametrize("name", names())
def test_a_written_preset_says_the_same_with_the_help_of_each_option_above_it(
    cli: Callable[..., object], name: str
) -> None:
    plain, text = preset_path(name).read_text(), written(cli, name)
    assert tomllib.loads(text) == tomllib.loads(plain)
    assert tomllib.loads(PROPOSED_IN_FILE.sub("", text)) == tomllib.loads(PROPOSED.sub("", plain))
    assert max(map(len, text.splitlines())) <= 100
    assert "aframe-data build aframe-data.toml -o data" in text
    lines = text.splitlines()
    for number, line in enumerate(lines):
        if re.match(r"(# )?[\w.]+ = ", line):
            assert lines[number - 1].startswith("# "), line
    assert "# How to split long segments: 'even' makes files of equal length" in text or name == "quickstart"


def test_o3_is_what_the_reference_makes() -> None:
    stages = requests_of(preset_path("o3-bbh").read_text())
    assert (stages["train-segments"].start, stages["train-segments"].end) == (1240579783, 1241443783)
    assert (stages["test-segments"].start, stages["test-segments"].end) == (1241443783, 1244035783)
    assert [stages[f"{split}-segments"].min_duration for split in ("train", "test")] == [1024, 128]
    assert (stages["train-background"].max_duration, stages["train-background"].split) == (20000, "fixed")
    signals = ("training-waveforms", "validation-waveforms", "testing-waveforms")
    assert [stages[name].num_signals for name in signals] == [100_000, 20_000, 500_000]
    campaign = stages["testing-waveforms"]
    assert campaign.shifts == (0, 1)
    assert (campaign.spacing, campaign.buffer, campaign.jitter, campaign.psd_length) == (16, 16, 1, 64)


def test_quickstart_needs_no_network() -> None:
    stages = requests_of(preset_path("quickstart").read_text())
    for split in ("train", "test"):
        assert stages[f"{split}-segments"].source == stages[f"{split}-background"].source == ("simulated",)


@pytest.mark.parametrize("name", names())
def test_build_takes_each_of_them(cli: Callable[..., object], tmp_path: Path, name: str) -> None:
    assert cli("init", name, "-o", tmp_path / "c.toml").code == 0
    # The names of stages are looked at after the whole configuration.
    done = cli("build", tmp_path / "c.toml", "-o", tmp_path / "data", "--only", "nothing", "--dry-run")
    assert "there is no stage 'nothing'" in done.err


@pytest.mark.slow
def test_a_dry_run_of_quickstart_stays_within_200_mb(cli: Callable[..., object], tmp_path: Path) -> None:
    done = cli("build", "--preset", "quickstart", "-o", tmp_path / "data", "--dry-run")
    assert done.code == 0, done.err
    assert len([line for line in done.out.splitlines() if line.split("\t")[0] in STAGES]) == len(STAGES)
    (total,) = re.findall(r"in all ([\d.]+) MB", done.out)
    assert float(total) < 200


def test_a_file_that_somebody_changed_is_not_replaced(cli: Callable[..., object], tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    assert cli("init", "quickstart", "-o", path).code == 0
    assert "nothing to do" in cli("init", "quickstart", "-o", path).out
    path.write_text("seed = 3\n")
    refused = cli("init", "quickstart", "-o", path)
    assert (refused.code, refused.err.count("\n")) == (2, 1)
    assert "--overwrite replaces it" in refused.err
    assert path.read_text() == "seed = 3\n"
    assert cli("init", "quickstart", "-o", path, "--overwrite").code == 0
    assert requests_of(path.read_text())["training-waveforms"].num_signals == 250


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["quikstart"], "there is no preset 'quikstart'. Did you mean 'quickstart'? Known: bns, o3-bbh"),
        ([], "give a preset (aframe-data init quickstart), or --from-aframe FILE."),
        (["bns", "--from-aframe", "c.yaml"], "give a preset (aframe-data init quickstart), or --from-aframe FILE."),
        (["bns", "-o", "c.yaml"], "must end in .toml"),
        (["--from-aframe", "none.yaml"], "cannot read the configuration 'none.yaml'"),
    ],
)
def test_what_is_wrong_is_one_line(
    cli: Callable[..., object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    refused = cli("init", *arguments)
    assert (refused.code, refused.err.count("\n")) == (2, 1)
    assert words in refused.err
    assert list(tmp_path.iterdir()) == []


def test_init_comes_first() -> None:
    assert next(iter(COMMANDS)) == "init"
