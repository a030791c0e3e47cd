"""The waveform generator: signals of a prior, made one by one by LALSimulation and placed on the grid.

LAL has no batch interface, so the loop is over signals. `suitability` says what a model cannot make, `signals` converts
the arguments, `interpolated` and its neighbours make most signals from few frequencies, and `messages` finds out why
one failed.
"""

from __future__ import annotations

import logging
import math
from functools import partial
from typing import TYPE_CHECKING

import lalsimulation
import numpy as np

from aframe_data.errors import MissingDependencyError, UsageError
from aframe_data.plugin.placement import place, zero_index
from aframe_data.types import Polarizations
from aframe_data_plugins.lalsimulation import AUTO, approximants, memory, messages, suitability
from aframe_data_plugins.lalsimulation.conditioning import condition, conditioned_series
from aframe_data_plugins.lalsimulation.interpolated import InterpolatedModel, can_interpolate
from aframe_data_plugins.lalsimulation.messages import LAL_ERRORS, Failure
from aframe_data_plugins.lalsimulation.sequence import at_frequencies
from aframe_data_plugins.lalsimulation.signals import draws, to_lal
from aframe_data_plugins.lalsimulation.sketch import sketch_of
from aframe_data_plugins.lalsimulation.window import start_frequency
from aframe_data_plugins.lalsimulation.windows import windows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aframe_data.types import ComplexArray, FloatArray, Sketch, WaveformRequest
    from aframe_data_plugins.lalsimulation import LALSimulationOptions
    from aframe_data_plugins.lalsimulation.signals import Draw, Signal

_logger = logging.getLogger(f"aframe_data.{__name__}")


