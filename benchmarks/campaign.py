"""A campaign of Aframe's own size through the shipped workflow, beside the same draws in the reference's way.

    python benchmarks/campaign.py [--part 100]

The configuration is that of Aframe's review: 100 000 injections of IMRPhenomPv2 from end_o3_ratesandpops at SNR 4, 8 s
at 2048 Hz; their number divided by `--part`, in timeslides of 10 000 s of simulated detectors instead of 200 000 s.
Snakemake runs it on two cores: segments, strain, PSD, every branch and their joining.

The reference makes each draw in full. Between two looks at the workflow's end it is not run, since the workflow takes
all cores: its CPU time for a draw is measured before and after, and multiplied by the draws that the campaign took.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import h5py
import yaml
from rejection import reference_way, request_for
from watch import watch

from aframe_data.injections.noise import estimate_noise
from aframe_data.injections.validation import plan as plan_validation

START, SECONDS, REVIEW_SIGNALS = 1240579783, 10_000, 100_000
_DRAWS = 60


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", type=int, default=100, help="what the campaign's size is divided by")
    part = parser.parse_args().part
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        config = {
            "source": "simulated",
            "test_start": START,
            "test_end": START + SECONDS,
            "num_testing_signals": REVIEW_SIGNALS // part,
        }
        (folder / "config.yaml").write_text(yaml.safe_dump(config))
        before = seconds_a_draw(folder)
        usage = watch(command(folder))
        after = seconds_a_draw(folder)
        with h5py.File(folder / "waveforms" / "test" / "waveforms.hdf5") as file:
            accepted, drawn = int(file.attrs["length"]), int(file.attrs["num_injections"])
        branches = len(list((folder / "waveforms" / "test" / "branches").iterdir()))
    draw = (before + after) / 2
    print(
        f"review.yaml / {part}: {accepted} injections of {drawn} draws, {branches} branches, {SECONDS} s of background"
    )
    print(f"  workflow, two cores, all of it: {usage.seconds:.0f} s, CPU {usage.cpu_seconds:.0f} s")
    print(f"  the same draws in the reference's way: CPU {draw * drawn:.0f} s ({draw * 1e3:.1f} ms a draw)")
    print(f"  ratio of CPU times: {draw * drawn / usage.cpu_seconds:.1f}")


def command(folder: Path) -> list[str]:
    """What makes the campaign, and nothing of training."""
    script = str(Path(sys.executable).with_name("aframe-data"))
    data = subprocess.run([script, "snakefile"], capture_output=True, text=True, check=True).stdout.strip()
    settings = ["--snakefile", data, "--configfile", str(folder / "config.yaml"), "--directory", str(folder)]
    return [sys.executable, "-m", "snakemake", *settings, "--cores", "2", "-q", "--", "aggregate_testing_waveforms"]


def seconds_a_draw(folder: Path) -> float:
    """CPU time of the reference for one draw, made in full."""
    options = argparse.Namespace(
        prior="end_o3_ratesandpops", num_signals=16, psd=["aLIGODesignSensitivityT1800044"], snr_threshold=4.0, seed=1
    )
    plan = plan_validation(request_for("IMRPhenomPv2", options, folder / "reference.hdf5"))
    noise = plan.noise.unit(plan.unfinished, 0)
    noise.path.parent.mkdir(exist_ok=True)
    estimate_noise(noise)
    reference_way(plan, noise.path, 0, 2)  # imports, and tables that PyCBC makes once
    started = time.process_time()
    reference_way(plan, noise.path, 1, _DRAWS)
    return (time.process_time() - started) / _DRAWS


if __name__ == "__main__":
    main()
