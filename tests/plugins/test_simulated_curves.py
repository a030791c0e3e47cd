"""Noise curves of the simulated detectors: which is whose, and what the filter can follow."""

from __future__ import annotations

import numpy as np
import pytest

from aframe_data.errors import UsageError
from aframe_data.psd.curves import curve_names, load_curve
from aframe_data.types import StrainRequest
from aframe_data_plugins.simulated.noise import filter_response
from aframe_data_plugins.simulated.options import StrainOptions
from aframe_data_plugins.simulated.strain import SimulatedStrain


def test_each_interferometer_can_have_its_own_curve(tmp_path):
    path = tmp_path / "flat.txt"
    path.write_text("10 1e-20\n4000 1e-20\n")
    source = SimulatedStrain(StrainOptions(psd=("aLIGOZeroDetHighPower", "V1=AdV"), asd=(f"L1={path}",)))
    answer = source.fetch(StrainRequest(("H1", "L1", "V1"), 1000, 1008, 512))
    origins = [series.pieces[0].origin for series in answer.values()]
    assert "aLIGOZeroDetHighPower" in origins[0]
    assert "flat.txt" in origins[1]
    assert "AdV" in origins[2]
    # White noise of 1e-20 / sqrt(Hz) between 10.4 and 256 Hz; 4096 samples: 1.1 % a standard deviation.
    assert answer["L1"].data.std() == pytest.approx(1e-20 * np.sqrt(256 - 10.2), rel=0.06)


@pytest.mark.parametrize("psd", [("AdV", "KAGRA"), ("H1=AdV", "H1=KAGRA")])
def test_two_curves_for_one_interferometer_are_refused(psd):
    with pytest.raises(UsageError, match="two noise curves for"):
        SimulatedStrain(StrainOptions(psd=psd))


def test_a_measured_curve_of_the_third_run_is_followed_between_its_lines(shared_data):
    curve = load_curve(str(shared_data / "psd" / "aligo_O3actual_H1.txt"), "asd")
    response = filter_response(curve, 2048)
    frequencies = np.arange(response.size) / 128
    band = (frequencies > 20) & (frequencies < 900)
    ratio = (response[band] / (curve.amplitude(frequencies[band]) * 32)) ** 2
    # Its lines are one point wide on a grid of 0.25 Hz: the filter rounds their tops.
    assert np.mean(np.abs(ratio - 1) < 0.05) > 0.97


@pytest.mark.slow
def test_every_curve_with_a_name_makes_noise_or_says_why_not():
    refused = []
    for name in curve_names():
        try:
            SimulatedStrain(StrainOptions(psd=(name,)))
        except UsageError as error:
            refused.append(str(error))
    assert all("raise --simulated-minimum-frequency" in message for message in refused)
    assert len(refused) < 4


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"asd": ("{file}",)}, "spans more than 1e.12 in amplitude, more than a filter can"),
        ({"psd": ("aLIGO_O4_hihg",)}, "--simulated-psd: unknown noise curve 'aLIGO_O4_hihg'. Did you mean"),
        ({"minimum_frequency": 6000.0}, "--simulated-psd: .* ends at 4989.94 Hz, and a minimum frequency of 6000 Hz"),
    ],
)
def test_a_curve_that_makes_no_noise_is_refused_with_its_option(tmp_path, options, message):
    file = tmp_path / "curve.txt"
    file.write_text("10 1\n20 1e-30\n")
    filled = {
        name: tuple(item.format(file=file) for item in value) if isinstance(value, tuple) else value
        for name, value in options.items()
    }
    with pytest.raises(UsageError, match=message):
        SimulatedStrain(StrainOptions(**filled))