class LALSimulation:
    """Any approximant that LALSimulation implements in the time or the frequency domain.

    Polarizations are those of SimInspiralTD. Spins are converted, and the model evaluated, at the
    reference frequency of each signal. Where the model allows it, a signal longer than its window starts at
    the frequency that the window needs: see `window`.

    Parameters
    ----------
    options
        The approximant.
    whole_signals
        Start every signal at its minimum frequency, for comparison.

    Raises
    ------
    UsageError
        There is no such approximant.
    """

    def __init__(self, options: LALSimulationOptions, *, whole_signals: bool = False) -> None:
        self._model = approximants.find(options.approximant)
        interpolates = options.interpolation == AUTO and can_interpolate(self._model)
        self._interpolated = InterpolatedModel(self._model) if interpolates else None
        self._whole_signals = whole_signals

    @property
    def has_spectrum(self) -> bool:
        """Whether `spectrum` works for this approximant."""
        return self._model.has_spectrum

    # --- before the work --------------------------------------------------------------------------------

    def check(self, parameters: Mapping[str, FloatArray], request: WaveformRequest) -> None:
        """Refuse spins that the approximant does not model, and what LAL refuses of the first signal.

        The first signal is made. A few approximants of LALSimulation end the process for some arguments
        instead of failing, so call this where that can be noticed.

        Raises
        ------
        UsageError
            Prior and approximant do not go together.
        MissingDependencyError
            The approximant needs a data file that is not there.
        """
        suitability.require_spins(self._model, parameters)
        suitability.require_reference_frequency(self._model, parameters)
        if self._model.memory_errors:
            _logger.warning(
                "approximant %r has errors in LALSimulation: for some binaries it uses memory that is not its own. "
                "Signals may then differ from run to run, or end a worker process; look at them before use.",
                self._model.name,
            )
        with messages.silence():
            failure = suitability.missing_data(self._model.data_model)
            first = next(draws(parameters), None)
            if failure is None and first is not None:
                made = self._make(first, request)
                failure = made if isinstance(made, Failure) else None
        if failure is None:
            return
        if failure.data_file is not None:
            raise MissingDependencyError(
                f"approximant {self._model.name!r} cannot be used: {failure.reason}. Data files are published with "
                "LALSuite (lalsuite-waveform-data); set LAL_DATA_PATH to the folder that holds them."
            )
        if failure.invalid:
            raise UsageError(f"approximant {self._model.name!r} refuses the signals of this prior: {failure.reason}.")

    # --- the work ---------------------------------------------------------------------------------------

    def generate(self, parameters: Mapping[str, FloatArray], request: WaveformRequest) -> Polarizations:
        """Generate the polarizations of n signals: see `aframe_data.plugin.protocols.WaveformGenerator`."""
        count = len(parameters["mass_1"])
        plus, cross = np.zeros((count, request.size)), np.zeros((count, request.size))
        failures: dict[int, str] = {}
        with messages.silence():
            without_data = suitability.missing_data(self._model.data_model)
            asked = dict(enumerate(draws(parameters)))
            for index, window in self._from_nodes(asked, request).items():
                plus[index], cross[index] = window
                del asked[index]
            for index, draw in asked.items():
                made = without_data or self._make(draw, request)
                if isinstance(made, Failure):
                    failures[index] = made.reason
                else:
                    plus[index], cross[index] = place(made[0], made[1], request)
        return Polarizations(plus, cross, failures)

    def _from_nodes(self, asked: Mapping[int, Draw], request: WaveformRequest) -> dict[int, FloatArray]:
        """The signals that can be interpolated, and that nothing is wrong with: plus and cross, (2, size), by index."""
        if self._interpolated is None:
            return {}
        plans = {}
        for index, draw in asked.items():
            signal = self._starting(to_lal(draw), request)
            if self._interpolated.takes(signal):
                plans[index] = condition(self._seen(signal), request.sample_rate, draw.minimum_frequency)
        indices = list(plans)
        made = windows(self._interpolated, list(plans.values()), request)
        found = {indices[number]: self._turned(window, asked[indices[number]]) for number, window in made.items()}
        return {index: window for index, window in found.items() if suitability.flaw(window, asked[index]) is None}

    def _make(self, draw: Draw, request: WaveformRequest) -> tuple[FloatArray, int] | Failure:
        """Make one signal: plus and cross, (2, n), and the index of t = 0; or say why it cannot be made."""
        attempt = partial(self._series, draw, request)
        try:
            samples, zero = attempt()
        except LAL_ERRORS as error:
            return messages.explain(attempt, error)
        flaw = suitability.flaw(samples, draw)
        return Failure(flaw) if flaw else (samples, zero)

    def _series(self, draw: Draw, request: WaveformRequest) -> tuple[FloatArray, int]:
        signal, sample_rate = self._starting(to_lal(draw), request), request.sample_rate
        if self._model.conditioned_twice:
            seen, corner = self._seen(signal), draw.minimum_frequency
            samples, zero = conditioned_series(seen, self._model, sample_rate, corner)
            return self._turned(samples, draw), zero
        plus, cross = lalsimulation.SimInspiralTD(
            *signal.binary,
            1 / sample_rate,
            signal.minimum_frequency,
            signal.reference_frequency,
            signal.extra,
            self._model.number,
        )
        epoch = plus.epoch.gpsSeconds + 1e-9 * plus.epoch.gpsNanoSeconds
        return np.stack([plus.data.data, cross.data.data]), zero_index(epoch, sample_rate)

    def _seen(self, signal: Signal) -> Signal:
        """A signal as the model is asked for it: with its own inclination, or from above."""
        return signal._replace(inclination=0.0) if self._model.seen_from_above else signal

    def _turned(self, samples: FloatArray, draw: Draw) -> FloatArray:
        """Plus and cross, (2, n), of what was asked for by `_seen`, with the inclination of the draw."""
        if not self._model.seen_from_above:
            return samples
        cosine = math.cos(draw.theta_jn)
        turned: FloatArray = samples * np.array([[(1 + cosine**2) / 2], [cosine]])
        return turned

    def _starting(self, signal: Signal, request: WaveformRequest) -> Signal:
        """A signal from the frequency from which it has to be made."""
        if self._whole_signals:
            return signal
        return signal._replace(minimum_frequency=start_frequency(signal, self._model.name, request))

    def spectrum(
        self, parameters: Mapping[str, FloatArray], frequencies: FloatArray
    ) -> tuple[ComplexArray, ComplexArray]:
        """Evaluate a model of the frequency domain at any frequencies, which is cheap.

        Parameters
        ----------
        parameters
            As for `generate`.
        frequencies
            (k,) Hz, positive and increasing.

        Returns
        -------
        plus, cross
            (n, k) strain per hertz, with the model's t = 0 as origin of time: the continuous Fourier
            transform, exp(-2πift), of what `generate` makes, before conditioning. There is no start
            frequency and no taper, and the models that SimInspiralTD moves to their peak are not moved. Rows
            of signals that fail hold NaN.

        Raises
        ------
        UsageError
            The approximant is one of the time domain, or LALSimulation has no such call for it.
        """
        if not self._model.has_spectrum:
            raise UsageError(
                f"approximant {self._model.name!r} has no spectrum on chosen frequencies in LALSimulation: "
                "use its full waveforms, or another approximant (IMRPhenomXPHM, IMRPhenomPv2)."
            )
        spectra = np.full((2, len(parameters["mass_1"]), len(frequencies)), np.nan, dtype=np.complex128)
        with messages.silence():
            for index, draw in enumerate(draws(parameters)):
                try:
                    spectra[:, index] = self._frequency_sequence(to_lal(draw), frequencies)
                except LAL_ERRORS:
                    continue  # the row stays NaN, as documented; `generate` tells why
        return spectra[0], spectra[1]

    def sketch(self, parameters: Mapping[str, FloatArray], frequencies: FloatArray) -> Sketch:
        """Sketch the spectra of n signals, for a hundredth of what `spectrum` costs: see `sketch_of`."""
        return sketch_of(parameters, frequencies)

    def _frequency_sequence(self, signal: Signal, frequencies: FloatArray) -> ComplexArray:
        """Plus and cross at the frequencies, (2, k)."""
        asked, before = memory.askable(self._model.name, signal, frequencies)
        spectra = np.zeros((2, len(frequencies)), dtype=np.complex128)
        spectra[:, : len(asked) - before] = at_frequencies(signal, self._model.number, asked, signal.extra)[:, before:]
        return spectra
