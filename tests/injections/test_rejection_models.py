"""LAL's models: rejection by estimates ends with the files of full evaluation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from burst_runs import assert_exact, contents

from aframe_data import validation_waveforms

if TYPE_CHECKING:
    from pathlib import Path


pytestmark = pytest.mark.usefixtures("calibrating")


@pytest.fixture(scope="module")
def equal_masses(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("prior") / "equal.prior"
    lines = [
        "mass_1 = Uniform(name='mass_1', minimum=10, maximum=60)",
        "mass_ratio = 1.0",
        "redshift = bilby.gw.prior.UniformComovingVolume(name='redshift', minimum=0.02, maximum=1)",
        *(f"a_{body} = Uniform(name='a_{body}', minimum=0, maximum=0.9)" for body in (1, 2)),
        *(f"tilt_{body} = Sine(name='tilt_{body}')" for body in (1, 2)),
        *(f"{name} = Uniform(name='{name}', minimum=0, maximum=6.28)" for name in ("phi_12", "phi_jl", "ra", "phase")),
        "psi = Uniform(name='psi', minimum=0, maximum=3.14)",
        "dec = Cosine(name='dec')",
        "theta_jn = Sine(name='theta_jn')",
    ]
    path.write_text("\n".join(lines))
    return str(path)


def lal_settings(shared_data: Path, **changes: Any) -> dict[str, Any]:
    psd = {ifo: shared_data / "psd" / f"aligo_O3actual_{ifo}.txt" for ifo in ("H1", "L1")}
    grid = {"sample_rate": 1024, "waveform_duration": 2, "right_pad": 0.5}
    return {"generator": "auto", "psd": psd, **grid, "workers": 0, "num_signals": 12, **changes}


@pytest.mark.slow
@pytest.mark.parametrize("threshold", [4, 8])
@pytest.mark.parametrize(
    "model",
    [
        ("end_o3_ratesandpops", "IMRPhenomPv2"),
        ("spin_bbh", "IMRPhenomPv2"),
        ("end_o3_ratesandpops", "IMRPhenomXPHM"),
        ("spin_bbh", "IMRPhenomXPHM"),
        ("nonspin_bbh", "IMRPhenomD"),
        ("end_o3_ratesandpops_bns", "IMRPhenomPv2_NRTidal"),
        ("equal masses", "IMRPhenomPv2"),
        ("nonspin_bbh", "IMRPhenomT"),
    ],
)
def test_lals_models_are_exact(
    shared_data: Path, equal_masses: str, tmp_path: Path, model: tuple[str, str], threshold: float
) -> None:
    prior, approximant = model
    settings = lal_settings(
        shared_data,
        prior=equal_masses if prior == "equal masses" else prior,
        generator_options={"approximant": approximant},
        snr_threshold=threshold,
    )
    report, _ = assert_exact(tmp_path, tmp_path, **settings)
    if prior == "equal masses" or approximant == "IMRPhenomT":
        assert report.audited == 0
    else:
        flags = contents(tmp_path / "estimated" / "rejected.hdf5")["parameters/snr_is_estimate"]
        assert flags.mean() > 0.5


@pytest.mark.slow
def test_a_real_model_is_exact_in_noise_with_lines(shared_data: Path, tmp_path: Path) -> None:
    """In windows of eight seconds, whose grid resolves the lines of the detectors' noise."""
    long = {"sample_rate": 2048, "waveform_duration": 8, "right_pad": 2, "snr_threshold": 8}
    options = {"prior": "nonspin_bbh", "generator_options": {"approximant": "IMRPhenomD"}}
    assert_exact(tmp_path, tmp_path, **lal_settings(shared_data, **long, **options))


@pytest.mark.slow
def test_a_built_in_model_runs_through_the_public_function(shared_data: Path, tmp_path: Path) -> None:
    settings = lal_settings(shared_data, prior="nonspin_bbh", generator_options={"approximant": "IMRPhenomD"})
    del settings["generator"]
    report = validation_waveforms(**settings, ifos=["H1", "L1"], seed=1, output_file=tmp_path / "val.hdf5")
    assert report.num_injections >= 12
    assert (contents(tmp_path / "val.hdf5")["parameters/snr"] >= 4).all()
