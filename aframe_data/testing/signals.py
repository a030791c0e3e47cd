"""What is asked of a generator of waveforms of any kind of sources: the grid, the batch, the state."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pytest

from aframe_data.errors import UsageError
from aframe_data.plugin.records import WaveformGeneratorProvider
from aframe_data.registry.sources import completed, kind_choice, kind_of
from aframe_data.testing.base import ASKED, ProviderTests
from aframe_data.types import FloatArray, Polarizations, WaveformRequest
from aframe_data.waveforms.draws import count_of, in_batches

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aframe_data.plugin.protocols import WaveformGenerator

#: How much the signals of two grids overlap, at least: what lies above the lower grid's rate is lost there.
_SAME = 0.9


class SignalTests(ProviderTests):
    """Tests of waveforms that know nothing of what makes them.

    Attributes
    ----------
    request, other_request
        Two grids of other rates, durations and right pads.
    parameters
        Signals that the model can make, as a prior draws them: (n,) each, with n >= 2.
    peak
        Seconds after the model's t = 0 between which the loudest sample lies, for a model that stops early, or one of
        heavy binaries; None where there is no such rule.
    quiet_after
        Seconds after t = 0 from which on less than a hundredth of the loudest sample is left, or None.
    any_grid
        Whether a signal is a function of time, the same on any grid; False for noise that is drawn sample by sample.
    faded
        Whether a signal that begins before its window is faded in there, as `aframe_data.plugin.placement.place` does
        it: whatever begins at once is heard at all frequencies.
    impossible
        Values of parameters with which the model cannot make a signal, or None.
    """

    kind = "waveforms"
    contract = "aframe_data.plugin.protocols.WaveformGenerator"
    request: ClassVar[WaveformRequest] = WaveformRequest(2048, 4, 1)
    other_request: ClassVar[WaveformRequest] = WaveformRequest(4096, 3, 0.5)
    parameters: ClassVar[Mapping[str, tuple[float, ...]]]
    peak: ClassVar[tuple[float, float] | None] = (-0.02, 0.02)
    quiet_after: ClassVar[float | None] = 0.25
    any_grid: ClassVar[bool] = True
    faded: ClassVar[bool] = True
    impossible: ClassVar[Mapping[str, float] | None] = None

    def generator(self) -> WaveformGenerator:
        """A new object."""
        generator: WaveformGenerator = self.choice().create()
        return generator

    def signals(self, **changed: float) -> dict[str, FloatArray]:
        """The signals with all that their kind adds, some parameters changed in all of them; only to be read."""
        draw = {name: np.array(values, dtype=np.float64) for name, values in self.parameters.items()}
        done = completed(kind_choice(self.choice()), draw, **ASKED)
        done |= {name: np.full(count_of(done), value) for name, value in changed.items()}
        for values in done.values():
            values.flags.writeable = False
        return done

    def record(self) -> WaveformGeneratorProvider:
        """What the plugin says of it."""
        provider = self.entry().provider
        assert isinstance(provider, WaveformGeneratorProvider)
        return provider

    def make(
        self,
        signals: Mapping[str, FloatArray],
        request: WaveformRequest | None = None,
        generator: WaveformGenerator | None = None,
        batch: int | None = None,
    ) -> Polarizations:
        """Check and generate, in the batches that the record asks for, by a new object where none is given."""
        maker = generator or self.generator()
        grid = request or self.request
        maker.check(signals, grid)
        made = [maker.generate(some, grid) for some in in_batches(signals, batch or self.record().batch)]
        assert all(isinstance(answer, Polarizations) for answer in made), f"generate answers with {type(made[0])}"
        plus, cross = (np.concatenate([getattr(batch, name) for batch in made]) for name in ("plus", "cross"))
        assert plus.dtype.kind == cross.dtype.kind == "f", f"waveforms are of {plus.dtype} and {cross.dtype}"
        plus, cross = plus.astype(np.float64), cross.astype(np.float64)  # squares of strain are too small for less
        return Polarizations(plus, cross, {index: why for batch in made for index, why in batch.failures.items()})

    def ask_something_small(self) -> Polarizations:
        """The signals."""
        return self.make(self.signals())

    def test_its_kind_of_sources_exists(self) -> None:
        """The record's `signals` names one that is installed."""
        assert kind_choice(self.choice()).key

    def test_its_needs_are_met(self) -> None:
        """The parameters that the record names are those of the file format, or the core's."""
        lacking = set(self.record().parameters) - set(self.signals())
        assert not lacking, f"the record names {', '.join(sorted(lacking))}, which no signal here has"

    def test_it_needs_no_more_than_its_record_says(self) -> None:
        """Of what a kind of sources does not give in any case: the core tells the user before the work."""
        signals = self.signals()
        for name in set(signals) - set(self.record().parameters) - set(self.given_anyway()):
            self.make({other: values for other, values in signals.items() if other != name})

    def given_anyway(self) -> tuple[str, ...]:
        """The parameters that every signal of the kind has, whatever a record says."""
        added = set(self.signals()) - set(self.parameters)
        return (*kind_of(self.choice()).parameters, *added)

    @pytest.mark.parametrize("grid", ["request", "other_request"])
    def test_waveforms_have_the_shape_of_the_request(self, grid: str) -> None:
        """Finite, and not silent."""
        request = getattr(self, grid)
        result = self.make(self.signals(), request)
        count = count_of(self.signals())
        for waveform in (result.plus, result.cross):
            wanted = (count, request.size)
            assert waveform.shape == wanted, f"waveforms have the shape {waveform.shape} and not {wanted}"
            assert np.isfinite(waveform).all(), "a signal is not finite everywhere"
            assert waveform.any(axis=1).all(), "a signal is zero everywhere"
        assert not result.failures

    def test_signals_differ(self) -> None:
        """Each has its own parameters."""
        plus = self.make(self.signals()).plus
        assert not any(np.array_equal(plus[0], other) for other in plus[1:])

    def test_a_signal_does_not_depend_on_its_neighbours(self) -> None:
        """The core cuts signals into units and batches as it sees fit."""
        signals = self.signals()
        together = self.make(signals)
        backwards = self.make({name: values[::-1] for name, values in signals.items()})
        one_by_one = self.make(signals, batch=1)
        alone = self.make({name: values[1:2] for name, values in signals.items()})
        for name in ("plus", "cross"):
            expected = getattr(together, name)
            np.testing.assert_array_equal(getattr(alone, name)[0], expected[1], err_msg="alone")
            np.testing.assert_array_equal(getattr(backwards, name)[::-1], expected, err_msg="in another order")
            np.testing.assert_array_equal(getattr(one_by_one, name), expected, err_msg="one at a time")

    def test_the_same_question_has_the_same_answer(self) -> None:
        """Of one object twice, with another grid between, and of a new one: a generator has no state."""
        generator, signals = self.generator(), self.signals()
        first = self.make(signals, generator=generator)
        before = first.plus.copy(), first.cross.copy()
        self.make(signals, self.other_request, generator)
        again, new = self.make(signals, generator=generator), self.make(signals)
        for name, expected in zip(("plus", "cross"), before, strict=True):
            np.testing.assert_array_equal(getattr(again, name), expected, err_msg="one object, asked twice")
            np.testing.assert_array_equal(getattr(new, name), expected, err_msg="a new object")
            np.testing.assert_array_equal(getattr(first, name), expected, err_msg="an answer that later changed")

    def test_parameters_are_left_alone(self) -> None:
        """They are the core's: files keep them after the waveforms are made."""
        signals = self.signals()
        writable = {name: values.copy() for name, values in signals.items()}
        self.make(writable)
        changed = [name for name in signals if not np.array_equal(signals[name], writable[name])]
        assert not changed, f"generate changed {', '.join(changed)}"

    @pytest.mark.parametrize("grid", ["request", "other_request"])
    def test_the_merger_is_where_the_request_puts_it(self, grid: str) -> None:
        """The loudest sample lies near the sample for t = 0; `peak` says where."""
        request = getattr(self, grid)
        result = self.make(self.signals(), request)
        loudest = np.argmax(np.hypot(result.plus, result.cross), axis=1)
        after = (loudest - request.reference_index) / request.sample_rate
        if self.peak is None:
            pytest.skip("peak = None")
        low, high = self.peak
        assert (low <= after).all(), f"the loudest samples lie {after} s after t = 0"
        assert (after <= high).all(), f"the loudest samples lie {after} s after t = 0"

    def test_signals_begin_quietly(self) -> None:
        """In the first sample of the window less than a hundredth of the loudest one; see `faded`."""
        if not self.faded:
            pytest.skip("faded = False")
        for request in (self.request, self.other_request):
            result = self.make(self.signals(), request)
            loud = np.hypot(result.plus, result.cross)
            first = loud[:, 0] / loud.max(axis=1)
            assert (first < 0.01).all(), f"signals begin with {first} of the loudest sample"

    def test_signals_die_away(self) -> None:
        """Nothing is wrapped around the window's edge, and no signal goes on for ever; see `quiet_after`."""
        if self.quiet_after is None or self.quiet_after >= self.request.right_pad:
            pytest.skip("no time from which signals are quiet lies in the window")
        result = self.make(self.signals())
        loud = np.hypot(result.plus, result.cross)
        late = loud[:, self.request.reference_index + round(self.quiet_after * self.request.sample_rate) :]
        left = late.max(axis=1) / loud.max(axis=1)
        assert (left < 0.01).all(), f"{self.quiet_after:g} s after t = 0, {left} of the loudest sample is left"

    def test_both_grids_have_the_same_signals(self) -> None:
        """At their common times around t = 0: a signal is a function of time, not of the grid; see `any_grid`."""
        if not self.any_grid:
            pytest.skip("any_grid = False")
        rate = np.gcd(round(self.request.sample_rate), round(self.other_request.sample_rate))
        before = min(0.3, *(request.duration - request.right_pad for request in (self.request, self.other_request)))
        after = min(0.02, self.request.right_pad, self.other_request.right_pad)
        cut = []
        for request in (self.request, self.other_request):
            step = round(request.sample_rate / rate)
            first = request.reference_index - int(before * rate) * step
            # the sample at t = 0 stands alone in some models
            last = request.reference_index + int(after * rate) * step
            made = self.make(self.signals(), request)
            cut.append(both(made, slice(first, last, step)))
        product = overlap(cut[0], cut[1])
        assert (product > _SAME).all(), f"at common times, both grids' signals overlap by {product}"
        ratio = np.sqrt(power(cut[1]) / power(cut[0]))
        np.testing.assert_allclose(ratio, 1, rtol=0.1, err_msg="the other grid's signals are louder by")

    @pytest.mark.parametrize("name", ["ra", "dec", "psi"])
    def test_the_sky_is_left_to_the_core(self, name: str) -> None:
        """Waveforms are those of the source's frame: detectors' responses, with ra, dec and psi, come later."""
        signals, moved = self.signals(), self.signals(**{name: 0.7})
        for polarization in ("plus", "cross"):
            expected, found = (getattr(self.make(which), polarization) for which in (signals, moved))
            np.testing.assert_array_equal(found, expected, err_msg=f"{polarization} depends on {name}")

    def test_what_cannot_be_made_is_told(self) -> None:
        """`check` refuses it, or `failures` names it, with zeros in its row and the others as ever."""
        if self.impossible is None:
            pytest.skip("no impossible signal is given")
        good = self.signals()
        mixed = {name: values.copy() for name, values in good.items()}
        for name, value in self.impossible.items():
            mixed[name][1] = value
        try:
            generator = self.generator()
            generator.check(mixed, self.request)
        except UsageError:
            return
        result = generator.generate(mixed, self.request)
        assert set(result.failures) == {1}, f"failures are {dict(result.failures)}, and signal 1 cannot be made"
        assert result.failures[1].strip()
        assert not result.plus[1].any()
        assert not result.cross[1].any()
        np.testing.assert_array_equal(result.plus[0], self.make(good).plus[0])


def both(made: Polarizations, samples: slice = slice(None)) -> FloatArray:
    """Plus and cross in one row, (n, 2 * size), or some samples of each."""
    return np.concatenate([made.plus[:, samples], made.cross[:, samples]], axis=1)


def power(rows: FloatArray) -> FloatArray:
    """The sum of the squares of each row."""
    total: FloatArray = (rows**2).sum(axis=1)
    return total


def overlap(first: FloatArray, second: FloatArray) -> FloatArray:
    """1 for rows that are equal but for their loudness, -1 for those that are turned over."""
    product: FloatArray = (first * second).sum(axis=1) / np.sqrt(power(first) * power(second))
    return product
