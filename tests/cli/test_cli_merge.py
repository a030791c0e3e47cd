"""``aframe-data merge``: what a person sees, and what is left."""

from __future__ import annotations

import subprocess
import sys
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
        writer.append({"mass_1": np.arange(rows) + 100 * rows}, {"cross": values, "plus": values})
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
        assert file["parameters/mass_1"][:].tolist() == [300, 301, 302, 400, 401, 402, 403]
    again = cli("merge", *two, "--output_file", output)
    assert again.code == 0
    assert again.out == f"{output} already exists, joined from the same files and intact: nothing to do\n"
    assert cli("merge", *two, "-o", output, "--dry-run").out == f"{output} already exists; nothing would be done.\n"
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


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(["-o", "out.hdf5"], "no file was given: say which files to join.\n"), (["a.hdf5"], "Missing option")],
)
def test_files_and_an_output_are_needed(cli: Callable[..., Any], arguments: list[str], message: str) -> None:
    done = cli("merge", *arguments)
    assert done.code == 2
    assert done.err.startswith(f"aframe-data: error: {message}")


def test_a_configuration_may_give_the_output(cli: Callable[..., Any], two: list[Path], tmp_path: Path) -> None:
    config = tmp_path / "merge.toml"
    config.write_text(f'[merge]\noutput_file = "{tmp_path / "out.hdf5"}"\n')
    assert cli("merge", *two, "--config", config).code == 0
    assert (tmp_path / "out.hdf5").exists()


# --- which files are meant, and what becomes of them --------------------------------------------------


def test_a_quoted_pattern_and_a_folder_are_expanded(cli: Callable[..., Any], two: list[Path], tmp_path: Path) -> None:
    for given in (tmp_path / "*.hdf5", tmp_path):
        done = cli("merge", given, "-o", tmp_path / "new" / "out.hdf5", "--overwrite")
        assert (done.code, done.err) == (0, "")
        assert done.out.startswith("7 rows of 70 injections from 2 files")
    assert all(path.exists() for path in two)


@pytest.mark.parametrize("given", ["*.h5", "**/waveforms.hdf5", "empty", "gone.hdf5"])
def test_nothing_to_join_is_told_in_one_line(cli: Callable[..., Any], tmp_path: Path, given: str) -> None:
    (tmp_path / "empty").mkdir()
    for remove in ((), ("--remove-inputs",)):
        done = cli("merge", tmp_path / given, "-o", tmp_path / "out.hdf5", *remove)
        assert (done.code, done.out, len(done.err.splitlines())) == (2, "", 1)


@pytest.mark.slow
def test_a_list_comes_from_a_file_or_from_stdin(cli: Callable[..., Any], two: list[Path], tmp_path: Path) -> None:
    text = "".join(f"{path}\n" for path in two)
    (tmp_path / "list.txt").write_text(text)
    assert cli("merge", "--files-from", tmp_path / "list.txt", "-o", tmp_path / "a.hdf5").code == 0
    command = [sys.executable, "-m", "aframe_data", "merge", "--files_from", "-", "-o", str(tmp_path / "b.hdf5")]
    piped = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    assert (piped.returncode, piped.stderr) == (0, "")
    with h5py.File(tmp_path / "a.hdf5") as first, h5py.File(tmp_path / "b.hdf5") as second:
        assert first.attrs["content_sha256"] == second.attrs["content_sha256"]
    nothing = subprocess.run([*command, "--overwrite"], input="", capture_output=True, text=True, check=False)
    assert nothing.returncode == 2
    assert nothing.stderr == "aframe-data: error: the list of files '-' names no file.\n"


def test_inputs_are_removed_if_asked_and_the_same_line_again_succeeds(
    cli: Callable[..., Any], two: list[Path], tmp_path: Path
) -> None:
    output = tmp_path / "out.hdf5"
    line = ("merge", *two, "-o", output, "--remove-inputs")
    assert cli(*line, "--dry-run").out.endswith(": 508 B. Would then remove them.\n")
    assert cli(*line).out == f"7 rows of 70 injections from 2 files, written to {output}; removed 2 files\n"
    assert not any(path.exists() for path in two)
    again = cli(*line)
    assert (again.code, again.err) == (0, "")
    assert again.out == f"{output} already exists, joined from the same files and intact: nothing to do\n"
    write(tmp_path / "4.hdf5", 4)
    assert cli(*line, "--dry-run").out == f"{output} already exists; would remove 1 file that it holds.\n"
    assert cli(*line).out == f"{output} already exists, joined from the same files and intact; removed 1 file\n"
    assert sorted(tmp_path.iterdir()) == [output]


@pytest.mark.parametrize(
    ("setting", "flags", "removed"),
    [
        ("remove_inputs = true", (), True),
        ("remove_inputs = true", ("--keep-inputs",), False),
        ("keep_inputs = true", (), False),
        ("keep-inputs = false", (), True),
        ("remove_inputs = false", ("--remove-inputs",), True),
        ("", (), False),
        ("", ("--remove-inputs", "--keep-inputs"), False),
    ],
)
def test_the_command_line_wins_over_the_configuration(
    cli: Callable[..., Any], two: list[Path], tmp_path: Path, setting: str, flags: tuple[str, ...], *, removed: bool
) -> None:
    config = tmp_path / "merge.toml"
    config.write_text(f"[merge]\n{setting}\n")
    assert cli("merge", *two, "-o", tmp_path / "out.hdf5", "--config", config, *flags).code == 0
    assert [path.exists() for path in two] == [not removed] * 2


def test_equal_draws_are_wrong_usage(cli: Callable[..., Any], two: list[Path], tmp_path: Path) -> None:
    (tmp_path / "copy.hdf5").write_bytes(two[0].read_bytes())
    done = cli("merge", *two, tmp_path / "copy.hdf5", "-o", tmp_path / "out.hdf5", "--dry-run")
    assert (done.code, done.out, len(done.err.splitlines())) == (2, "", 1)
    assert "copy.hdf5 hold the same draws, and 3 signals would count twice" in done.err
