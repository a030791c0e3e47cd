"""What a file of spectra holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from aframe_data.formats import psd
from aframe_data.inspection.facts import asd_fact
from aframe_data.reports.inspect import Inspection

if TYPE_CHECKING:
    from pathlib import Path


def read(path: Path) -> Inspection:
    """Look for values that no noise has, and for where each detector hears best."""
    found = psd.summarize(path)
    spectra: dict[str, Any] = {}
    problems = []
    for name, series in found.series.items():
        frequencies, values = series.frequencies, series.values
        ends = {"min": float(frequencies[0]), "max": float(frequencies[-1]), "step": series.spacing}
        spectra[name] = {"frequencies": ends} | asd_fact(frequencies, values)
        # At zero frequency there is no noise where the mean of the strain was taken away.
        for what, bad in (("not finite", ~np.isfinite(values)), ("not above zero", values <= 0)):
            count = int(np.count_nonzero(bad & (frequencies > 0)))
            if count:
                problems.append(f"{count} values of {name} are {what}")
    if found.intact is False:
        problems.append("the densities changed since they were written")
    facts = {"ifos": list(found.series), "spectra": spectra, "intact": found.intact}
    return Inspection(path, "PSD", facts, tuple(problems), found.record)
