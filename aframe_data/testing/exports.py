"""What is asked of an export."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from aframe_data.exporting.published import require_intact
from aframe_data.plugin.records import ExportProvider
from aframe_data.requests.export import Export
from aframe_data.testing.base import ProviderTests
from aframe_data.work.carry_out import do

if TYPE_CHECKING:
    from aframe_data.reports.export import ExportReport


class ExportTests(ProviderTests):
    """Tests of an export.

    Attributes
    ----------
    source
        A file or a folder that it can export; a fixture of the test's own may set it.
    """

    kind = "export"
    contract = "aframe_data.plugin.exported.Export"
    source: Path | str

    def ask_something_small(self) -> ExportReport:
        """Export the source, to nowhere."""
        with tempfile.TemporaryDirectory() as folder:
            return self.export(Path(folder) / "exported")

    def export(self, output: Path, **changes: Any) -> ExportReport:
        """Export the source."""
        arguments = {"source": self.source, "to": self.name, "export_options": self.options, "output_file": output}
        return do(Export(**{**arguments, **changes}))

    def test_it_makes_what_its_record_says(self, tmp_path: Path) -> None:
        """A file or a folder, which is found again by the next run."""
        provider = self.entry().provider
        assert isinstance(provider, ExportProvider)
        output = tmp_path / "exported"
        report = self.export(output)
        assert output.is_dir() if provider.folder else output.is_file()
        assert not report.present
        require_intact(output)
        assert self.export(output).present

    def test_the_same_files_give_the_same_output(self, tmp_path: Path) -> None:
        """Nothing in it depends on the time, the machine or what was exported before."""
        first, second = tmp_path / "first", tmp_path / "second"
        for output in (first, second):
            self.export(output)
        assert _content(first) == _content(second)

    def test_the_source_is_left_as_it_was(self, tmp_path: Path) -> None:
        """An export only reads."""
        before = _hashes(Path(self.source))
        self.export(tmp_path / "exported")
        assert _hashes(Path(self.source)) == before

    def test_nothing_is_left_where_it_fails(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """What was begun never appears under the output's name."""
        export = type(self.choice().create())
        monkeypatch.setattr(export, "export", _fails(export.export))
        with pytest.raises(_FailedError):
            self.export(tmp_path / "exported")
        assert not list(tmp_path.iterdir())


class _FailedError(Exception):
    """The export fails at its end."""


def _fails(export: Any) -> Any:
    def failing(self: Any, source: Any, path: Path) -> None:
        export(self, source, path)
        raise _FailedError

    return failing


def _content(path: Path) -> Any:
    """The hashes of what an export made; of one file that is HDF5, of its datasets."""
    import h5py

    if path.is_dir():
        return {name: digest for name, digest in _hashes(path).items() if name != "export.json"}
    if h5py.is_hdf5(path):
        with h5py.File(path) as file:
            return file.attrs["content_sha256"]
    return _hashes(path)


def _hashes(path: Path) -> dict[str, str]:
    files = [file for file in path.rglob("*") if file.is_file()] if path.is_dir() else [path]
    return {str(file.relative_to(path)): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}
