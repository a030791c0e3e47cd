"""What readers of search sensitivity files make of ours: the fraction of a population that a search finds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import h5py
import lvk_readers
import numpy as np
import pytest

from aframe_data import export
from aframe_data.errors import UsageError
from aframe_data.plugin.binary import complete
from aframe_data.registry.choice import choose
from ledger_pieces import write_ours

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DRAWN = 20_000
#: Of a loudness in units of our own: of the injections that are kept, and of those that the search finds.
KEPT, FOUND = 0.0025, 0.003
#: Standard errors, of a twentieth each, by which a fraction may be off: the seeds are these and no others.
FAR_OFF = 2.0
SEARCH = "aframe"
YEARS = 2.0


class Population(NamedTuple):
    """Draws of a prior, as a generator gets them, and how loud they are."""

    prior: Any
    draw: dict[str, np.ndarray]
    loudness: np.ndarray


def population(name: str, seed: int, **options: float) -> Population:
    prior = choose("prior", name, options).create()
    asked = {"frame": prior.frame, "cosmology": "Planck15", "minimum_frequency": 20, "reference_frequency": 50}
    draw = complete(prior.sample(DRAWN, np.random.default_rng(seed)), **asked)
    chirp_mass = (draw["mass_1"] * draw["mass_2"]) ** 0.6 / (draw["mass_1"] + draw["mass_2"]) ** 0.2
    return Population(prior, draw, chirp_mass ** (5 / 6) / draw["luminosity_distance"])


@pytest.fixture(scope="module")
def injections(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Injections of Aframe's population that are loud enough, with the rates that a search gave them beside them."""
    folder = tmp_path_factory.mktemp("sensitivity")
    drawn = population("end_o3_ratesandpops", 1)
    kept = drawn.loudness > KEPT
    columns = {name: values[kept] for name, values in drawn.draw.items() if name != "luminosity_distance"}
    count = int(kept.sum())
    columns["injection_time"] = 1240579783 + np.arange(count) * 8.0
    columns["snr"] = 1000 * drawn.loudness[kept]
    np.savetxt(folder / "rates.txt", np.where(drawn.loudness[kept] > FOUND, 0.1, np.inf))
    return write_ours(
        folder / "waveforms.hdf5",
        {
            "attributes": {"length": count, "num_injections": DRAWN, "ifos": ["H1", "L1"]},
            "arrays": {f"parameters/{name}": values for name, values in columns.items()},
        },
        prior=choose("prior", "end_o3_ratesandpops").describe(),
        cosmology="Planck15",
    )


@pytest.fixture(scope="module")
def target() -> Population:
    """Another population, of which the search finds a fraction."""
    return population("gaussian_masses", 2, m1=30, m2=20, sigma=8)


def exported(injections: Path, folder: Path, **options: Any) -> Path:
    options = {"analysis_time": YEARS * lvk_readers.YEAR, "far": injections.parent / "rates.txt", **options}
    return export(injections, to="lvk", export_options=options, output_file=folder / "lvk.hdf5").path


