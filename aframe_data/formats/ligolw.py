"""Tables of LIGO_LW XML files, of any age, gzipped or not: rows by the names of their columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar
from xml.sax import SAXException

from igwn_ligolw import ligolw, utils

from aframe_data.checks import require_file
from aframe_data.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

#: Of a file, which is read whole; published veto definers have 1 MB.
_MOST_BYTES = 100 * 10**6


class _Table(ligolw.Table):  # type: ignore[misc]  # the library has no types
    """A table whose columns are what the file says, whichever classes `igwn_ligolw.lsctables` has registered.

    Those refuse the columns of files that were written when identifiers were texts.
    """

    TableByName: ClassVar[dict[str, type]] = {}


class _ContentHandler(ligolw.LIGOLWContentHandler):  # type: ignore[misc]  # the library has no types
    def startTable(self, parent: object, attrs: Any) -> _Table:  # noqa: ARG002, N802 - the base class's name
        return _Table(attrs)


def read_rows(path: Path, table: str, what: str) -> tuple[dict[str, Any], ...]:
    """Read one table of a file.

    Parameters
    ----------
    path
        The file.
    table
        Name of the table; the file must have one of that name.
    what
        What the file is, for the messages: ``veto definer``.

    Raises
    ------
    UsageError
        The file cannot be read, is no LIGO_LW file, or has no such table.
    """
    require_file(path, f"the {what} ", _MOST_BYTES)
    try:
        document = utils.load_filename(str(path), contenthandler=_ContentHandler)
        found = ligolw.Table.get_table(document, table)
    except (OSError, EOFError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UsageError(f"{what} {str(path)!r} cannot be read: {reason}.") from error
    except (ligolw.ElementError, SAXException, ValueError, KeyError, TypeError) as error:
        reason = " ".join(str(error).split())
        raise UsageError(f"{str(path)!r} is no {what}, a LIGO_LW file with a table {table!r}: {reason}.") from error
    return tuple({name: getattr(row, name) for name in found.columnnames} for row in found)
