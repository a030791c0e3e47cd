"""The Slurm that tests start leaves nothing behind, and no other Slurm is harmed by it."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from servers import slurm
from servers.slurm import Slurm, why_no_slurm

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.slow
def test_it_starts_and_runs_a_job_twice_one_after_the_other(tmp_path: Path) -> None:
    if reason := why_no_slurm():
        pytest.skip(reason)
    for turn in ("first", "second"):
        folder = tmp_path / turn
        folder.mkdir()
        with Slurm(folder):
            subprocess.run(["sbatch", "--wait", f"--output={folder}/job.out", "--wrap", f"echo {turn}"], check=True)
        assert (folder / "job.out").read_text() == f"{turn}\n"
        assert not slurm.CONFIGURATION.exists()


def test_a_configuration_of_somebody_else_is_left_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    theirs = tmp_path / "slurm.conf"
    theirs.write_text("ClusterName=theirs\n")
    monkeypatch.setattr(slurm, "CONFIGURATION", theirs)
    monkeypatch.setattr(slurm, "PROGRAMS", ())
    monkeypatch.setattr("os.geteuid", lambda: 0)
    with pytest.raises(RuntimeError, match=r"no Slurm: .*slurm\.conf is there and not of these tests"), Slurm(tmp_path):
        pass
    assert theirs.read_text() == "ClusterName=theirs\n"
