"""The frequencies that count towards an SNR."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aframe_data.errors import UsageError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from aframe_data.types import FloatArray


@dataclass(frozen=True)
class Band:
    """From a high-pass to a low-pass frequency, both included.

    Attributes
    ----------
    highpass
        Hz, above zero.
    lowpass
        Hz; None for no bound but the Nyquist frequency, which is never inside.
    """

    highpass: float
    lowpass: float | None = None

    def __str__(self) -> str:
        if self.lowpass is None:
            return f"{self.highpass:g} Hz to the Nyquist frequency"
        return f"{self.highpass:g} to {self.lowpass:g} Hz"

    def mask(self, frequencies: FloatArray, sample_rate: float | None = None) -> NDArray[np.bool_]:
        """Tell which frequencies (Hz) lie inside; with a `sample_rate`, also below its Nyquist frequency."""
        last = math.inf if self.lowpass is None else self.lowpass
        inside: NDArray[np.bool_] = (frequencies >= self.highpass) & (frequencies <= last)
        return inside if sample_rate is None else inside & (frequencies < sample_rate / 2)

    def check(self, sample_rate: float) -> None:
        """Check the band of data at `sample_rate` (Hz).

        Raises
        ------
        UsageError
            A frequency is not between zero and the Nyquist frequency, or the band is empty.
        """
        nyquist = sample_rate / 2
        for name, value in (("highpass", self.highpass), ("lowpass", self.lowpass)):
            # A low-pass at the Nyquist frequency is the same as none.
            if value is not None and not (0 < value < nyquist or (name == "lowpass" and value == nyquist)):
                raise UsageError(
                    f"{name} = {value:g} is not allowed, only values between 0 and {nyquist:g}, the Nyquist frequency."
                )
        if self.lowpass is not None and self.lowpass <= self.highpass:
            raise UsageError(f"lowpass = {self.lowpass:g} must be above highpass = {self.highpass:g}.")
