"""The layouts of the search sensitivity files, read as their readers read them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import h5py
import lal
import numpy as np
import pytest
from precessing import campaign

from aframe_data import export
from aframe_data.errors import UsageError
from aframe_data.formats import ledger
from ledger_pieces import write_foreign

if TYPE_CHECKING:
    from pathlib import Path


def bilby() -> Any:
    """Give bilby as the plugins import it; collecting tests does not."""
    from aframe_data_priors.bilby_library import bilby as module

    return module


def exported(injections: Path, folder: Path, **options: Any) -> Path:
    return export(injections, to="lvk", export_options=options, output_file=folder / "lvk.hdf5").path


def bilby_spins(ours: dict[str, Any]) -> np.ndarray:
    """Inclination and the spins, (n, 7), by bilby's conversion."""
    names = ("theta_jn", "phi_jl", "tilt_1", "tilt_2", "phi_12", "a_1", "a_2")
    rows = zip(
        *(ours[name] for name in names),
        *(ours[name] * lal.MSUN_SI for name in ("mass_1", "mass_2")),
        *(ours[name] for name in ("reference_frequency", "phase")),
        strict=True,
    )
    return np.array([bilby().gw.conversion.bilby_to_lalsimulation_spins(*row) for row in rows], dtype=float)


def test_the_group_of_o3_has_what_readers_of_rates_take(injections: Path, tmp_path: Path) -> None:
    ours = ledger.read_parameters(injections)
    with h5py.File(exported(injections, tmp_path)) as file, h5py.File(injections) as own:
        found = file["injections"]
        assert file.attrs["total_generated"] == own.attrs["num_injections"]
        assert file.attrs["n_accepted"] + file.attrs["n_rejected"] == file.attrs["total_generated"]
        # Slide 1 of 2000 s, less what the PSD and the shift take.
        assert file.attrs["analysis_time_s"] == found.attrs["analysis_time_s"] == 2000 - 64 - 1
        for ours_name, name in (("mass_1", "mass1"), ("mass_2", "mass2")):
            np.testing.assert_array_equal(found[name], ours[ours_name])
            np.testing.assert_allclose(found[f"{name}_source"] * (1 + ours["redshift"]), ours[ours_name], rtol=1e-14)
        np.testing.assert_allclose(
            found["distance"],
            bilby().gw.conversion.redshift_to_luminosity_distance(ours["redshift"], "Planck15"),
            rtol=1e-5,
        )
        np.testing.assert_array_equal(found["gps_time"], ours["injection_time"])
        np.testing.assert_array_equal(found["optimal_snr_net"], ours["snr"])
        np.testing.assert_array_equal(found["optimal_snr_l"], ours["ifo_snrs"][:, 1])
        names = ("inclination", *(f"spin{body}{axis}" for body in (1, 2) for axis in "xyz"))
        np.testing.assert_allclose(np.stack([found[name] for name in names], axis=1), bilby_spins(ours), atol=1e-9)
        turned = [lal.GreenwichMeanSiderealTime(lal.LIGOTimeGPS(time)) for time in ours["injection_time"]]
        np.testing.assert_allclose(
            np.exp(1j * found["right_ascension"][()]), np.exp(1j * (ours["ra"] + turned)), atol=1e-9
        )


def test_the_table_of_o4_says_the_same(injections: Path, tmp_path: Path) -> None:
    (tmp_path / "o4").mkdir()
    with (
        h5py.File(exported(injections, tmp_path)) as group,
        h5py.File(exported(injections, tmp_path / "o4", layout="o4")) as table,
    ):
        events, same = table["events"][()], group["injections"]
        assert table.attrs["total_generated"] == group.attrs["total_generated"]
        assert table.attrs["total_analysis_time"] == group.attrs["analysis_time_s"]
        assert list(table.attrs["searches"]) == []
        renamed = {"luminosity_distance": "distance", "time_geocenter": "gps_time", "mass1_detector": "mass1"}
        renamed |= {"mass2_detector": "mass2", "estimated_optimal_snr_net": "optimal_snr_net"}
        renamed |= {"estimated_optimal_snr_H1": "optimal_snr_h", "estimated_optimal_snr_L1": "optimal_snr_l"}
        density = "lnpdraw_mass1_source_mass2_source_redshift_spin1x_spin1y_spin1z_spin2x_spin2y_spin2z"
        ours = {"dluminosity_distance_dredshift", "semianalytic_observed_phase_maximized_snr_net"}
        angles = ("magnitude", "polar_angle", "azimuthal_angle")
        ours |= {f"spin{body}_{name}" for body in (1, 2) for name in angles}
        names = {name for name in events.dtype.names if not name.startswith("lnpdraw")} - {"weights"} - ours
        assert {renamed.get(name, name) for name in names} == {name for name in same if "sampling_pdf" not in name}
        np.testing.assert_allclose(np.exp(events[density]), same["sampling_pdf"])
        for name in names:
            np.testing.assert_array_equal(events[name], same[renamed.get(name, name)])
        assert (events["weights"] == 1).all()


def test_the_seconds_that_were_searched_can_be_said(injections: Path, tmp_path: Path) -> None:
    with h5py.File(exported(injections, tmp_path, analysis_time=86400)) as file:
        assert file.attrs["analysis_time_s"] == 86400


def test_a_file_that_does_not_say_its_livetime_needs_it_said(injections: Path, tmp_path: Path) -> None:
    arrays = {f"parameters/{name}": values for name, values in ledger.read_parameters(injections).items()}
    attributes = {"length": 3, "num_injections": 9, "ifos": ["H1", "L1"]}
    foreign = write_foreign(tmp_path / "foreign.hdf5", {"attributes": attributes, "arrays": arrays})
    with pytest.raises(UsageError, match="give --lvk-analysis-time"):
        exported(foreign, tmp_path)
    assert exported(foreign, tmp_path, analysis_time=10).exists()


def test_the_density_of_the_draws_is_that_of_the_population(injections: Path, tmp_path: Path) -> None:
    """Over masses of the source frame, redshift and Cartesian spins: power laws, a volume, and shells of spin."""
    volume = bilby().gw.prior.UniformComovingVolume(0, 2, name="redshift", cosmology="Planck15")
    with h5py.File(exported(injections, tmp_path)) as file:
        found = {name: item[()] for name, item in file["injections"].items()}
    first, second = found["mass1_source"], found["mass2_source"]
    expected = first**-2.35 * 1.35 / (5**-1.35 - 100**-1.35) * 2 * second / (first**2 - 25)
    expected *= volume.prob(found["redshift"])
    for body in (1, 2):
        squared = sum(found[f"spin{body}{axis}"] ** 2 for axis in "xyz")
        expected /= 4 * np.pi * squared * 0.998
    np.testing.assert_allclose(found["sampling_pdf"], expected, rtol=1e-6)


def test_signals_without_a_density_are_exported_without_it(
    injections: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    replayed = campaign(tmp_path / "again", prior=injections, snr_threshold=0)
    with h5py.File(exported(replayed, tmp_path)) as file:
        assert "sampling_pdf" not in file["injections"]
    assert "exported without the density of its draws: prior 'parameter-file' does not give its density" in caplog.text
