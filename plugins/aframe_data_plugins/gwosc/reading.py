"""Reading a part of a file of the archive, HDF5 or GWF; the file's extension says which."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aframe_data.formats.foreign import ForeignFileError
from aframe_data.outside import outside_text
from aframe_data_plugins.gwf import model as gwf
from aframe_data_plugins.gwosc.files import DamagedFileError, Extras, HarmfulFileError, Promise, read_hdf5

if TYPE_CHECKING:
    from pathlib import Path

    from aframe_data.types import FloatArray, Segment
    from aframe_data_plugins.gwosc.frames import Frame


class PartReader:
    """Reads one part after the other.

    A GWF file can only be decoded whole, in seconds: what was decoded stays in memory until another file is read.
    """

    def __init__(self) -> None:
        self._decoded: tuple[Path, Promise] | None = None
        self._frame: Frame | None = None

    def read(self, path: Path, promise: Promise, span: Segment, out: FloatArray) -> Extras:
        """Read a span out of a file.

        Parameters
        ----------
        path
            The file; the extension says its format.
        promise
            What it has to be.
        span
            The span to read, in whole GPS seconds, within the promised one.
        out
            Receives the strain, (duration * sample_rate,) float64; NaN where the archive has no data.

        Raises
        ------
        DamagedFileError
            The file cannot be read, or its content is not what its name says.
        HarmfulFileError
            It leads out of itself, asks for too much memory, or holds what no file of the archive does.
        """
        try:
            if path.suffix == ".gwf":
                return self._frame_of(path, promise).part(promise, span, out)
            return read_hdf5(path, promise, span, out)
        except ForeignFileError as error:
            raise HarmfulFileError(outside_text(error)) from error
        except (OSError, RuntimeError, KeyError, ValueError, gwf.DamagedFileError) as error:
            raise DamagedFileError(outside_text(error)) from error

    def _frame_of(self, path: Path, promise: Promise) -> Frame:
        from aframe_data_plugins.gwosc.frames import read_frame

        if self._frame is None or self._decoded != (path, promise):
            self._frame = None  # two of them at once would double the peak of memory
            self._frame = read_frame(path, promise)
            self._decoded = (path, promise)
        return self._frame
