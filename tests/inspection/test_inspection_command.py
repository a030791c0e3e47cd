"""`inspect` as a command: its report, its exit code, its dry run and its picture."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import h5py
import numpy as np
import pytest
from inspected import RECORD, SPAN, inspect

from aframe_data.errors import DataQualityError, UsageError
from aframe_data.formats import segwizard
from aframe_data.requests.inspect import Inspect
from aframe_data.work.carry_out import do, forecast
from aframe_data.work.engine import engine_for
from aframe_data.work.plan import Work

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from command_line import Finished


def test_the_report_has_all_for_a_machine_and_the_exit_code(strain_file: Path) -> None:
    found = inspect(strain_file)
    told = found.describe()
    assert (told["kind"], told["sound"], told["problems"], told["intact"]) == ("background strain", True, [], True)
    assert told["provenance"] == RECORD
    assert found.exit_code == 0
    with h5py.File(strain_file, "a") as file:
        file["H1"][0] = np.nan
    assert inspect(strain_file).exit_code == 1


def test_a_dry_run_reads_nothing_of_a_file_but_what_it_is(strain_file: Path) -> None:
    with engine_for(0) as engine:
        told = forecast(Inspect(strain_file), Work(engine)).describe()
        assert told == {"path": str(strain_file), "nbytes": strain_file.stat().st_size}
        with pytest.raises(UsageError, match="has no parameters of signals to draw"):
            forecast(Inspect(strain_file, plot=strain_file.with_suffix(".png"), parameters=True), Work(engine))


def test_a_picture_is_drawn_beside_the_file_and_never_over_it(tmp_path: Path) -> None:
    path = tmp_path / "segments.png"
    segwizard.write_segments(path, [SPAN], RECORD)
    before = path.read_bytes()
    with pytest.raises(UsageError, match="is one of the command's other files"):
        do(Inspect(path, plot=path, overwrite=True))
    assert path.read_bytes() == before
    assert do(Inspect(path, plot=tmp_path / "look.png")).kind == "segments"
    assert (tmp_path / "look.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("told", [{"events": [3, {"gps": "x"}]}, {"arguments": {"start": "a", "end": 1}}])
def test_a_strange_record_spoils_no_picture(tmp_path: Path, told: dict[str, object]) -> None:
    path = tmp_path / "segments.txt"
    segwizard.write_segments(path, [SPAN], RECORD | told)
    do(Inspect(path, plot=tmp_path / "look.png"))
    assert (tmp_path / "look.png").read_bytes().startswith(b"\x89PNG")


def test_what_cannot_be_drawn_is_told_before_the_file_is_read(tmp_path: Path, strain_file: Path) -> None:
    with h5py.File(strain_file, "a") as file:
        del file["H1"].attrs["dx"]
    with pytest.raises(DataQualityError, match="cannot be read as a background file"):
        inspect(strain_file)
    with pytest.raises(UsageError, match="has no parameters of signals to draw"):
        do(Inspect(strain_file, plot=tmp_path / "a.png", parameters=True))


def test_the_command_exits_1_for_a_file_that_is_not_sound(cli: Callable[..., Finished], strain_file: Path) -> None:
    sound = cli("inspect", strain_file)
    assert sound.code == 0
    assert "background strain" in sound.out
    assert "made by aframe-data 0.1.0, command fetch" in sound.out
    with h5py.File(strain_file, "a") as file:
        file["H1"][0] = np.nan
    broken = cli("inspect", strain_file)
    assert (broken.code, broken.err) == (1, "")
    assert "problem: 1 samples of H1 are not finite" in broken.out
    told = json.loads(cli("inspect", strain_file, "--json").out)
    assert told["sound"] is False
    assert "1 samples of H1 are not finite" in told["problems"]
    assert told["provenance"] == RECORD
