"""What the core sees to in every export, by those of a stranger: which files, whether they are sound, what appears."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np
import pytest

from aframe_data import export
from aframe_data.errors import DataQualityError, OutputExistsError, UsageError
from aframe_data.requests.export import Export
from ledger_pieces import campaign, write_foreign, write_ours

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SOURCE = {
    "tables": """
        from dataclasses import dataclass
        from aframe_data.plugin import ExportProvider, hookimpl, option

        @dataclass(frozen=True)
        class Options:
            digits: int = option(default=6, minimum=1, help="Digits")

        @hookimpl
        def register_exports():
            yield ExportProvider(name="csv", summary="A table", load="tables_code:Csv", takes=("signals",),
                                 options=Options)
            yield ExportProvider(name="copies", summary="Masses", load="tables_code:Copies", takes=("signals",),
                                 needs=("snr",), folder=True)
            yield ExportProvider(name="masses", summary="Masses", load="tables_code:Masses", takes=("signals",))
        """,
    "tables_code": """
        import h5py
        from aframe_data.plugin import UsageError

        class Csv:
            def __init__(self, options):
                self.digits = options.digits
            def export(self, source, path):
                print("a word of the plugin")
                (signals,) = source.signals
                mass = signals.parameters()["mass_1"]
                path.write_text("".join(f"{value:.{self.digits}g}\\n" for value in mass))

        class Masses:
            def export(self, source, path):
                with h5py.File(path, "w") as file:
                    file["mass"] = source.signals[0].parameters()["mass_1"]

        class Copies:
            def export(self, source, path):
                for signals in source.signals:
                    (path / f"{signals.length}.txt").write_text(signals.name)
                    if signals.length == 13:
                        raise UsageError("thirteen signals have no place in this format.")
        """,
}


@pytest.fixture(autouse=True)
def _stranger(strangers: Callable[..., Path]) -> None:
    strangers(distribution="tables", source=SOURCE)


@pytest.fixture
def signals(tmp_path: Path) -> Path:
    return write_ours(tmp_path / "signals.hdf5", campaign(4, seed=1), command="timeslide-waveforms")


def test_a_stranger_s_export_is_listed_and_used(signals: Path, tmp_path: Path, cli: Callable[..., Any]) -> None:
    listed = cli("plugins", "list", "--kind", "export").out
    assert "csv\tA table (tables 1.0)" in listed
    done = cli("export", signals, "--to", "csv", "--csv-digits", "3", "-o", tmp_path / "table.csv")
    assert (done.code, done.err) == (0, "a word of the plugin\n")
    assert done.out == f"1 file, 4 signals, exported for csv to {tmp_path}/table.csv\n"
    with h5py.File(signals) as file:
        np.testing.assert_allclose(np.loadtxt(tmp_path / "table.csv"), file["parameters/mass_1"], rtol=1e-2)


def test_a_dry_run_says_what_would_be_done_and_does_nothing(
    signals: Path, tmp_path: Path, cli: Callable[..., Any]
) -> None:
    done = cli("export", signals, "--to", "masses", "-o", tmp_path / "masses.hdf5", "--dry-run")
    assert done.code == 0
    assert done.out.startswith(f"Would export 1 file, 4 signals for masses to {tmp_path}/masses.hdf5: at most about ")
    assert not (tmp_path / "masses.hdf5").exists()
    told = json.loads(cli("export", signals, "--to", "masses", "-o", tmp_path / "masses.hdf5", "--json").out)
    assert told == {
        "path": f"{tmp_path}/masses.hdf5",
        "export": "masses",
        "files": 1,
        "signals": 4,
        "livetime": 0.0,
        "written": [],
        "present": False,
    }


def test_a_file_says_where_it_came_from_and_is_known_again(signals: Path, tmp_path: Path) -> None:
    output = tmp_path / "masses.hdf5"
    assert not export(signals, to="masses", output_file=output).present
    with h5py.File(output) as file:
        record = json.loads(file.attrs["provenance"])
    assert record["export"]["distribution"] == "tables"
    assert record["sources"][0]["file"] == str(signals)
    written = output.stat().st_mtime_ns
    assert export(signals, to="masses", output_file=output).present
    assert output.stat().st_mtime_ns == written


def test_an_error_of_a_stranger_s_export_names_it(tmp_path: Path, cli: Callable[..., Any]) -> None:
    without = campaign(4, seed=1)
    del without["arrays"]["parameters/mass_1"]
    signals = write_ours(tmp_path / "signals.hdf5", without)
    done = cli("export", signals, "--to", "masses", "-o", tmp_path / "masses.hdf5")
    assert done.code == 1
    assert "export 'masses' of tables 1.0 failed: KeyError: 'mass_1'. This is a bug of the plugin." in done.err
    assert not (tmp_path / "masses.hdf5").exists()


def test_other_signals_are_not_written_over_unless_asked(signals: Path, tmp_path: Path) -> None:
    output = tmp_path / "masses.hdf5"
    export(signals, to="masses", output_file=output)
    other = write_ours(tmp_path / "other.hdf5", campaign(5, seed=2))
    with pytest.raises(OutputExistsError, match=r"masses.hdf5.*--overwrite"):
        export(other, to="masses", output_file=output)
    with h5py.File(output) as file:
        assert len(file["mass"]) == 4
    export(other, to="masses", output_file=output, overwrite=True)
    with h5py.File(output) as file:
        assert len(file["mass"]) == 5


def test_what_was_exported_and_changed_is_told(signals: Path, tmp_path: Path) -> None:
    output, folder = tmp_path / "masses.hdf5", tmp_path / "copies"
    export(signals, to="masses", output_file=output)
    export(signals, to="copies", output_file=folder)
    with h5py.File(output, "r+") as file:
        file["mass"][0] = 0
    with pytest.raises(DataQualityError, match=r"masses.hdf5 changed since it was exported"):
        export(signals, to="masses", output_file=output)
    (folder / "4.txt").write_text("something else")
    with pytest.raises(DataQualityError, match=r"4.txt changed since it was exported"):
        export(signals, to="copies", output_file=folder)
    (folder / "4.txt").unlink()
    with pytest.raises(DataQualityError, match=r"4.txt is gone since it was exported"):
        export(signals, to="copies", output_file=folder)


def test_files_that_changed_or_are_not_finite_are_not_exported(tmp_path: Path) -> None:
    changed = write_ours(tmp_path / "changed.hdf5", campaign(4, seed=1))
    with h5py.File(changed, "r+") as file:
        file["parameters/mass_1"][0] = 1
    with pytest.raises(DataQualityError, match=r"changed.hdf5 is not used: its content changed since"):
        export(changed, to="masses", output_file=tmp_path / "masses.hdf5")
    content = campaign(4, seed=1)
    content["arrays"]["parameters/mass_1"][2] = np.nan
    foreign = write_foreign(tmp_path / "foreign.hdf5", content)
    with pytest.raises(DataQualityError, match=r"foreign.hdf5 is not used: 1 values of parameters/mass_1"):
        export(foreign, to="masses", output_file=tmp_path / "masses.hdf5")
    assert not (tmp_path / "masses.hdf5").exists()


def test_the_files_of_a_folder_that_an_export_takes_are_found(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    (folder / "deep").mkdir(parents=True)
    (folder / "branches" / "1-2-1").mkdir(parents=True)
    (folder / "signals.hdf5.parts").mkdir()
    write_ours(folder / "a.hdf5", campaign(3, seed=1))
    write_ours(folder / "deep" / "b.hdf5", campaign(4, seed=2))
    write_ours(folder / "branches" / "1-2-1" / "waveforms.hdf5", campaign(5, seed=3))
    write_ours(folder / "signals.hdf5.parts" / "unit.hdf5", campaign(6, seed=3))
    without = campaign(7, seed=4)
    del without["arrays"]["parameters/snr"]
    write_ours(folder / "without.hdf5", without)
    report = export(folder, to="copies", output_file=folder / "copies")
    assert report.written == ("3.txt", "4.txt")
    assert (folder / "copies" / "4.txt").read_text() == "deep/b.hdf5"
    # What was exported into the folder is none of its files.
    assert export(folder, to="copies", output_file=folder / "copies").present
    with pytest.raises(UsageError, match=r"has 3 files of signals: name one of them, such as a.hdf5, deep/b.hdf5"):
        export(folder, to="masses", output_file=tmp_path / "masses.hdf5")


def test_a_folder_without_anything_for_an_export_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match=r"nothing in .*' to export for copies, which takes files of signals with"):
        export(tmp_path / "empty", to="copies", output_file=tmp_path / "copies")
    with pytest.raises(UsageError, match="for amplfi, which takes files of strain and files of signals with mass_1, "):
        export(tmp_path / "empty", to="amplfi", output_file=tmp_path / "amplfi")


@pytest.mark.parametrize("kept", ["file", "folder"])
def test_a_folder_replaces_no_file_and_no_folder_of_another_origin(signals: Path, tmp_path: Path, kept: str) -> None:
    output = tmp_path / "precious"
    if kept == "folder":
        output.mkdir()
    file = output / "thesis.tex" if kept == "folder" else output
    file.write_text("years of work")
    with pytest.raises(UsageError, match="cannot write the folder"):
        export(signals, to="copies", output_file=output, overwrite=True)
    assert file.read_text() == "years of work"


def test_a_folder_is_replaced_by_a_whole_one_or_not_at_all(tmp_path: Path) -> None:
    few = write_ours(tmp_path / "few.hdf5", campaign(3, seed=1))
    unlucky = write_ours(tmp_path / "unlucky.hdf5", campaign(13, seed=1))
    output = tmp_path / "copies"
    (tmp_path / ".copies.export-killed").mkdir()  # a run that was killed left it
    export(few, to="copies", output_file=output)
    with pytest.raises(UsageError, match="thirteen signals"):
        export(unlucky, to="copies", output_file=output, overwrite=True)
    assert sorted(path.name for path in output.iterdir()) == ["3.txt", "export.json"]
    more = write_ours(tmp_path / "more.hdf5", campaign(5, seed=1))
    export(more, to="copies", output_file=output, overwrite=True)
    assert sorted(path.name for path in output.iterdir()) == ["5.txt", "export.json"]
    assert not list(tmp_path.glob(".*"))


def test_a_format_without_room_for_a_record_is_never_taken_for_the_same(signals: Path, tmp_path: Path) -> None:
    export(signals, to="csv", output_file=tmp_path / "table.csv")
    with pytest.raises(OutputExistsError):
        export(signals, to="csv", output_file=tmp_path / "table.csv")
    export(signals, to="csv", output_file=tmp_path / "table.csv", overwrite=True)


def test_the_file_that_is_exported_is_not_replaced(signals: Path) -> None:
    with pytest.raises(UsageError, match="among the files to read"):
        export(signals, to="masses", output_file=signals, overwrite=True)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--to", "mases"], "unknown export 'mases'. Did you mean 'masses'?"),
        (["--to", "masses", "--csv-digits", "3"], "--csv-digits is not an option of the export 'masses'"),
        (["--to", "csv", "--csv-digits", "0"], "--csv-digits: '0' is not allowed, only values of at least 1."),
        ([], "Missing option '--to'."),
    ],
)
def test_what_cannot_be_exported_is_told_in_a_line(
    signals: Path, tmp_path: Path, cli: Callable[..., Any], arguments: list[str], told: str
) -> None:
    done = cli("export", signals, *arguments, "-o", tmp_path / "out")
    assert done.code == 2
    assert told in done.err
    assert len(done.err.splitlines()) == 1


def test_takes_are_checked_where_a_record_is_made() -> None:
    from aframe_data.plugin import ExportProvider

    with pytest.raises(ValueError, match="takes of provider 'x' must be of 'signals' and 'strain'"):
        ExportProvider(name="x", summary="x", load="x:X", takes=("segments",))
    assert Export.command == "export"