def distances(redshift: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Luminosity distance in Mpc, and its derivative by steps of redshift."""
    from astropy.cosmology import Planck15

    far, near, step = (Planck15.luminosity_distance(redshift + step).value for step in (1e-4, -1e-4, 0.0))
    return step, (far - near) / 2e-4


def ln_target(target: Population, values: dict[str, np.ndarray]) -> np.ndarray:
    """The logarithm of the other population's density, over the variables that a reader has and no others."""
    values = dict(values)
    jacobian = np.zeros(len(values["mass_1"]))
    if "luminosity_distance" in values:
        grid = np.linspace(1e-3, 2, 20_001)
        redshift = values["redshift"] = np.interp(values.pop("luminosity_distance"), distances(grid)[0], grid)
        jacobian -= 2 * np.log(1 + redshift) + np.log(distances(redshift)[1])
        values |= {name: values[name] / (1 + redshift) for name in ("mass_1", "mass_2")}
    if "mass_ratio" in values:
        values["mass_2"] = values.pop("mass_ratio") * values["mass_1"]
        jacobian += np.log(values["mass_1"])
    for body in (1, 2):
        if f"cos_tilt_{body}" in values:
            values[f"tilt_{body}"] = np.arccos(values.pop(f"cos_tilt_{body}"))
            jacobian -= np.log(np.sin(values[f"tilt_{body}"]))
    anything = {name: np.full(len(jacobian), 0.5) for name in target.prior.parameters}
    factors = target.prior.ln_factors({**anything, **values})
    return jacobian + sum(factor for of, factor in factors.items() if {*of} <= {*values})


def require_the_fraction(target: Population, read: lvk_readers.Injections) -> None:
    """That of the other population which is found, by its own draws and by the weights of the injections."""
    weights = np.exp(ln_target(target, read.values)) / read.density
    estimate = weights.sum() / read.total_generated
    error = np.sqrt((weights**2).sum()) / read.total_generated
    expected = np.mean(target.loudness > FOUND)
    assert 0.02 < expected < 0.5
    assert error < 0.05 * expected
    assert estimate == pytest.approx(expected, abs=FAR_OFF * np.hypot(error, np.sqrt(expected / DRAWN)))
    assert read.years == pytest.approx(YEARS)


@pytest.mark.parametrize("reader", [lvk_readers.gwpopulation_pipe])
def test_readers_of_o3_find_the_fraction_of_another_population(
    injections: Path, target: Population, tmp_path: Path, reader: Callable[[Path], lvk_readers.Injections]
) -> None:
    require_the_fraction(target, reader(exported(injections, tmp_path)))


@pytest.mark.parametrize("reader", [lvk_readers.gwinferno, lvk_readers.gwkokab, lvk_readers.icarogw_o4])
def test_readers_of_o4_find_the_fraction_of_another_population(
    injections: Path, target: Population, tmp_path: Path, reader: Callable[[Path], lvk_readers.Injections]
) -> None:
    require_the_fraction(target, reader(exported(injections, tmp_path, layout="o4")))


def test_readers_of_factors_find_the_fraction_of_another_population(
    injections: Path, target: Population, tmp_path: Path
) -> None:
    path = exported(injections, tmp_path)
    with h5py.File(path) as file:
        slope = distances(file["injections/redshift"][()])[1]
    require_the_fraction(target, lvk_readers.icarogw_o3(path, SEARCH, slope))


def test_the_factors_are_those_of_the_density(injections: Path, tmp_path: Path) -> None:
    with h5py.File(exported(injections, tmp_path)) as file:
        found = {name: item[()] for name, item in file["injections"].items()}
    names = ("mass1_source_mass2_source", "redshift", "spin1x_spin1y_spin1z", "spin2x_spin2y_spin2z")
    np.testing.assert_allclose(
        np.prod([found[f"{name}_sampling_pdf"] for name in names], axis=0), found["sampling_pdf"], rtol=1e-10
    )
    squared = sum(found[f"spin1{axis}"] ** 2 for axis in "xyz")
    np.testing.assert_allclose(found["spin1x_spin1y_spin1z_sampling_pdf"], 1 / (4 * np.pi * squared * 0.998), rtol=1e-9)
    np.testing.assert_allclose(found["declination_sampling_pdf"], np.cos(found["declination"]) / 2)
    np.testing.assert_allclose(found["inclination_sampling_pdf"], np.sin(found["inclination"]) / 2)
    assert (found["right_ascension_sampling_pdf"] == 1 / (2 * np.pi)).all()
    assert (found["polarization_sampling_pdf"] == 1 / np.pi).all()


def test_the_slope_of_the_distance_and_the_spins_are_those_of_the_other_columns(
    injections: Path, tmp_path: Path
) -> None:
    with h5py.File(exported(injections, tmp_path, layout="o4")) as file:
        events = file["events"][()]
        assert list(file.attrs["searches"]) == [SEARCH]
    np.testing.assert_allclose(events["dluminosity_distance_dredshift"], distances(events["redshift"])[1], rtol=1e-5)
    magnitude, polar, azimuth = (events[f"spin2_{name}"] for name in ("magnitude", "polar_angle", "azimuthal_angle"))
    np.testing.assert_allclose(magnitude * np.sin(polar) * np.cos(azimuth), events["spin2x"], atol=1e-12)
    np.testing.assert_allclose(magnitude * np.sin(polar) * np.sin(azimuth), events["spin2y"], atol=1e-12)
    np.testing.assert_allclose(magnitude * np.cos(polar), events["spin2z"], atol=1e-12)


def test_without_rates_there_are_no_columns_of_a_search(injections: Path, tmp_path: Path) -> None:
    with h5py.File(exported(injections, tmp_path, far=None)) as file:
        assert not [name for name in file["injections"] if "far" in name]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("1 2 three", "--lvk-far '{}' cannot be read: "),
        ("1 2 3", "--lvk-far '{}' has 3 numbers, and there are "),
        (None, "cannot read --lvk-far '{}': No such file or directory."),
        ("-1", "--lvk-far '{}' has rates that are not 0 or more"),
    ],
)
def test_rates_that_are_none_are_told_in_a_line(
    injections: Path, tmp_path: Path, text: str | None, told: str, cli: Callable[..., Any]
) -> None:
    rates = tmp_path / "rates.txt"
    if text is not None:
        count = len(np.loadtxt(injections.parent / "rates.txt"))
        rates.write_text("\n".join([text] * count) if text == "-1" else text)
    options = ("--lvk-far", rates, "--lvk-analysis-time", 10)
    done = cli("export", injections, "--to", "lvk", *options, "-o", tmp_path / "lvk.hdf5")
    (line,) = done.err.splitlines()
    assert done.code == 2
    assert line.startswith(f"aframe-data: error: {told.format(rates)}")
    assert not (tmp_path / "lvk.hdf5").exists()


