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

from aframe_data import validation_waveforms
from aframe_data.figures.snr_law import draw_snr_law
from aframe_data.formats import ledger

#: Name in the picture, prior and approximant.
POPULATIONS = (
    ("binary neutron stars (end_o3_ratesandpops_bns)", "end_o3_ratesandpops_bns", "IMRPhenomPv2_NRTidal"),
    ("binary black holes (end_o3_ratesandpops)", "end_o3_ratesandpops", "IMRPhenomPv2"),
)


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


if __name__ == "__main__":
    sys.exit(main())
