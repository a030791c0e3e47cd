"""What the workflow reads: its configuration, and files of segments."""

from __future__ import annotations

import json
import shlex
from importlib.util import find_spec
from itertools import chain
from typing import TYPE_CHECKING, Any

import pytest
from aframe_scripts import names, script
from snakefiles import plan, run_folder, snakefile

from aframe_data.aframe.configuration import _OF_THE_RUN, defaults

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["snakefile"]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_spec("snakemake") is None, reason="no Snakemake: the extra 'snakemake' has it"),
]

ALONE = "include: DATA\n"


@pytest.mark.parametrize(
    ("table", "content"),
    [
        ("train", {"start": 1240579783, "end": 1241443783}),
        ("testing-waveforms", {"shifts": [0, 1]}),
        ("validation_waveforms", {"num-signals": 10}),
    ],
)
def test_a_configuration_of_a_build_is_refused(
    snakefile: Path, tmp_path: Path, table: str, content: dict[str, Any]
) -> None:
    run_folder(tmp_path, snakefile, ALONE, **{table: content})
    said = plan(tmp_path, "all", fails=True)
    assert f"the table '{table}' is of a configuration of `aframe-data build`, which reads it" in said
    assert "rule" not in said


def test_keys_that_look_misspelt_are_told_and_no_others(snakefile: Path, tmp_path: Path) -> None:
    others = {name: None for name in _OF_THE_RUN if name not in defaults() and name != "resources"}
    known = {"batch_size": 384, "train": {"max_epochs": 200}, "min_valid_duration": 15000, "augmentor": None}
    run_folder(tmp_path, snakefile, ALONE, num_testing_signal=5, train_strat=1, **others, **known)
    warned = [line for line in plan(tmp_path, "all").splitlines() if "is ignored" in line]
    assert warned == [
        f"'{wrong}' is ignored: it is not a key of Aframe's data. Did you mean '{right}'?"
        for wrong, right in (("num_testing_signal", "num_testing_signals"), ("train_strat", "train_start"))
    ]


def test_without_a_source_no_option_is_given(snakefile: Path, tmp_path: Path) -> None:
    run_folder(tmp_path, snakefile, ALONE, source=None, fetch_data_options=None)
    assert "--source" not in plan(tmp_path, "all")


def test_sources_and_their_options_reach_the_scripts(
    snakefile: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The commands that Snakemake would run are run: the words of the shell are the scripts' own."""
    run_folder(
        tmp_path,
        snakefile,
        ALONE,
        channels=["H1", "L1"],
        source="gwosc",
        generate_segments_options={"simulated": {"duty_cycle": 1}, "source": "simulated"},
        fetch_data_options={
            "source": ["simulated"],
            "gaps": "fill",
            "simulated": {"seed": 7, "noise": None},
            "frames": {"path": ["a b/*.gwf", "c"]},
        },
    )
    query = plan(tmp_path, "data/train/segments.txt", options=("--forcerun", "generate_segments"))
    segments, fetch = line_of(query, "generate-segments"), line_of(plan(tmp_path, "train_background"), "fetch-data")
    given = dict(zip(segments[1::2], segments[2::2], strict=True))
    assert (given["--source"], given["--simulated-duty_cycle"]) == ("simulated", "1")
    given = dict(zip(fetch[1::2], fetch[2::2], strict=True))
    assert (given["--source"], given["--gaps"], given["--simulated-seed"]) == ("[simulated]", "fill", "7")
    assert given.pop("--frames-path") == "[a b/*.gwf,c]"
    monkeypatch.chdir(tmp_path)
    assert script(*segments) == 0
    assert script("fetch-data", *chain.from_iterable(given.items()), "--workers", "0") == 0
    assert any(name.startswith("background-") for name in names(tmp_path / "data" / "train"))


def test_a_list_of_sources_is_one_word(snakefile: Path, tmp_path: Path) -> None:
    run_folder(tmp_path, snakefile, ALONE, source=["simulated", "gwosc"])
    line = line_of(plan(tmp_path, "all"), "fetch-data")
    assert line[line.index("--source") + 1] == "[simulated,gwosc]"


def line_of(said: str, name: str) -> list[str]:
    """The words of the first shell command of a script, without where its output goes."""
    command = next(line for line in said.splitlines() if f" {name} --" in f" {line}")
    return shlex.split(f"{name} --" + command.split(f"{name} --")[1].split("&>")[0])


def test_files_of_segments_are_read_by_start_and_duration(snakefile: Path, tmp_path: Path) -> None:
    """Whole seconds within each; what is no row of numbers is left out."""
    text = 'import json\nPath("answers.json").write_text(json.dumps(_segment_chunks("segments.txt")))\n'
    run_folder(tmp_path, snakefile, f"{ALONE}{text}", max_duration=-1)
    rows = ["# seg\tstart\tstop\tduration", "0\t1250000000\t1250000100\t100.0", "", "# 1 2 3 4", "1 2", "a b c d"]
    rows += ["1 1250000200.5 1250000300.75 100.25", "2\t1250000400.5\t1250000401.25\t0.75"]
    (tmp_path / "segments.txt").write_text("\n".join(rows))
    plan(tmp_path, "all")
    assert json.loads((tmp_path / "answers.json").read_text()) == [[1250000000, 100], [1250000201, 99]]