def test_a_search_has_a_name_that_a_column_can_have(injections: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--lvk-search must be of letters"):
        exported(injections, tmp_path, search="my search")


def test_what_cannot_be_given_is_told_in_one_line(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Masses of the detector frame are not independent of the redshift in that of the source; spins may be fixed."""
    drawn = population("nonspin_bbh", 3)
    columns = {f"parameters/{name}": values[:4] for name, values in drawn.draw.items()}
    columns |= {"parameters/injection_time": np.arange(4.0), "parameters/snr": np.arange(4.0)}
    attributes = {"length": 4, "num_injections": 9, "ifos": ["H1"]}
    record = {"prior": choose("prior", "nonspin_bbh").describe(), "cosmology": "Planck15"}
    file = write_ours(tmp_path / "nonspin.hdf5", {"attributes": attributes, "arrays": columns}, **record)
    with h5py.File(exported(file, tmp_path, far=None)) as made:
        assert not [name for name in made["injections"] if "sampling_pdf" in name]
    assert [record.getMessage().partition("exported ")[2] for record in caplog.records] == [
        "without the density of its draws: the prior does not draw all masses, spins and angles of a binary.",
        (
            "without mass1_source_mass2_source_sampling_pdf and redshift_sampling_pdf: in the frame of the source, "
            "mass_1, mass_2 are not independent of redshift in the prior."
        ),
    ]


def test_masses_and_redshift_are_given_where_spins_are_not(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    prior = tmp_path / "aligned.prior"
    angles = (
        "dec = Cosine()\nra = Uniform(0, 6.283)\ntheta_jn = Sine()\npsi = Uniform(0, 3.1415)\nphase = Uniform(0, 6.283)"
    )
    prior.write_text(
        f"mass_1 = Uniform(30, 50)\nmass_2 = Uniform(10, 30)\nredshift = Uniform(0.1, 0.5)\n{angles}\n"
        "chi_1 = Uniform(-0.5, 0.5)\nchi_2 = Uniform(-0.5, 0.5)\n"
    )
    choice = choose("prior", str(prior), {"bilby-file-frame": "source"})
    draw = complete(
        choice.create().sample(4, np.random.default_rng(1)),
        frame="source", cosmology="Planck15", minimum_frequency=20, reference_frequency=50,
    )  # fmt: skip
    columns = {f"parameters/{name}": values for name, values in draw.items()}
    columns |= {"parameters/injection_time": np.arange(4.0), "parameters/snr": np.arange(4.0)}
    attributes = {"length": 4, "num_injections": 9, "ifos": ["H1"]}
    file = write_ours(
        tmp_path / "a.hdf5",
        {"attributes": attributes, "arrays": columns},
        prior=choice.describe(),
        cosmology="Planck15",
    )
    with h5py.File(exported(file, tmp_path, far=None)) as made:
        found = {name: item[()] for name, item in made["injections"].items() if "sampling_pdf" in name}
    assert {*found} == {"mass1_source_mass2_source_sampling_pdf", "redshift_sampling_pdf"}
    np.testing.assert_allclose(found["mass1_source_mass2_source_sampling_pdf"], 1 / 400)
    np.testing.assert_allclose(found["redshift_sampling_pdf"], 2.5)
    assert len(caplog.records) == 1
