"""The reference's way of fetching open data, as a command: all of a span at once, detector by detector.

    python benchmarks/reference_fetch.py URL OUTPUT START STOP ARCHIVE_RATE RATE IFO [IFO ...]

What Aframe's data project does (May 2026): `TimeSeries.fetch_open_data` of the whole span, `resample`, and
`TimeSeriesDict.write` as gwpy does it by default.
"""

from __future__ import annotations

import sys

from gwpy.timeseries import TimeSeries, TimeSeriesDict

url, output, start, stop, archive_rate, rate, *ifos = sys.argv[1:]
strain = TimeSeriesDict()
for ifo in ifos:
    whole = TimeSeries.fetch_open_data(ifo, int(start), int(stop), sample_rate=int(archive_rate), host=url)
    strain[ifo] = whole if archive_rate == rate else whole.resample(int(rate))
    del whole
strain.write(output, format="hdf5")
