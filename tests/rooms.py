"""Which tests a worker of pytest-xdist runs: those of one folder at a time, which share what takes seconds to make.

The marks of ``--dist loadgroup`` would say it closer to the tests, but pytest-xdist 3.8 does not get them from
pytest 9.2, and each worker would make all of it.
"""

from __future__ import annotations

from xdist.scheduler import LoadScopeScheduling


class Rooms(LoadScopeScheduling):
    """Hands out one folder of tests after the other, that with the most tests first."""

    def _split_scope(self, nodeid: str) -> str:
        file, _, _ = nodeid.partition("::")
        folder, _, _ = file.rpartition("/")
        return folder
