"""The strain fetcher of the simulated detectors: from requests and options to noise."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from aframe_data.errors import UsageError
from aframe_data.psd.curves import Curve, Kind, load_curve
from aframe_data.types import BitMask, Piece, StrainSeries
from aframe_data_plugins.simulated.noise import MAIN_LOBE, coloured_noise, filter_response
from aframe_data_plugins.simulated.options import DEFAULT_CURVE, StrainOptions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aframe_data.types import FloatArray, StrainRequest

_MINIMUM_RATE = 16
#: Amplitudes farther apart drown in the side lobes and the rounding of the filter.
_DYNAMIC_RANGE = 1e12
_FOR_ONE_IFO = re.compile(r"([A-Z][0-9])=(.+)")
_EVERY_IFO = ""


class SimulatedStrain:
    """Coloured Gaussian noise, a pure function of (seed, interferometer, rate, curve, GPS time).

    The interferometer is the first two characters of a channel: all channels of one interferometer have
    the same noise, and two interferometers never share any. Noise is made at the asked rate unless the
    option ``rate`` fixes one; at two rates it is different noise.
    """

    def __init__(self, options: StrainOptions) -> None:
        self._options = options
        self._curves = _load_curves(options)
        self._responses: dict[tuple[str, int], FloatArray] = {}

    def fetch(self, request: StrainRequest) -> Mapping[str, StrainSeries]:
        """Make the noise of every channel of the request.

        Raises
        ------
        UsageError
            The rate is not whole, is above the option ``rate``, or leaves nothing of the curve; or an
            interferometer has no curve.
        """
        rate = self._rate(request.sample_rate)
        return {channel: self._series(channel, rate, request) for channel in request.channels}

    def _series(self, channel: str, rate: int, request: StrainRequest) -> StrainSeries:
        ifo = channel[:2]
        curve = self._curve(ifo)
        response = self._response(curve, rate)
        seconds = request.stop - request.start
        origin = f"simulated: seed {self._options.seed}, {ifo}, {curve.name}, {rate} Hz"
        return StrainSeries(
            data=coloured_noise(
                seed=self._options.seed,
                ifo=ifo,
                response=response,
                rate=rate,
                start=request.start,
                stop=request.stop,
            ),
            start=request.start,
            sample_rate=rate,
            ifo=ifo,
            channel=channel,
            quality=BitMask(np.ones(seconds, dtype=np.uint32), ("DATA",)),
            pieces=(Piece(request.start, request.stop, origin),),
        )

    def _rate(self, asked: float) -> int:
        fixed = self._options.rate
        if fixed is not None:
            if fixed < asked:
                raise UsageError(f"--simulated-rate: {fixed} Hz is below the sample rate asked for, {asked:g} Hz.")
            return fixed
        if asked != int(asked) or asked < _MINIMUM_RATE:
            raise UsageError(
                f"simulated noise needs a whole sample rate of at least {_MINIMUM_RATE} Hz, not {asked:g}; "
                "--simulated-rate makes it at a higher one."
            )
        return int(asked)

    def _curve(self, ifo: str) -> Curve:
        curve = self._curves.get(ifo, self._curves.get(_EVERY_IFO))
        if curve is None:
            raise UsageError(
                f"no noise curve for {ifo}, only for {', '.join(sorted(self._curves))}: "
                f"add --simulated-psd {ifo}=CURVE, or --simulated-psd CURVE for all the others."
            )
        return curve

    def _response(self, curve: Curve, rate: int) -> FloatArray:
        key = (curve.name, rate)
        if key not in self._responses:
            if curve.first_frequency + 2 * MAIN_LOBE >= rate / 2:
                raise UsageError(
                    f"noise curve {curve.name!r} starts at {curve.first_frequency:g} Hz, which leaves nothing "
                    f"below the Nyquist frequency of {rate} Hz: ask for a higher sample rate."
                )
            self._responses[key] = filter_response(curve, rate)
        return self._responses[key]


def _load_curves(options: StrainOptions) -> dict[str, Curve]:
    """Load the curve of each interferometer; `_EVERY_IFO` is the key of the curve for all others."""
    given: list[tuple[str, Kind]] = [(item, "psd") for item in options.psd]
    given += [(item, "asd") for item in options.asd]
    if not given:
        given = [(DEFAULT_CURVE, "psd")]
    curves: dict[str, Curve] = {}
    for item, kind in given:
        match = _FOR_ONE_IFO.fullmatch(item)
        ifo, text = match.groups() if match else (_EVERY_IFO, item)
        if ifo in curves:
            raise UsageError(
                f"two noise curves for {ifo or 'every interferometer'}: {curves[ifo].name!r} and {text!r}; "
                "write H1=CURVE for a curve of one interferometer."
            )
        curves[ifo] = _load_curve(text, kind, options.minimum_frequency)
    return curves


def _load_curve(text: str, kind: Kind, minimum_frequency: float | None) -> Curve:
    """Load one curve that the filter can follow.

    Raises
    ------
    UsageError
        There is no such curve, it ends below the minimum frequency, or it spans too much.
    """
    try:
        curve = load_curve(text, kind, minimum_frequency)
    except UsageError as error:
        raise UsageError(f"--simulated-{kind}: {error}") from error
    asd = curve.asd[curve.frequencies >= curve.first_frequency]
    if asd.max() > _DYNAMIC_RANGE * asd.min():
        raise UsageError(
            f"noise curve {text!r} spans more than {_DYNAMIC_RANGE:g} in amplitude, more than a filter can: "
            "raise --simulated-minimum-frequency."
        )
    return curve
