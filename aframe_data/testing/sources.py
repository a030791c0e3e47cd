"""What is asked of a kind of sources."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pytest

from aframe_data.errors import WaveformError
from aframe_data.registry.sources import completed, example_of
from aframe_data.testing.base import ASKED, ProviderTests
from aframe_data.waveforms.draws import take

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aframe_data.plugin.kinds import SourceKind
    from aframe_data.types import FloatArray


class SourceKindTests(ProviderTests):
    """Tests of a kind of sources.

    Attributes
    ----------
    parameters
        Signals as a prior draws them: (n,) each, with n >= 2, no two of them alike.
    impossible
        Values of parameters that no source has, or None.
    """

    kind = "source-kind"
    contract = "aframe_data.plugin.kinds.SourceKind"
    parameters: ClassVar[Mapping[str, tuple[float, ...]]]
    impossible: ClassVar[Mapping[str, float] | None] = None

    def sources(self) -> SourceKind:
        """A new object."""
        sources: SourceKind = self.choice().create()
        return sources

    def draw(self) -> dict[str, FloatArray]:
        """The signals; arrays that can only be read."""
        columns: dict[str, FloatArray] = {
            name: np.array(values, dtype=np.float64) for name, values in self.parameters.items()
        }
        for values in columns.values():
            values.flags.writeable = False
        return columns

    def complete(self, samples: Mapping[str, FloatArray], **changed: Any) -> dict[str, FloatArray]:
        """What a generator gets of them, as the core checks it."""
        return completed(self.choice(), samples, **{**ASKED, **changed})

    def ask_something_small(self) -> dict[str, FloatArray]:
        """The signals, completed."""
        return self.complete(self.draw())

    def test_the_signals_have_what_every_draw_has(self) -> None:
        """Of the names in `parameters` of the class, none is missing in those of the test."""
        lacking = set(self.sources().parameters) - set(self.draw())
        assert not lacking, f"the test's signals lack {', '.join(sorted(lacking))}"

    @pytest.mark.parametrize("frame", ["source", "detector"])
    def test_nothing_that_is_drawn_vanishes(self, frame: str) -> None:
        """All that a prior draws is kept in files; what is added is there, and all are finite numbers."""
        draw = self.draw() | {"of_the_author": np.arange(len(next(iter(self.parameters.values()))), dtype=float)}
        made = self.complete(draw, frame=frame)
        given = self.sources().complete(draw, **{**ASKED, "frame": frame})
        for name in (*draw, *self.sources().added):
            assert np.asarray(given[name]).dtype == np.float64, f"{name} is of {np.asarray(given[name]).dtype}"
            assert np.isfinite(made[name]).all(), f"{name} is not finite: {made[name]}"
        np.testing.assert_array_equal(made["of_the_author"], draw["of_the_author"])

    def test_the_example_is_such_a_source(self) -> None:
        """It has every parameter of a draw and no other that the test's signals lack, and `complete` takes it."""
        example = example_of(self.choice())
        unknown = set(self.sources().example) - set(self.complete(self.draw()))
        assert not unknown, f"`example` has {', '.join(sorted(unknown))}, which the test's signals lack"
        for name in (*self.sources().parameters, *self.sources().added):
            assert np.isfinite(example[name]).all(), f"{name} of the example is {example[name]}"

    def test_places_in_the_sky_are_left_alone(self) -> None:
        """The core projects with the prior's own."""
        draw, made = self.draw(), self.complete(self.draw())
        for name in ("ra", "dec", "psi"):
            np.testing.assert_array_equal(made[name], draw[name], err_msg=name)

    def test_the_same_draw_has_the_same_answer(self) -> None:
        """Each signal depends on itself alone: completed alone, in another order, and by another object."""
        draw, sources = self.draw(), self.sources()
        expected = self.complete(draw)
        assert sources.parameters == self.sources().parameters
        backwards = self.complete({name: values[::-1] for name, values in draw.items()})
        alone = self.complete(take(draw, slice(1, 2)))
        for name, values in expected.items():
            np.testing.assert_array_equal(backwards[name][::-1], values, err_msg=f"{name}, in another order")
            np.testing.assert_array_equal(alone[name], values[1:2], err_msg=f"{name}, alone")
        again = self.complete(draw)
        for name, values in expected.items():
            np.testing.assert_array_equal(again[name], values, err_msg=f"{name}, asked again")

    def test_what_every_file_keeps_is_enough(self) -> None:
        """Completed once more, a completed draw stays what it is: files of signals can be drawn from again."""
        once = self.complete(self.draw())
        twice = self.complete(once)
        for name, values in once.items():
            np.testing.assert_allclose(twice[name], values, rtol=1e-12, err_msg=name)

    def test_what_is_not_finite_is_refused(self) -> None:
        """With a `WaveformError`, whichever of the drawn parameters it is."""
        for name in self.sources().parameters:
            bad = {other: values.copy() for other, values in self.draw().items()}
            bad[name][1] = np.nan
            try:
                self.complete(bad)
            except WaveformError:
                continue
            pytest.fail(f"{name} = nan is not refused")

    def test_what_cannot_be_is_refused(self) -> None:
        """With a `WaveformError`; see `impossible`."""
        if self.impossible is None:
            pytest.skip("no impossible signal is given")
        bad = {name: values.copy() for name, values in self.draw().items()}
        for name, value in self.impossible.items():
            bad[name][1] = value
        with pytest.raises(WaveformError):
            self.complete(bad)

    def test_every_signal_lies_in_a_region(self) -> None:
        """Whose number is one of the regions', and that has words of its own for people."""
        regions, made = self.sources().regions, self.complete(self.draw())
        numbers = regions.of(made)
        assert np.shape(numbers) == (len(next(iter(made.values()))),), f"regions are {numbers!r}"
        assert np.asarray(numbers).dtype.kind in "iu", f"numbers of regions are of {np.asarray(numbers).dtype}"
        assert ((numbers >= 0) & (numbers < regions.count)).all(), f"of {regions.count} regions, numbers are {numbers}"
        words = [regions.describe(number) for number in range(regions.count)]
        assert all(words)
        assert len(set(words)) == regions.count, f"two regions have the same words: {words}"
