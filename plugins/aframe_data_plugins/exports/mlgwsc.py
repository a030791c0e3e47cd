"""The strain file of MLGWSC-1: a dataset ``<detector>/<start>`` a segment, with ``start_time`` and ``delta_t``.

That is how ``pycbc.types.TimeSeries.save`` writes it with that group, and how ``pycbc.types.load_timeseries`` reads it
(repository gwastro/ml-mock-data-challenge-1). The challenge's own data has H1 and L1 at 2048 Hz.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import h5py

from aframe_data.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from aframe_data.plugin.exported import ExportedStrain, ExportSource


class Mlgwsc:
    """The export."""

    def export(self, source: ExportSource, path: Path) -> None:
        """Write one file of all background files: same interferometers, same rate, no second twice."""
        first, *others = source.strain
        for file in others:
            if (file.ifos, file.sample_rate) != (first.ifos, first.sample_rate):
                raise UsageError(
                    f"{first.path} has {', '.join(first.ifos)} at {first.sample_rate:g} Hz, and {file.path} "
                    f"{', '.join(file.ifos)} at {file.sample_rate:g} Hz: a file of the challenge has one kind."
                )
        with h5py.File(path, "w") as out:
            stop = float("-inf")
            for strain in sorted(source.strain, key=lambda file: file.segment):
                start = strain.segment.start
                if start < stop:
                    raise UsageError(f"{strain.path} holds time that another file holds too: export one of them.")
                stop = strain.segment.stop
                for ifo in strain.ifos:
                    _write(out, f"{ifo}/{int(start)}", strain, ifo)


def _write(out: h5py.File, name: str, strain: ExportedStrain, ifo: str) -> None:
    size, position = round(strain.segment.duration * strain.sample_rate), 0
    for block in strain.blocks(ifo):
        if not position:
            out.create_dataset(name, shape=(size,), dtype=block.dtype)
        out[name][position : position + len(block)] = block
        position += len(block)
    out[name].attrs["start_time"] = float(strain.segment.start)
    out[name].attrs["delta_t"] = 1 / strain.sample_rate
