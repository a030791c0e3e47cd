"""Frame files for tests, written by gwframe: every sample tells its time, so that a misplaced one is seen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    import gwframe

RATE = 256


def samples(start: float, stop: float, rate: int = RATE, dtype: str = "float64") -> np.ndarray[Any, Any]:
    """The samples of any channel: unlike at any two times of a day, alike in any two files."""
    times = np.arange(round(start * rate), round(stop * rate)) / rate
    return (np.sin(times % 86_400) * 1e-20).astype(dtype)


def write_frames(
    folder: Path,
    channel: str,
    start: int,
    duration: int,
    *,
    tag: str = "TEST",
    frame: int | None = None,
    leave_out: tuple[int, ...] = (),
    **options: Any,
) -> Path:
    """Write one file, named as LIGO-T050017 says, and return its path.

    Parameters
    ----------
    frame
        Length of each frame, in seconds; by default one frame is the file.
    leave_out
        Indices of frames that are not written.
    options
        Of `channel_samples`: rate, dtype, unit, others.
    """
    import gwframe

    path = folder / f"{channel[0]}-{tag}-{start}-{duration}.gwf"
    length = duration if frame is None else frame
    with gwframe.FrameWriter(str(path)) as writer:
        for index in range(duration // length):
            if index not in leave_out:
                begin = start + index * length
                writer.write_frame(_frame(channel, begin, length, **options))
    return path


def _frame(
    channel: str,
    start: int,
    duration: int,
    *,
    rate: int = RATE,
    dtype: str = "float64",
    unit: str = "strain",
    data: np.ndarray[Any, Any] | None = None,
    channel_type: str = "proc",
    others: tuple[str, ...] = (),
) -> gwframe.Frame:
    import gwframe

    made = gwframe.Frame(start=float(start), duration=float(duration), name=channel[:2])
    values = samples(start, start + duration, rate, dtype) if data is None else data
    for index, name in enumerate((*others, channel)):
        scale = 1 if name == channel else index + 2
        made.add_channel(name, values * np.array(scale, values.dtype), rate, unit=unit, channel_type=channel_type)
    return made
