"""The built-in priors, a plugin like any other: what there is, and where it is. Nothing here imports bilby."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aframe_data.plugin.hooks import hookimpl
from aframe_data.plugin.records import Frame, PriorProvider
from aframe_data_priors.options import (
    BilbyCallableOptions,
    BilbyFileOptions,
    GaussianMassesOptions,
    LogNormalMassesOptions,
    ParameterFileOptions,
    PopulationOptions,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

_EXTRINSIC = ("dec", "ra", "theta_jn", "phase", "psi")
_SPINS = ("a_1", "a_2", "tilt_1", "tilt_2", "phi_12", "phi_jl")
_BINARY = ("mass_1", "mass_2", "redshift", *_SPINS, *_EXTRINSIC)
#: As the reference groups them: the polarization angle is of `uniform_spin` there.
_SKY = ("dec", "ra", "theta_jn", "phase")
_RINGDOWN = ("quality", "frequency", "distance", *_EXTRINSIC)


def _population(
    name: str,
    summary: str,
    class_name: str,
    frame: Frame,
    *,
    options: type | None = PopulationOptions,
    parameters: tuple[str, ...] = _BINARY,
    reference: str = "",
) -> PriorProvider:
    """One of the reference's populations, which calls it `reference` where it has another name here."""
    names = dict.fromkeys((name, reference or name))
    return PriorProvider(
        name=name,
        summary=summary,
        load=f"aframe_data_priors.populations:{class_name}",
        options=options,
        aliases=tuple(
            alias
            for known in names
            for alias in (known, f"priors.priors.{known}", f"data.priors.priors.{known}")
            if alias != name
        ),
        automatic=False,
        parameters=parameters,
        frame=frame,
    )


@hookimpl
def register_priors() -> Iterator[PriorProvider]:
    """Give the built-in populations, and the two ways to bring one's own."""
    yield _population(
        "end_o3_ratesandpops",
        "Binary black holes: power laws in mass (5 to 100 solar masses), isotropic spins, redshift up to 2",
        "EndO3RatesAndPops",
        "source",
    )
    yield _population(
        "end_o3_ratesandpops_bns",
        "Binary neutron stars: 1 to 2.5 solar masses, spins up to 0.4, redshift up to 0.15",
        "EndO3RatesAndPopsBNS",
        "source",
    )
    yield _population(
        "nonspin_bbh",
        "Binary black holes without spin: masses uniform in 5 to 100 solar masses, psi = 0, redshift up to 0.5",
        "NonspinBBH",
        "detector",
    )
    yield _population(
        "spin_bbh",
        "As nonspin_bbh, with spins up to 0.998 and any tilt (phi_12 = phi_jl = 0)",
        "SpinBBH",
        "detector",
    )
    yield _population(
        "gaussian_masses",
        "Binary black holes with Gaussian masses around m1 and m2, redshift up to 2",
        "GaussianMasses",
        "source",
        options=GaussianMassesOptions,
    )
    yield _population(
        "log_normal_masses",
        "Binary black holes with log-normal masses around m1 and m2, redshift up to 2; sigma is in ln m: "
        "with the default of 2 and m1 = 35 masses run from 0.3 to 3700 solar masses",
        "LogNormalMasses",
        "source",
        options=LogNormalMassesOptions,
    )
    yield _population(
        "ringdown",
        "Damped sinusoids, not binaries: quality 8 to 20, frequency 100 to 1000 Hz, distance 100 to 1000 Mpc",
        "Ringdown",
        "detector",
        parameters=_RINGDOWN,
        reference="ringdown_prior",
    )
    yield _population(
        "uniform_extrinsic",
        "Sky position, inclination and phase only, isotropic: a part of a population",
        "UniformExtrinsic",
        "detector",
        options=None,
        parameters=_SKY,
    )
    yield _population(
        "uniform_spin",
        "Isotropic spins up to 0.998 and the polarization angle only: a part of a population",
        "UniformSpin",
        "detector",
        options=None,
        parameters=("psi", *_SPINS),
    )
    yield PriorProvider(
        name="bilby-file",
        summary="Any bilby .prior file: --prior PATH.prior",
        load="aframe_data_priors.user_priors:BilbyFile",
        options=BilbyFileOptions,
        automatic=False,
        pattern=r".+\.prior",
        pattern_option="path",
    )
    yield PriorProvider(
        name="parameter-file",
        summary="Signals of a file, in order or drawn from them: --prior PATH.hdf5, .hdf, .h5, .json, .csv",
        load="aframe_data_priors.parameter_file:ParameterFile",
        options=ParameterFileOptions,
        automatic=False,
        pattern=r".+\.(hdf5|hdf|h5|json|csv)",
        pattern_option="path",
    )
    yield PriorProvider(
        name="bilby-callable",
        summary="Any function that returns a bilby PriorDict, by dotted path: --prior my_package.my_population; "
        "in Python the function itself too, or a PriorDict",
        load="aframe_data_priors.user_priors:BilbyCallable",
        options=BilbyCallableOptions,
        automatic=False,
        # What ends like a file is one, in whatever order the patterns are tried.
        pattern=r"(?!.*\.(prior|hdf5|hdf|h5|json|csv)$)[^\W\d]\w*(\.[^\W\d]\w*)+",
        pattern_option="target",
        objects="aframe_data_priors.user_priors:settled",
    )
