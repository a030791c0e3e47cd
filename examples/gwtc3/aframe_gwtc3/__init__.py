"""The population of GWTC-3, as a plugin of aframe-data."""

from collections.abc import Iterable
from dataclasses import dataclass

from aframe_data.plugin import PriorProvider, UsageError, hookimpl, option


@dataclass(frozen=True)
class Options:
    alpha: float = option(default=3.4, help="mass_1 falls as m^-alpha")
    lightest: float = option(default=5.08, minimum=1, help="Where the masses begin (solar masses)")
    heaviest: float = option(default=86.9, maximum=300, help="Where the power law ends (solar masses)")
    peak_fraction: float = option(default=0.039, minimum=0, maximum=1, help="Fraction of the binaries in the peak")
    peak_mass: float = option(default=33.7, minimum=1, maximum=300, help="Mean of the peak (solar masses)")
    peak_width: float = option(default=3.6, minimum=0, exclusive=True, help="Width of the peak (solar masses)")
    smoothing: float = option(
        default=4.8, minimum=0, exclusive=True, help="Range above the lightest mass in which they rise (solar masses)"
    )
    beta: float = option(default=1.1, help="The mass ratio grows as q^beta")
    kappa: float = option(default=2.9, help="The rate per comoving volume grows as (1 + z)^kappa")
    largest_redshift: float = option(default=2.0, minimum=0, exclusive=True, help="Largest redshift")
    largest_spin: float = option(default=0.998, minimum=0, exclusive=True, maximum=0.999, help="Largest spin")

    def __post_init__(self) -> None:
        if self.lightest + self.smoothing >= self.heaviest:
            raise UsageError("lightest + smoothing must be below heaviest: no mass would be left.")


@hookimpl
def register_priors() -> Iterable[PriorProvider]:
    yield PriorProvider(
        name="gwtc3-bbh",
        summary="Binary black holes of GWTC-3: power law and peak in mass, isotropic spins, redshift up to 2",
        load="aframe_gwtc3.population:PowerLawPeak",
        options=Options,
        frame="source",
    )
