"""Aframe's side of the contract: the command lines of its data.smk, and its readers, written from its description.

Nothing of aframe_data is imported here: what these readers take is what Aframe takes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import h5py
import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

BASE_PARAMETERS = (
    "mass_1", "mass_2", "a_1", "a_2", "tilt_1", "tilt_2", "phi_12", "phi_jl", "ra", "dec", "redshift", "psi",
    "theta_jn", "phase",
)  # fmt: skip

SIGNALS = [
    "--prior",
    "priors.priors.end_o3_ratesandpops",
    "--sample_rate",
    "2048.0",
    "--waveform_duration",
    "8.0",
    "--minimum_frequency",
    "20.0",
    "--reference_frequency",
    "50.0",
    "--right_pad",
    "2.0",
    "--waveform_approximant",
    "IMRPhenomPv2",
]
NETWORK = [
    "--ifos",
    "[H1,L1]",
    "--highpass",
    "32.0",
    "--lowpass",
    "null",
    "--snr_threshold",
    "4.0",
    "--max_num_samples",
    "3000",
]


def segments_line(
    start: float,
    end: float,
    output: str,
    *,
    flags: str = "[H1_DATA,L1_DATA]",
    server: str = "https://segments.igwn.org",
) -> list[str]:
    """How the rule generate_segments calls its script."""
    return [
        *("generate-segments", "--flags", flags, "--start", f"{start}", "--end", f"{end}"),
        *("--min_duration", "128.0", "--segment_server", server, "--output_file", output),
    ]


def fetch_line(start: int, end: int, output: str) -> list[str]:
    """How the rule fetch_background calls its script."""
    return [
        *("fetch-data", "--start", f"{start}", "--end", f"{end}", "--channels", "[H1,L1]"),
        *("--sample_rate", "2048.0", "--output_file", output),
    ]


def training_line(number: int, output: str) -> list[str]:
    """How the rule training_waveforms_branch calls its script."""
    return ["generate-training-waveforms", "--num_signals", f"{number}", *SIGNALS, "--output_file", output]


def validation_line(number: int, seed: int, psd: str, output: str) -> list[str]:
    """How the rule val_waveforms_branch calls its script."""
    asked = ["--num_signals", f"{number}", "--psd", psd, "--seed", f"{seed}", "--output_file", output]
    return ["generate-validation-waveforms", *asked, *SIGNALS, *NETWORK]


@dataclass(frozen=True)
class Branch:
    """One branch of a campaign, as data.smk hands it over: start and end are final."""

    start: float
    end: float
    shifts: tuple[float, ...] = (0.0, 1.0)
    spacing: float = 16.0
    buffer: float = 16.0
    jitter: float = 1.0
    duration: float = 8.0
    seed: int = 1122

    def times(self) -> np.ndarray:
        """The grid of its injections, before the jitter."""
        margin = self.buffer + self.duration // 2
        return np.arange(self.start + margin, self.end - margin, self.spacing + self.duration)

    def line(self, psd: str, waveforms: str, rejected: str) -> list[str]:
        """How the rule testing_waveforms_branch calls its script."""
        shifts = "[" + ",".join(map(str, self.shifts)) + "]"
        return [
            *("generate-testing-waveforms", "--start", f"{self.start}", "--end", f"{self.end}", "--shifts", shifts),
            *("--spacing", f"{self.spacing}", "--buffer", f"{self.buffer}", "--jitter", f"{self.jitter}"),
            *("--seed", f"{self.seed}", "--psd_file", psd, *SIGNALS, *NETWORK),
            *("--waveforms_file", waveforms, "--rejected_file", rejected),
        ]


@dataclass(frozen=True)
class Ledger:
    """What Aframe's ledger reads of a file: attributes, parameters and waveforms; detectors sorted by their names."""

    attributes: dict[str, object]
    parameters: dict[str, np.ndarray]
    waveforms: dict[str, np.ndarray]

    def __len__(self) -> int:
        return int(self.attributes["length"])  # type: ignore[call-overload]


def read_ledger(path: Path, *, waveforms: tuple[str, ...] = ()) -> Ledger:
    """Read a file as the ledger does: a missing dataset raises, lengths are checked, all else is ignored."""
    with h5py.File(path) as file:
        found = Ledger(
            {name: value.tolist() if isinstance(value, np.ndarray) else value for name, value in file.attrs.items()},
            {name: item[:] for name, item in file["parameters"].items()},
            {name: file["waveforms"][name][:] for name in sorted(waveforms)},
        )
    assert all(len(found.parameters[name]) == len(found) for name in BASE_PARAMETERS)
    if waveforms:
        size = round(found.attributes["duration"] * found.attributes["sample_rate"])  # type: ignore[operator]
        assert all(values.shape == (len(found), size) for values in found.waveforms.values())
        assert found.attributes["num_injections"] >= len(found)  # type: ignore[operator]
    return found


def injections_within(path: Path, start: float, end: float, shifts: list[float]) -> np.ndarray:
    """The rows that inference finds for a stretch of background: by time, and by exactly equal shifts."""
    found = read_ledger(path, waveforms=("h1", "l1"))
    before = found.attributes["duration"] - found.attributes["right_pad"]  # type: ignore[operator]
    times = found.parameters["injection_time"]
    near = (times >= start - before) & (times <= end + before)
    return np.flatnonzero(near & (found.parameters["shift"] == np.array(shifts)).all(axis=1))


def read_psd(path: Path, waveform_duration: float) -> dict[str, np.ndarray]:
    """The densities as the waveform scripts read them: `df` is compared exactly, each detector is a bare dataset."""
    with h5py.File(path) as file:
        if file.attrs["df"] != 1 / waveform_duration:
            raise ValueError("another df")
        return {name: item[:] for name, item in file.items()}


def read_background(path: Path, sample_rate: float, ifos: tuple[str, ...] = ("H1", "L1")) -> dict[str, np.ndarray]:
    """Strain as training reads it: the rate must be exact, and the span is in the name."""
    start, duration = map(int, path.stem.split("-")[1:])
    with h5py.File(path) as file:
        for item in (file[ifo] for ifo in ifos):
            assert 1 / item.attrs["dx"] == sample_rate
            assert item.attrs["x0"] == start
            assert len(item) == duration * sample_rate
        return {ifo: file[ifo][:] for ifo in ifos}


def write_psd(path: Path, densities: dict[str, np.ndarray], df: float) -> None:
    """A file as compute_psd.py writes it: one attribute, and nothing else but the densities."""
    with h5py.File(path, "w") as file:
        file.attrs["df"] = df
        for ifo, values in densities.items():
            file[ifo] = values
