"""The report of data that the commands made: its numbers are theirs, and its commands make the data again."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

import pytest
from datasets import report

import aframe_data
from aframe_data.formats import background, ledger, psd, segwizard
from aframe_data.formats.dataset import DatasetLayout
from aframe_data.formats.kinds import kind_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from aframe_data.reports.injections import InjectionReport
    from command_line import Finished

pytestmark = pytest.mark.slow

START = 1240579783
SIGNALS: dict[str, Any] = {"prior": "nonspin_bbh", "sample_rate": 1024, "waveform_duration": 4, "workers": 0}
SELECTED: dict[str, Any] = {**SIGNALS, "ifos": ["H1", "L1"], "snr_threshold": 4}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, InjectionReport]:
    """A data set, and the report of its campaign."""
    layout = DatasetLayout(tmp_path_factory.mktemp("made"))
    for split, start in (("train", START), ("test", START + 5000)):
        simulated: dict[str, Any] = {"source": "simulated"}
        options = {"duty_cycle": 0.6, "mean_segment": 300, "min_segment": 200, "seed": 3}
        aframe_data.query(
            **simulated,
            source_options=options,
            flags=["H1_DATA", "L1_DATA"],
            start=start,
            end=start + 2400,
            min_duration=150,
            pad=2,
            output_file=layout.segments(split),
        )
        aframe_data.fetch(
            **simulated,
            channels=["H1", "L1"],
            segments=layout.segments(split),
            sample_rate=1024,
            output_directory=layout.background(split),
            workers=0,
        )
    aframe_data.estimate_psd(files=sorted(layout.background("train").glob("*.hdf5")), output_file=layout.psd("train"))
    aframe_data.training_waveforms(**SIGNALS, num_signals=16, seed=1, output_file=layout.training_waveforms)
    aframe_data.validation_waveforms(
        **SELECTED, num_signals=12, seed=2, psd=layout.psd("train"), output_file=layout.validation_waveforms
    )
    campaign = aframe_data.timeslide_waveforms(
        **SELECTED,
        num_signals=30,
        seed=3,
        background=layout.background("test"),
        shifts=[0, 5],
        waveforms_file=layout.injections,
        rejected_file=layout.rejected,
    )
    return layout.root, campaign


def test_numbers_are_those_of_the_commands(made: tuple[Path, InjectionReport]) -> None:
    root, campaign = made
    found = report(root)
    assert found.sound, found.problems
    assert campaign.campaign is not None
    (injections,) = (one for one in found.signals if one.role == "campaign")
    assert len(injections.slides) == campaign.campaign.num_slides > 1
    assert injections.livetime == pytest.approx(campaign.campaign.livetime, abs=1e-6)
    assert (injections.number, injections.drawn) == (campaign.num_signals, campaign.num_injections)
    assert injections.rejected == campaign.num_injections - campaign.num_signals
    assert injections.acceptance == campaign.num_signals / campaign.num_injections
    for segments in found.segments:
        assert segments.span is not None
        taken = sum(cost["seconds"] for cost in segments.costs)
        assert segments.span[1] - segments.span[0] - taken == pytest.approx(segments.livetime)
        assert {cost["kind"] for cost in segments.costs} == {"required", "pad", "short"}
    assert found.totals.background == sum(one.livetime for one in found.segments)


def test_its_commands_make_the_same_data_again(
    made: tuple[Path, InjectionReport], cli: Callable[..., Finished], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, _ = made
    monkeypatch.chdir(tmp_path)
    for line in report(root).remake.commands:
        program, command, *words = shlex.split(line)
        assert program == "aframe-data"
        more = [] if command in ("query", "psd") else ["--workers", "0"]
        done = cli(command, *words, *more)
        assert done.code == 0, (line, done.err)
    files = sorted(path.relative_to(root) for path in root.rglob("*") if path.suffix in (".hdf5", ".txt"))
    assert sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file()) == files
    for name in files:
        assert _content(tmp_path / name) == _content(root / name), name


def _content(path: Path) -> object:
    kind = kind_of(path)
    if kind == "text":
        return segwizard.read_segments(path)
    if kind == "strain":
        return background.summarize(path).digests
    if kind == "psd":
        return psd.summarize(path).sha256
    return {name: values.tobytes() for name, values in ledger.read_parameters(path).items()}
