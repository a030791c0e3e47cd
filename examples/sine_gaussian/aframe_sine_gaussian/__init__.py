"""What this package gives to aframe-data: three records, one for each part of a signal."""

from collections.abc import Iterable

from aframe_data.plugin import PriorProvider, SourceKindProvider, WaveformGeneratorProvider, hookimpl


@hookimpl
def register_source_kinds() -> Iterable[SourceKindProvider]:
    yield SourceKindProvider(
        name="sine-gaussian",
        summary="Sine-Gaussian bursts: frequency, quality, polarization, energy and distance",
        load="aframe_sine_gaussian.bursts:SineGaussians",
    )


@hookimpl
def register_priors() -> Iterable[PriorProvider]:
    yield PriorProvider(
        name="sine-gaussian",
        summary="Bursts of 64 to 1024 Hz and 1e-4 to 1e-2 solar masses, uniform in volume up to 20 Mpc",
        load="aframe_sine_gaussian.population:Nearby",
        frame="detector",
    )


@hookimpl
def register_waveform_generators() -> Iterable[WaveformGeneratorProvider]:
    yield WaveformGeneratorProvider(
        name="sine-gaussian",
        summary="Elliptically polarized sine-Gaussians, loudest at t = 0",
        load="aframe_sine_gaussian.waveform:SineGaussian",
        parameters=("frequency", "quality", "hrss", "eccentricity", "phase"),
        signals="sine-gaussian",
    )
