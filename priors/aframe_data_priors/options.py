"""What a user may set of each built-in prior. Light: declarations only, nothing here draws a number."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path  # noqa: TC003 - the fields' types are read when the program runs

from aframe_data.checks import require_file
from aframe_data.errors import UsageError
from aframe_data.plugin.code import Code  # noqa: TC001 - as Path
from aframe_data.plugin.options import option
from aframe_data_priors.prior_paths import find_prior_file

#: The cosmologies that astropy.cosmology brings, by name (a test compares the two lists).
COSMOLOGIES = ("WMAP1", "WMAP3", "WMAP5", "WMAP7", "WMAP9", "Planck13", "Planck15", "Planck18")
DEFAULT_COSMOLOGY = "Planck15"
#: How signals of a file are taken.
IN_ORDER, RESAMPLED = "in-order", "resampled"

_COSMOLOGY_HELP = "Cosmology of the distance distribution and of the luminosity distance"
_OWN_COSMOLOGY_HELP = "Cosmology that turns distance into redshift and back, and of distance priors that name none"
_ITS_OWN = "the one that the prior itself names, else Planck15"


@dataclass(frozen=True)
class PopulationOptions:
    """Options of the populations that have no parameters of their own."""

    cosmology: str = option(default=DEFAULT_COSMOLOGY, choices=COSMOLOGIES, help=_COSMOLOGY_HELP)


@dataclass(frozen=True)
class GaussianMassesOptions:
    """Options of `gaussian_masses`."""

    m1: float = option(minimum=0, exclusive=True, help="Mean of mass_1, source frame, in solar masses")
    m2: float = option(minimum=0, exclusive=True, help="Mean of mass_2, source frame, in solar masses")
    sigma: float = option(
        default=2.0, minimum=0, exclusive=True, help="Standard deviation of both masses, in solar masses"
    )
    cosmology: str = option(default=DEFAULT_COSMOLOGY, choices=COSMOLOGIES, help=_COSMOLOGY_HELP)


@dataclass(frozen=True)
class LogNormalMassesOptions:
    """Options of `log_normal_masses`."""

    m1: float = option(minimum=0, exclusive=True, help="Median of mass_1, source frame, in solar masses")
    m2: float = option(minimum=0, exclusive=True, help="Median of mass_2, source frame, in solar masses")
    sigma: float = option(
        default=2.0,
        minimum=0,
        exclusive=True,
        help=(
            "Standard deviation of the natural logarithm of both masses (dimensionless): 0.1 is a spread of 10 %; "
            "2 with m1 = 35 gives masses from 0.3 to 3700 solar masses"
        ),
    )
    cosmology: str = option(default=DEFAULT_COSMOLOGY, choices=COSMOLOGIES, help=_COSMOLOGY_HELP)


@dataclass(frozen=True)
class BilbyFileOptions:
    """Options of `bilby-file`."""

    path: Path = option(  # noqa: RUF009 - makes a field, as dataclasses.field does
        help="A bilby .prior file, or the bare name of one that bilby ships"
    )
    frame: str = option(
        default="detector",
        choices=("source", "detector"),
        aliases=("prior_frame",),
        help="Frame of the masses in the file",
    )
    cosmology: str | None = option(default=None, choices=COSMOLOGIES, help=_OWN_COSMOLOGY_HELP, otherwise=_ITS_OWN)

    def __post_init__(self) -> None:
        find_prior_file(self.path)


@dataclass(frozen=True)
class BilbyCallableOptions:
    """Options of `bilby-callable`."""

    target: Code = option(  # noqa: RUF009 - as above
        help=(
            "Dotted path of a function without required arguments that returns a bilby PriorDict or "
            "(PriorDict, detector_frame); modules in the current working directory are found, as with python -m"
        )
    )
    frame: str | None = option(
        default=None,
        choices=("source", "detector"),
        aliases=("prior_frame",),
        help="Frame of the masses, if the function does not say",
        otherwise="detector",
    )
    cosmology: str | None = option(default=None, choices=COSMOLOGIES, help=_OWN_COSMOLOGY_HELP, otherwise=_ITS_OWN)


@dataclass(frozen=True)
class ParameterFileOptions:
    """Options of `parameter-file`."""

    path: Path = option(help="File of signals: HDF5 of aframe-data, LVK or pycbc, bilby JSON, or CSV")  # noqa: RUF009
    order: str = option(
        default=IN_ORDER,
        choices=(IN_ORDER, RESAMPLED),
        help="in-order makes each signal once, in the order of the file; resampled draws from them with replacement",
    )
    sky: str = option(
        default="earth-fixed",
        choices=("earth-fixed", "celestial"),
        help="earth-fixed turns a right ascension into the longitude at the signal's own time, if the file has times; "
        "celestial leaves it as it is, for --true-right-ascension",
    )
    frame: str = option(
        default="detector",
        choices=("source", "detector"),
        help="Frame of the masses in files of other tools, if their names do not tell",
    )
    reference_frequency: float | None = option(
        default=None,
        minimum=0,
        exclusive=True,
        help="Frequency (Hz) of Cartesian spins",
        otherwise="that of the file",
    )
    fill: tuple[str, ...] = option(
        default=(),
        choices=("phase", "psi", "ra", "dec", "theta_jn"),
        help="Angles that the file lacks and that are drawn isotropically, the same in each run",
    )
    cosmology: str | None = option(
        default=None, choices=COSMOLOGIES, help=_COSMOLOGY_HELP, otherwise="that of the file, else Planck15"
    )

    def __post_init__(self) -> None:
        path = self.path.expanduser()
        if not path.exists():
            raise UsageError(f"there is no file of signals {str(self.path)!r}.")
        require_file(path, "the file of signals ")
