"""Presets of real observing runs, built from an archive: its API, its files and its masks, on loopback."""

from __future__ import annotations

import json
import tomllib
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import h5py
import pytest

from aframe_data.build.configuration import stages_of
from aframe_data.build.presets import preset_path
from aframe_data.build.stages import STAGES
from aframe_data.formats.dataset import DatasetLayout
from aframe_data.requests.query import Query
from aframe_data.types import StrainRequest
from aframe_data_plugins.simulated.options import StrainOptions
from aframe_data_plugins.simulated.strain import SimulatedStrain
from servers.gwosc import GwoscServer
from servers.gwosc_archive import RUNS, GwoscArchive, Run
from servers.gwosc_files import write_strain_file

if TYPE_CHECKING:
    from collections.abc import Callable

#: Where a file of each run begins: within the presets' own spans, at a multiple of 4096.
START = {"O4a": 1377562624, "O3a": 1240580096}
#: Seconds in each of GWOSC's files: one holds the span to train on, and behind it that to test on.
FILE = 4096
#: As GWOSC has the run O4a: engineering days before the run itself are a part of the release.
O4A = Run("O4a", 1368195220, 1389456018, ("H1", "L1"))
COUNTS = {"training-waveforms": 4, "validation-waveforms": 2, "testing-waveforms": 4}


@pytest.fixture(scope="module")
def noise() -> dict[str, Any]:
    """Strain of both detectors at the archive's lower rate."""
    asked = StrainRequest(("H1", "L1"), 0, FILE, 4096)
    return {ifo: series.data for ifo, series in SimulatedStrain(StrainOptions(rate=4096)).fetch(asked).items()}


def archive_of(folder: Path, run: str, start: int, noise: dict[str, Any]) -> GwoscArchive:
    """One file of each detector, all of it fit for use."""
    archive = GwoscArchive()
    archive.runs.append(O4A)
    for ifo, strain in noise.items():
        archive.flags[f"{ifo}_DATA"] = [(start, start + FILE)]
        archive.add_file(write_strain_file(folder, ifo, start, FILE, run=run, strain=strain), run)
    return archive


def scaled(text: str, start: int, host: str) -> dict[str, Any]:
    """A preset with shorter spans and fewer signals, and the server as its archive; nothing else is changed."""
    content: dict[str, Any] = tomllib.loads(text)
    for name, number in COUNTS.items():
        content[name]["num_signals"] = number
    for name, first in (("train", start), ("test", start + FILE // 2)):
        content[name] |= {"start": first, "end": first + FILE // 2}
    content["gwosc"] = {"host": host}
    return content


@pytest.mark.slow
@pytest.mark.parametrize(
    "preset",
    [("o4a-bbh", "O4a", 8, "IMRPhenomXPHM"), ("bns", "O3a", 64, "IMRPhenomPv2")],
)
def test_a_preset_of_a_real_run_is_built_from_an_archive(
    cli: Callable[..., Any], tmp_path: Path, noise: dict[str, Any], preset: tuple[str, str, int, str]
) -> None:
    name, run, seconds, approximant = preset
    text = cli("init", name, "-o", "-").out
    archive = archive_of(tmp_path, run, START[run], noise)
    folder = tmp_path / "data"
    with GwoscServer(archive) as server:
        configuration = tmp_path / "preset.yaml"  # JSON is YAML
        configuration.write_text(json.dumps(scaled(text, START[run], server.url), default=str))
        done = cli("build", configuration, "-o", folder, "--workers", "0")
        assert (done.code, "no problem found" in done.out) == (0, True), done.err
        assert {path.rpartition("/")[2] for path in server.asked(r"\.hdf5$")} == {
            one.path.name for one in archive.files
        }
    record = json.loads((folder / "build.json").read_text())
    assert [stage["name"] for stage in record["stages"]] == list(STAGES)
    with h5py.File(folder / "data" / "train" / f"background-{START[run]}-{FILE // 2}.hdf5") as file:
        assert {ifo: file[ifo].shape for ifo in ("H1", "L1")} == dict.fromkeys(("H1", "L1"), (FILE // 2 * 2048,))
    with h5py.File(folder / "waveforms" / "train" / "training_waveforms.hdf5") as file:
        assert file["waveforms/plus"].shape == (COUNTS["training-waveforms"], seconds * 2048)
        made = json.loads(file["provenance/record"][()] if "provenance" in file else file.attrs["provenance"])
        assert made["generator"]["options"]["approximant"] == approximant
    with h5py.File(folder / "waveforms" / "test" / "waveforms.hdf5") as file:
        # A whole slide: from 64 s, 16 s and half a window on, every window and 16 s, the shift of 1 s left out.
        slide = ceil((FILE // 2 - 64 - 1 - 2 * (16 + seconds // 2)) / (16 + seconds))
        assert file.attrs["length"] == slide > COUNTS["testing-waveforms"]
        assert file["parameters/snr"][()].min() >= 4


@pytest.mark.parametrize(("preset", "run"), [("o4a-bbh", O4A), ("bns", RUNS[2]), ("o3-bbh", RUNS[2])])
def test_the_spans_of_a_preset_lie_in_the_run_that_it_names(preset: str, run: Run) -> None:
    stages = stages_of(Path("c.toml"), preset_path(preset).read_text(), DatasetLayout(Path("out")), None)
    spans = [stage.request.span for stage in stages if isinstance(stage.request, Query)]
    assert len(spans) == 2
    assert all(run.start <= span.start < span.stop <= run.stop for span in spans)
    assert {stage.request.sample_rate for stage in stages if hasattr(stage.request, "sample_rate")} == {2048}
