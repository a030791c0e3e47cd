"""``aframe-data merge``: what a person sees, and what is left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import h5py
import numpy as np
import pytest

from aframe_data.formats import ledger

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def write(path: Path, rows: int, *, right_pad: float = 0.5) -> Path:
    layout = ledger.Layout(
        rows, {"right_pad": right_pad, "num_injections": 10 * rows}, {"mass_1": ()}, {"cross": 8, "plus": 8}
    )
    with ledger.create(path, layout) as writer:
        values = np.full((rows, 8), float(rows))
        writer.append({"mass_1": np.arange(rows)}, {"cross": values, "plus": values})
        writer.finish({})
    return path


@pytest.fixture
def two(tmp_path: Path) -> list[Path]:
    return [write(tmp_path / f"{rows}.hdf5", rows) for rows in (3, 4)]


def test_it_says_what_it_wrote_and_then_that_it_is_there(
    cli: Callable[..., Any], two: list[Path], tmp_path: Path
) -> None:
    output = tmp_path / "out.hdf5"
    done = cli("merge", *two, "-o", output)
    assert (done.code, done.err) == (0, "")
    assert done.out == f"7 rows of 70 injections from 2 files, written to {output}\n"
    with h5py.File(output) as file:
        assert file["parameters/mass_1"][:].tolist() == [0, 1, 2, 0, 1, 2, 3]
    again = cli("merge", *two, "--output_file", output)
    assert again.code == 0
    assert again.out == f"{output} is there already, joined from the same files and intact: nothing to do\n"
    assert cli("merge", *two, "-o", output, "--dry-run").out == f"{output} is there already; nothing would be done.\n"
    assert cli("inspect", output).code == 0


def test_a_dry_run_says_the_plan_and_makes_nothing(cli: Callable[..., Any], two: list[Path], tmp_path: Path) -> None:
    output = tmp_path / "new" / "out.hdf5"
    done = cli("merge", *two, "-o", output, "--dry-run")
    assert (done.code, done.err) == (0, "")
    # 7 rows of 8 bytes and twice 8 samples of 4 bytes, and the two records.
    assert done.out == f"Would join 2 files with 7 rows of 70 injections into {output}: 508 B.\n"
    assert sorted(tmp_path.iterdir()) == two


def test_the_folder_of_the_output_is_made(cli: Callable[..., Any], two: list[Path], tmp_path: Path) -> None:
    assert cli("merge", *two, "-o", tmp_path / "new" / "out.hdf5").code == 0
    assert (tmp_path / "new" / "out.hdf5").exists()


def test_files_that_do_not_belong_together_are_wrong_usage(
    cli: Callable[..., Any], two: list[Path], tmp_path: Path
) -> None:
    other = write(tmp_path / "other.hdf5", 5, right_pad=1.0)
    done = cli("merge", *two, other, "-o", tmp_path / "out.hdf5")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("aframe-data: error: the attribute right_pad is 0.5 in ")
    assert len(done.err.splitlines()) == 1


def test_another_output_needs_overwrite(cli: Callable[..., Any], two: list[Path], tmp_path: Path) -> None:
    output = tmp_path / "out.hdf5"
    assert cli("merge", *two, "-o", output).code == 0
    done = cli("merge", *reversed(two), "-o", output)
    assert done.code == 2
    assert "--overwrite replaces it" in done.err
    assert cli("merge", *reversed(two), "-o", output, "--overwrite").code == 0


def test_a_damaged_file_fails(cli: Callable[..., Any], two: list[Path], tmp_path: Path) -> None:
    with h5py.File(two[0], "r+") as file:
        file["waveforms/plus"][1, 1] = 9
    done = cli("merge", *two, "-o", tmp_path / "out.hdf5")
    assert done.code == 1
    assert "3.hdf5 changed since it was written" in done.err
    assert not (tmp_path / "out.hdf5").exists()


@pytest.mark.parametrize("arguments", [["-o", "out.hdf5"], ["a.hdf5"]])
def test_files_and_an_output_are_needed(cli: Callable[..., Any], arguments: list[str]) -> None:
    done = cli("merge", *arguments)
    assert done.code == 2
    assert done.err.startswith("aframe-data: error: Missing ")


def test_a_configuration_may_give_the_output(cli: Callable[..., Any], two: list[Path], tmp_path: Path) -> None:
    config = tmp_path / "merge.toml"
    config.write_text(f'[merge]\noutput_file = "{tmp_path / "out.hdf5"}"\n')
    assert cli("merge", *two, "--config", config).code == 0
    assert (tmp_path / "out.hdf5").exists()
