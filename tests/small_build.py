"""A configuration of a data set that is made in seconds, and the data set."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from aframe_data.cli.app import run

if TYPE_CHECKING:
    from pathlib import Path

#: All stages, in seconds: short signals of heavy binaries, and as little background as a PSD needs.
SMALL = """\
seed = 7
workers = 0
ifos = ["H1", "L1"]
sample_rate = 1024
waveform_duration = 2
right_pad = 0.5
prior = "gaussian_masses"
source = "simulated"

[lalsimulation]
waveform_approximant = "IMRPhenomPv2"

[gaussian_masses]
m1 = 35
m2 = 30

[simulated]
duty_cycle = 1

[query]
flags = ["H1_DATA", "L1_DATA"]

[fetch]
dtype = "float32"

[train]
start = 1240579783
end = 1240581831

[test]
start = 1240590000
end = 1240592100

[training-waveforms]
num_signals = 9

[validation-waveforms]
num_signals = 4
snr_threshold = 1

[testing-waveforms]
num_signals = 5
shifts = [0, 1]
snr_threshold = 1
"""


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data set without a report, which no test changes; the configuration lies beside it."""
    folder = tmp_path_factory.mktemp("built")
    (folder / "small.toml").write_text(SMALL)
    assert run(["build", str(folder / "small.toml"), "-o", str(folder / "data"), "--quiet", "--no-report"]) == 0
    return folder / "data"
