"""Workers begin with what takes long to import, and this process does not import it too."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from plugin_factory import run_python

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="elsewhere workers import for themselves"),
]

#: What of it takes a tenth of a second and more.
SLOW = ("astropy", "bilby", "lal", "lalsimulation", "numpy", "pandas", "scipy")

RUN = """
import json, sys, units
from aframe_data.requests.validation import ValidationWaveforms
from aframe_data.requests.waveforms import TrainingWaveforms
from aframe_data.work.carry_out import carry_out
from aframe_data.work.engine import engine_for
from aframe_data.work.plan import Work

signals = dict(
    prior="end_o3_ratesandpops", num_signals=1, sample_rate=1024, waveform_duration=4, seed=1, workers=1,
    generator_options={"waveform_approximant": "IMRPhenomPv2"}, output_file=sys.argv[1],
)
if sys.argv[2] == "training":
    request = TrainingWaveforms(**signals)
else:
    request = ValidationWaveforms(**signals, ifos=["H1"], snr_threshold=0.1, psd="aLIGOZeroDetHighPower")
with engine_for(1) as engine:
    engine.prepare(request.planned().modules)
    (before,) = engine.run(units.modules, [0])
    carry_out(request, Work(engine))
    (after,) = engine.run(units.modules, [0])
print(json.dumps([before.result, after.result, [*sys.modules]]))
"""


@pytest.mark.parametrize("what", ["training", "validation"])
def test_nothing_slow_is_imported_twice(what: str, tmp_path: Path) -> None:
    code = f"import sys; sys.argv[1:] = [{str(tmp_path / 'signals.hdf5')!r}, {what!r}]\n{RUN}"
    done = run_python(code, folders=(Path(__file__).resolve().parent.parent / "work",))
    assert done.returncode == 0, done.stderr
    before, after, ours = (set(names) for names in json.loads(done.stdout))
    assert {"bilby", "lalsimulation", "astropy.cosmology"} <= before
    assert [name for name in sorted(after - before) if name.startswith(SLOW)] == []
    assert not ours & {"astropy", "bilby", "pandas", "scipy.stats", "scipy.special"}
