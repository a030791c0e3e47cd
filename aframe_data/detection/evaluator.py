"""SNRs of draws in given noise: of their sketches, of their spectra at a few frequencies, and of full waveforms."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from aframe_data.detection.detectors import antenna_response, arrival_delays
from aframe_data.detection.estimate import SnrEstimator
from aframe_data.detection.margins import COARSE_NODES, FINE_NODES, SKETCH_NODES
from aframe_data.detection.projection import padded, project
from aframe_data.detection.snr import optimal_snr
from aframe_data.errors import PluginError
from aframe_data.formats.psd import read_spectra
from aframe_data.plugin.protocols import SketchGenerator, SpectrumGenerator
from aframe_data.registry.sources import regions_of
from aframe_data.waveforms import recipe as recipes
from aframe_data.waveforms.draws import count_of, in_batches
from aframe_data.waveforms.generation import generate

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from aframe_data.detection.acceptance import Acceptance
    from aframe_data.types import ComplexArray, FloatArray
    from aframe_data.waveforms.draws import Parameters
    from aframe_data.waveforms.recipe import Recipe


def has_estimates(recipe: Recipe) -> bool:
    """Whether the recipe's generator has spectra to estimate from."""
    generator = recipes.generator_of(recipe.generator)
    return isinstance(generator, SpectrumGenerator) and bool(generator.has_spectrum)


class Evaluator:
    """SNRs of draws in given noise, estimated and in full; made once for each noise in a process: `evaluator`."""

    def __init__(self, recipe: Recipe, acceptance: Acceptance, noise: FloatArray) -> None:
        request = recipe.request
        self._recipe = replace(recipe, request=padded(request))
        self._request = request
        self._acceptance = acceptance
        self._noise = noise
        self._generator = recipes.generator_of(recipe.generator)
        self._estimators = {
            nodes: SnrEstimator(nodes, noise, request.sample_rate, request.size, acceptance.band)
            for nodes in (SKETCH_NODES, COARSE_NODES, FINE_NODES)
        }

    def regions(self, draws: Parameters) -> NDArray[np.intp]:
        """Numbers of the regions of the kind of sources, (n,)."""
        return regions_of(self._recipe.generator, draws)

    def antenna(self, draws: Parameters, gmst: float) -> FloatArray:
        """The antenna patterns, (n, n_ifo, 2)."""
        return antenna_response(self._acceptance.ifos, draws["ra"], draws["dec"], draws["psi"], gmst)

    def quadratics(self, draws: Parameters, nodes: int) -> FloatArray:
        """What an estimate needs of the spectra, (n, n_ifo, 3); NaN for a signal whose spectrum failed."""
        estimator = self._estimators[nodes]
        batches = in_batches(draws, self._recipe.batch)
        return np.concatenate([estimator.quadratics(*self._spectrum(some, estimator)) for some in batches])

    def _spectrum(self, draws: Parameters, estimator: SnrEstimator) -> list[ComplexArray]:
        """Plus and cross at the nodes, (n, nodes)."""
        if not isinstance(self._generator, SpectrumGenerator):
            raise TypeError(f"{self._recipe} has no spectra")
        with self._recipe.generator.at_work():
            spectra = [np.asarray(values) for values in self._generator.spectrum(draws, estimator.frequencies)]
        shape = (count_of(draws), len(estimator.frequencies))
        if len(spectra) != 2 or any(values.shape != shape or values.dtype.kind not in "fc" for values in spectra):
            told = " and ".join(f"{values.dtype} of shape {values.shape}" for values in spectra)
            raise PluginError(
                f"waveform generator {self._recipe.generator.key!r} returned a spectrum that is {told}, not plus and "
                f"cross, numbers of shape {shape}."
            )
        return spectra

    def sketched(self, draws: Parameters) -> tuple[FloatArray, FloatArray] | None:
        """What SNRs of sketches need, see `SnrEstimator.sketched`; None for a generator that does not sketch."""
        if not isinstance(self._generator, SketchGenerator):
            return None
        estimator, parts = self._estimators[SKETCH_NODES], []
        for some in in_batches(draws, self._recipe.batch):
            with self._recipe.generator.at_work():
                sketch = self._generator.sketch(some, estimator.frequencies)
            told = [np.shape(values) for values in (sketch.amplitude, sketch.plus, sketch.cross)]
            count = count_of(some)
            if told != [(count, SKETCH_NODES), (count,), (count,)]:
                raise PluginError(
                    f"waveform generator {self._recipe.generator.key!r} returned a sketch of shapes {told}, not "
                    f"{(count, SKETCH_NODES)} and twice {(count,)}."
                )
            parts.append(estimator.sketched(sketch))
        quadratics, loudest = (np.concatenate(part) for part in zip(*parts, strict=True))
        return quadratics, loudest

    def no_quadratics(self, count: int) -> FloatArray:
        """Quadratics that are not known, (count, n_ifo, 3) NaN."""
        return np.full((count, len(self._acceptance.ifos), 3), np.nan)

    def polarizations(self, draws: Parameters) -> tuple[Parameters, dict[int, str]]:
        """The polarizations on the padded window, and which signals failed and why."""
        return generate(self._recipe, draws)

    def full(self, polarizations: Parameters, draws: Parameters, gmst: float) -> tuple[FloatArray, FloatArray]:
        """Responses (n, n_ifo, size) and SNRs (n, n_ifo) of full waveforms."""
        delays = arrival_delays(self._acceptance.ifos, draws["ra"], draws["dec"], gmst)
        responses = project(polarizations, self._request, self.antenna(draws, gmst), delays)
        return responses, optimal_snr(responses, self._noise, self._request.sample_rate, self._acceptance.band)


@lru_cache(maxsize=2)
def evaluator(recipe: Recipe, acceptance: Acceptance, noise: Path) -> Evaluator:
    """The evaluator for the noise of a file, on the grid of the recipe's windows."""
    spectra = read_spectra(noise)
    return Evaluator(recipe, acceptance, np.stack([spectra.of(ifo) for ifo in acceptance.ifos]))
