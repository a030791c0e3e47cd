"""What Python's multiprocessing keeps on this machine, which nobody removes when all processes of a run are killed.

That is a folder ``pymp-*`` for temporary files, and semaphores. A run claims its folder and names its semaphores after
it, so that the next run on this machine knows those of runs that are gone.
"""

from __future__ import annotations

import contextlib
import multiprocessing.util
import shutil
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

from aframe_data.store.claims import claimed, is_claimed

if TYPE_CHECKING:
    from collections.abc import Iterator

_SUFFIX = ".aframe-data"
#: Where Linux shows semaphores; elsewhere they are not to be found again.
_SEMAPHORES = Path("/dev/shm")  # noqa: S108 - no file is made there


@contextlib.contextmanager
def claimed_traces() -> Iterator[None]:
    """Claim what this process leaves for the length of the block, after removing what others have left."""
    folder = Path(multiprocessing.util.get_temp_dir())
    for other in folder.parent.glob("pymp-*"):
        _remove_abandoned(other)
    # There is no public way to name semaphores.
    multiprocessing.current_process()._config["semprefix"] = f"/{folder.name}"  # type: ignore[attr-defined]
    with claimed(folder / f"{uuid.uuid4().hex}{_SUFFIX}", str(folder)):
        yield


def _remove_abandoned(folder: Path) -> None:
    """Remove what a run has left whose claim of a folder nobody holds any more."""
    with contextlib.suppress(OSError):  # gone by now, or another user's
        claims = list(folder.glob(f"*{_SUFFIX}"))
        if claims and not any(map(is_claimed, claims)):
            shutil.rmtree(folder)
            for semaphore in _SEMAPHORES.glob(f"sem.{folder.name}-*"):
                semaphore.unlink()
