"""Reading a part of a file of the archive, HDF5 or GWF; the file's extension says which."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aframe_data.formats.foreign import ForeignFileError
from aframe_data.outside import outside_text
from aframe_data_plugins.gwf import model as gwf
from aframe_data_plugins.gwosc.files import DamagedFileError, Extras, HarmfulFileError, Promise, StrainFile

if TYPE_CHECKING:
    from pathlib import Path

    from aframe_data.types import FloatArray, Segment
    from aframe_data_plugins.gwosc.frames import Frame


class PartReader:
    """Reads one part after the other.

    What takes long and is the same for all parts is done once a file, and kept until another file is read: a GWF file
    can only be decoded whole, in seconds, and an HDF5 file has to be looked through.
    """

    def __init__(self) -> None:
        self._known: tuple[Path, Promise] | None = None
        self._file: Frame | StrainFile | None = None

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
            return self._file_of(path, promise).read(span, out)
        except ForeignFileError as error:
            raise HarmfulFileError(outside_text(error)) from error
        except (OSError, RuntimeError, KeyError, ValueError, gwf.DamagedFileError) as error:
            raise DamagedFileError(outside_text(error)) from error

    def _file_of(self, path: Path, promise: Promise) -> Frame | StrainFile:
        if self._file is None or self._known != (path, promise) or self._file.is_outdated:
            self._file = None  # two of them at once would double the peak of memory
            self._file = _opened(path, promise)
            self._known = (path, promise)
        return self._file


def _opened(path: Path, promise: Promise) -> Frame | StrainFile:
    if path.suffix != ".gwf":
        return StrainFile(path, promise)
    from aframe_data_plugins.gwosc.frames import read_frame

    return read_frame(path, promise)
