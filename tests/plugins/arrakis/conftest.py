"""A server of frame files and one of made-up samples."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from servers.arrakis import frames, made_up, serving, write_frame
from servers.arrakis_clients import CHANNEL, START
from servers.gwosc_files import synthetic_strain

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: Of the frame files, in Hz and seconds.
RATE, LENGTH = 1024, 16


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Frame files of 16 s from 0, 16 and 48 s after `START`, with a channel of strain and one of single precision."""
    folder = tmp_path_factory.mktemp("frames")
    for start in (START, START + LENGTH, START + 3 * LENGTH):
        strain = synthetic_strain("H1", start, start + LENGTH, RATE)
        write_frame(folder, start, {CHANNEL: strain, "H1:LSC-DARM_IN1_DQ": strain.astype(np.float32)}, RATE)
    with serving(frames(folder)) as url:
        yield url


@pytest.fixture
def mock(tmp_path: Path) -> Iterator[str]:
    """`CHANNEL` at 256 Hz, each sample the time after `START`."""
    with serving(made_up(tmp_path)) as url:
        yield url
