"""Which tests a worker of pytest-xdist runs: those of one folder at a time, which share what takes seconds to make.

The first worker takes folders from one end, the others from the other, so that hardly any of them imports both what
signals need (bilby and the models) and what strain and pictures need, and both would not fit into the memory that the
suite promises. In the middle is what is light, and small enough for all to end at about the same time. The longest of
the slow tests, which wait for schedulers and for an image, come first of all.

The marks of ``--dist loadgroup`` would say it closer to the tests, but pytest-xdist 3.8 does not get them from
pytest 9.2, and each worker would make all of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from xdist.scheduler import LoadScopeScheduling

if TYPE_CHECKING:
    from xdist.workermanage import WorkerController

#: Folders with signals first, with strain and pictures last; what is not named stands in the middle.
_SIGNALS = (
    "injections",
    "build",
    "remote",
    "detection",
    "waveforms",
    "merging",
    "cli",
    "aframe",
    "traps",
    "priors",
    "",
)
_STRAIN = (
    "segments",
    "core",
    "inspection",
    "verification",
    "dataset_report",
    "formats",
    "plugins",
    "psd",
    "figures",
    "strain",
    "kit",
    "container",
    "workflow",
)
#: Workflows on Slurm wait for most of their time; with a scope of their own, the others run elsewhere meanwhile.
_WAITING = "tests/workflow", "slurm"


class Rooms(LoadScopeScheduling):
    """Hands out one folder of tests after the other, to the first worker from one end and to others from the other."""

    def _split_scope(self, nodeid: str) -> str:
        folder = _folder(nodeid)
        return "/".join(_WAITING) if folder == _WAITING[0] and _WAITING[1] in nodeid else folder

    def _assign_work_unit(self, node: WorkerController) -> None:
        ends = min if node is self.nodes[0] else max
        self.workqueue.move_to_end(ends(self.workqueue, key=_place), last=False)
        super()._assign_work_unit(node)


def has_signals(nodeid: str) -> bool:
    """Whether a test or a module of tests is of a folder with signals."""
    return _place(_folder(nodeid)) < 0


def _folder(nodeid: str) -> str:
    return nodeid.partition("::")[0].rpartition("/")[0]


def _place(folder: str) -> int:
    """Where a folder stands between signals, below zero, and strain."""
    room = folder.removeprefix("tests").removeprefix("/").partition("/")[0]
    if room in _SIGNALS:
        return _SIGNALS.index(room) - len(_SIGNALS)
    return _STRAIN.index(room) + 1 if room in _STRAIN else 0
