"""The workflow in the place of Aframe's own data.smk: what other parts of the pipeline take from it, and its rules.

Snakemake only plans here; tests/workflow runs it.
"""

from __future__ import annotations

import json
from dataclasses import replace
from importlib.util import find_spec
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from snakefiles import plan, run_folder, snakefile

from aframe_data.build.configuration import stages_of
from aframe_data.formats.dataset import DatasetLayout
from aframe_data.injections.unit import PLACES
from aframe_data.waveforms.recipe import _LARGEST_UNIT
from command_line import cli

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["cli", "snakefile"]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_spec("snakemake") is None, reason="no Snakemake: the extra 'snakemake' has it"),
]


@pytest.fixture(scope="module")
def pipeline(snakefile: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run_folder(tmp_path_factory.mktemp("run"), snakefile)


def test_other_parts_of_the_pipeline_find_their_names(pipeline: Path) -> None:
    plan(pipeline, "plots")
    answers = json.loads((pipeline / "answers.json").read_text())
    assert answers["paths"] == [
        "data", "waveforms", "data/train", "data/test", "waveforms/train", "waveforms/test", "logs/data"
    ]  # fmt: skip
    assert answers["segments"] == [[1250000000, 9000], [1250010000, 300]]  # with their durations
    assert answers["list"] == "[0.0,1.0]"
    assert answers["chunks"] == [
        [1250000000, 4096], [1250004096, 4096], [1250008192, 808], [1250010000, 300]
    ]  # fmt: skip
    assert answers["shifts"] == [[0, 0], [0, 1], [0, 2]]
    assert answers["analyzeable"] == [False, True]
    assert answers["file"] == "waveforms/test/branches/1-2-3/waveforms.hdf5"
    assert answers["rejected"] == "waveforms/test/branches/1-2-3/rejected_parameters.hdf5"


def test_training_inference_and_plots_get_all_that_they_ask_for(pipeline: Path) -> None:
    said = plan(pipeline, "train", "infer", "plots")
    for rule in ("fetch_background", "compute_psd", "testing_waveforms_branch", "aggregate_testing_waveforms"):
        assert f"rule {rule}:" in said, rule
    for rule in ("val_waveforms_branch", "aggregate_val_waveforms", "training_waveforms_branch"):
        assert f"rule {rule}:" in said, rule


def test_a_campaign_has_the_timeslides_that_its_signals_take(pipeline: Path) -> None:
    """Per timeslide: ceil((duration - 64 - shift - 2 (16 + 4)) / 24) in each chunk, so 166 + 166 + 29 + 8."""
    said = plan(pipeline, "infer")
    names = {line.split("branches/")[1].split("/")[0] for line in said.splitlines() if "--waveforms_file" in line}
    chunks = ["1250000000-4096", "1250004096-4096", "1250008192-808", "1250010000-300"]
    assert names == {f"{chunk}-{slide}" for chunk in chunks for slide in (1, 2)}
    told = json.loads((pipeline / "branches.json").read_text())
    assert told["branches"] == [[*map(int, chunk.split("-")), slide] for slide in (1, 2) for chunk in chunks]
    assert told["background"] == [f"data/test/background-{chunk}.hdf5" for chunk in chunks]
    assert told["train"] == ["data/train/background-1240579783-3000.hdf5"]


def test_a_build_of_the_same_configuration_makes_the_files_that_inference_looks_for(
    snakefile: Path, tmp_path: Path, cli: Callable[..., Any]
) -> None:
    """The first test segment leaves a file of 2 s, and the campaign ends in the middle of slide 2."""
    folder = run_folder(tmp_path, snakefile, max_duration=4499, num_testing_signals=400)
    said = plan(folder, "infer")
    translated = cli("init", "--from-aframe", folder / "config.yaml", "-o", "-").out
    stages = {stage.name: stage for stage in stages_of(Path("c.toml"), translated, DatasetLayout(folder), None)}
    background = [file.path.name for file in stages["test-background"].request.planned().outputs]
    assert "background-1250008998-2.hdf5" in background
    assert all(f"data/test/{name}\n" in said for name in background)
    campaign = stages["testing-waveforms"].request.planned()
    spans = [file.span for file in stages["test-background"].request.planned().outputs]
    campaign = replace(campaign, schedule=replace(campaign.schedule, expected=spans))
    asked = {line.split("branches/")[1].split("/")[0] for line in said.splitlines() if "--waveforms_file" in line}
    assert {branch.path.parent.name for branch in campaign.branches} == asked
    assert len(asked) == 6
    per_slide = [ceil((length - 64 - slide - 40) / 24) for slide in (1, 2) for length in (4499, 4499, 300)]
    assert [branch.rows.stop - branch.rows.start for branch in campaign.branches] == [
        *(per_slide[0], per_slide[3], per_slide[1], per_slide[4], per_slide[2], per_slide[5])
    ]
    assert campaign.length == sum(per_slide) > 400


def test_a_branch_gets_the_final_start_and_end(pipeline: Path) -> None:
    said = plan(pipeline, "waveforms/test/branches/1250008192-808-2/waveforms.hdf5")
    (line,) = (line for line in said.splitlines() if "generate-testing-waveforms" in line)
    assert f"--start {1250008192 + 64.0} --end {1250008192 + 808 - 2.0} --shifts '[0.0,2.0]'" in line
    assert "--seed 1122" in line
    assert "--ifos '[H1,L1]'" in line
    assert "--lowpass null" in line


@pytest.mark.parametrize(
    ("output", "script", "asked", "jobs"),
    [("val", "generate-validation-waveforms", 50, 4), ("training", "generate-training-waveforms", 150, 3)],
)
def test_jobs_make_parts_of_what_one_job_would_make(
    pipeline: Path, output: str, script: str, asked: int, jobs: int
) -> None:
    """Training has work for three of the nine jobs: 64 signals are made together."""
    said = plan(pipeline, f"waveforms/train/{output}_waveforms.hdf5")
    lines = [line for line in said.splitlines() if script in line]
    assert sorted(line.split("--part ")[1].split()[0] for line in lines) == [f"{k}/{jobs}" for k in range(1, jobs + 1)]
    assert all(f"--num_signals {asked} " in line and "--seed 1122 " in line for line in lines)
    assert f"n < {jobs};" in said


def test_the_workflow_knows_how_many_signals_are_made_together(snakefile: Path) -> None:
    """It imports nothing of the project; a job of which there is none too many has at least one unit."""
    assert f'"validation": ("num_validation_signals", {PLACES})' in snakefile.read_text()
    assert f'"train_waveform": ("num_training_signals", {_LARGEST_UNIT})' in snakefile.read_text()


def test_the_psd_is_of_the_last_chunk_that_is_long_enough(pipeline: Path) -> None:
    assert "aframe-data psd data/test/background-1250004096-4096.hdf5" in plan(pipeline, "waveforms/test/psd.hdf5")


def test_no_chunk_is_long_enough_for_a_psd(snakefile: Path, tmp_path: Path) -> None:
    run_folder(tmp_path, snakefile, max_duration=1000)
    assert "is as long as 2048 s" in plan(tmp_path, "waveforms/test/psd.hdf5", fails=True)


def test_background_that_holds_no_injection_is_told(snakefile: Path, tmp_path: Path) -> None:
    run_folder(tmp_path, snakefile, max_duration=100)
    assert "long enough for an injection" in plan(tmp_path, "aggregate_testing_waveforms", fails=True)


REMOVALS = (
    "rm -r waveforms/train/training_tmp",
    "rm -r waveforms/train/validation_tmp",
    "rm -r waveforms/test/branches/$branch/rejected_parameters.hdf5",
)


@pytest.mark.parametrize("shared", [True, False])
def test_pieces_are_removed_by_snakemake_or_where_no_files_are_shared_by_their_rules(
    pipeline: Path, *, shared: bool
) -> None:
    """HTCondor's executor brings no output back from its job that is temp(), where no file system is shared."""
    options = () if shared else ("--shared-fs-usage", "none")
    said = plan(pipeline, *(f"aggregate_{kind}_waveforms" for kind in ("testing", "val", "training")), options=options)
    removed = {line.split("/")[-2] for line in said.splitlines() if line.startswith("Would remove temporary output")}
    assert [removal in said for removal in REMOVALS] == [not shared] * 3
    assert {"training_tmp", "validation_tmp", "1250000000-4096-1"} <= removed if shared else not removed


def test_where_training_makes_its_own_waveforms_there_are_none(snakefile: Path, tmp_path: Path) -> None:
    run_folder(tmp_path, snakefile, "include: DATA\n", pregenerate_training_waveforms=False)
    said = plan(tmp_path, "all")
    assert "training_waveforms" not in said
    assert "rule aggregate_val_waveforms:" in said


def test_five_thousand_branches_are_joined_by_one_shell_command(snakefile: Path, tmp_path: Path) -> None:
    """One argument of a program, as which the shell gets a command, has at most 131072 bytes."""
    run_folder(tmp_path, snakefile, num_testing_signals=5100, spacing=5000.0)  # one in each branch
    said = plan(tmp_path, "aggregate_testing_waveforms")
    (line,) = (line for line in said.splitlines() if "--files-from" in line and "waveforms.hdf5" in line)
    assert len(line.split()) > 5000
    assert len(line) < 131072
    assert line.count("1250000000-4096-1 ") == 1


def test_the_path_is_printed_and_exists(cli: Callable[..., Any]) -> None:
    done = cli("snakefile")
    assert (done.code, done.err) == (0, "")
    assert Path(done.out.strip()).name == "data.smk"
    assert Path(done.out.strip()).is_file()
    assert json.loads(cli("snakefile", "--json").out) == {"snakefile": done.out.strip()}
