"""The SNRs of accepted signals beside the law of a Euclidean universe, as a picture.

Sources that fill flat space evenly are seen with SNRs whose density falls like 1 / ρ⁴, whatever the detector.
Neutron stars are seen only nearby, and follow the law; black holes are seen to redshifts where space is not flat,
masses are redshifted and the prior ends.

Run ``python benchmarks/snr_law.py docs/snr_law.png``.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from aframe_data import validation_waveforms
from aframe_data.figures.canvas import ACCEPTED, IFO_COLOURS, LAW, drawing, write_names
from aframe_data.figures.snr_law import label_snr
from aframe_data.formats import ledger

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aframe_data.types import FloatArray

#: Name in the picture, prior and approximant.
POPULATIONS = (
    ("binary neutron stars (end_o3_ratesandpops_bns)", "end_o3_ratesandpops_bns", "IMRPhenomPv2_NRTidal"),
    ("binary black holes (end_o3_ratesandpops)", "end_o3_ratesandpops", "IMRPhenomPv2"),
)

_COLOURS = (ACCEPTED, IFO_COLOURS["V1"], IFO_COLOURS["K1"], IFO_COLOURS["L1"])
#: Steps of a cumulative distribution that are drawn, and the number of signals that the ratio's axis shows whole.
_STEPS, _SURE = 2000, 50


def main() -> int:
    parser = argparse.ArgumentParser(description="SNRs of accepted signals beside the law of a Euclidean universe.")
    parser.add_argument("picture", type=Path)
    parser.add_argument("--num-signals", type=int, default=4000)
    parser.add_argument("--threshold", type=float, default=8.0)
    parser.add_argument("--psd", action="append", help="as of aframe-data; repeat it for H1=… and L1=…")
    options = parser.parse_args()
    snrs = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, prior, approximant in POPULATIONS:
            report = validation_waveforms(
                prior=prior,
                num_signals=options.num_signals,
                ifos=["H1", "L1"],
                psd=options.psd or "aLIGOZeroDetHighPower",
                sample_rate=2048,
                waveform_duration=8,
                output_file=Path(folder) / f"{prior}.hdf5",
                snr_threshold=options.threshold,
                generator_options={"approximant": approximant},
                seed=1,
            )
            snrs[name] = ledger.read_parameters(report.path)["snr"]
    draw_snr_law(options.picture, snrs, options.threshold)
    return 0


def draw_snr_law(path: Path, snrs: Mapping[str, FloatArray], threshold: float, *, title: str = "") -> None:
    r"""Draw the fraction of signals louder than each SNR, on the law :math:`\rho^{-3}`, and their ratio below.

    The band around the law is the Poisson error of as many signals as a population has.

    Parameters
    ----------
    path
        The picture: png, pdf or svg.
    snrs
        The SNRs (n,) of each population, by its name in the legend; those below the threshold are left out.
    threshold
        Where the law is normalised: all signals are louder.
    title
        Above the picture, as it is.

    Raises
    ------
    UsageError
        `path` has another suffix.
    AframeDataError
        The file cannot be written.
    """
    louder = [np.sort(snr[snr >= threshold])[::-1] for snr in snrs.values()]
    last = 1.1 * max([2 * threshold, *(float(snr.max(initial=0)) for snr in louder)])
    most = max([1, *map(len, louder)])
    rho = np.geomspace(threshold, last, 300)
    law = (threshold / rho) ** 3
    with drawing(path, 5.6, 5.4, layout="constrained") as figure:
        upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
        handles = upper.plot(rho, law, color=LAW, linestyle="--", linewidth=1, zorder=3)
        lower.axhline(1, color=LAW, linestyle="--", linewidth=1)
        farthest = 1.5
        for number, snr in enumerate(louder):
            colour = _COLOURS[number % len(_COLOURS)]
            for axes, unit in ((upper, len(snr)), (lower, law * len(snr))):
                _draw_band(axes, rho, law * len(snr), unit, colour)
            # The signals, and all of them at the threshold.
            ranks = np.unique(np.geomspace(1, max(len(snr), 1), _STEPS).astype(int))[: len(snr)]
            steps, fractions = np.append(snr[ranks - 1], threshold), np.append(ranks, len(snr)) / max(len(snr), 1)
            ratio = fractions * (steps / threshold) ** 3
            style = {"color": colour, "where": "post", "zorder": 4}
            handles += upper.step(steps, fractions, linewidth=1.3, **style)
            lower.step(steps, ratio, linewidth=1.1, **style)
            farthest = max(farthest, 1.1 * ratio[np.append(ranks, len(snr)) >= _SURE].max(initial=0))
        upper.set(yscale="log", ylim=(0.5 / most, 2), ylabel=r"$N(>\rho)\,/\,N(>\rho_\mathrm{thr})$")
        lower.set(ylim=(0.5, min(farthest, 4)), ylabel=r"ratio to law")
        label_snr(lower, threshold, last)
        upper.set_title(title, parse_math=False)
        legend = upper.legend([*handles[1:], handles[0]], [*map(str, range(len(snrs))), r"$\propto\rho^{-3}$"])
        write_names(legend, [f"{name} ({len(snr)})" for name, snr in zip(snrs, louder, strict=True)])
        figure.align_ylabels()


def _draw_band(axes: Any, rho: FloatArray, law: FloatArray, unit: FloatArray | float, colour: str) -> None:
    """The square root of the numbers that the law gives (above zero, of which a logarithm is drawn), around them."""
    if not law.any():
        return
    below, above = np.maximum(law - np.sqrt(law), 1e-3), law + np.sqrt(law)
    axes.fill_between(rho, below / unit, above / unit, color=colour, alpha=0.16, linewidth=0)


if __name__ == "__main__":
    sys.exit(main())
