"""What should not be used, and what becomes of it: the decision alone, for any flaws."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aframe_data.errors import DataQualityError, UsageError
from aframe_data.segments import arithmetic
from aframe_data.strain.gaps import Gaps, judge, mask_flaws
from aframe_data.types import BitMask, Flaw, Segment

GPS = 1_240_580_096
SPAN = Segment(GPS, GPS + 200)
INJECTIONS = ("NO_CBC_HW_INJ", "NO_BURST_HW_INJ", "NO_DETCHAR_HW_INJ", "NO_CW_HW_INJ", "NO_STOCH_HW_INJ")


def flaw(start: float, stop: float, reason: str = "of nothing") -> Flaw:
    return Flaw(GPS + start, GPS + stop, reason)


def span(start: float, stop: float) -> Segment:
    return Segment(GPS + start, GPS + stop)


@st.composite
def flaws(draw: st.DrawFn) -> tuple[Flaw, ...]:
    edges = draw(st.lists(st.integers(0, 8 * 200), max_size=10, unique=True).map(sorted))
    return tuple(flaw(a / 8, b / 8) for a, b in zip(edges[::2], edges[1::2], strict=False))


class TestSplit:
    @given(flaws(), flaws(), st.integers(10, 40))
    def test_kept_dropped_and_the_seconds_of_flaws_make_up_the_span(
        self, first: tuple[Flaw, ...], second: tuple[Flaw, ...], shortest: int
    ) -> None:
        verdict = judge(Gaps("split", shortest=shortest), SPAN, {"H1": first, "L1": second}, {})
        bad = arithmetic.coalesce([*arithmetic.outward(first), *arithmetic.outward(second)])
        assert arithmetic.coalesce([*verdict.kept, *verdict.dropped, *bad]) == (SPAN,)
        assert arithmetic.livetime([*verdict.kept, *verdict.dropped]) + arithmetic.livetime(bad) == SPAN.duration
        assert all(piece.duration >= shortest for piece in verdict.kept)
        assert all(piece.duration < shortest for piece in verdict.dropped)
        assert all(float(edge).is_integer() for piece in verdict.kept for edge in (piece.start, piece.stop))
        assert verdict.filled == {}

    def test_a_rate_that_changes_is_a_border(self) -> None:
        changes = {GPS + 80.0: "H1 changes its rate.", GPS + 100.0: "and back."}
        verdict = judge(Gaps("split"), SPAN, {"H1": (flaw(95, 105),)}, changes)
        assert verdict.kept == (span(0, 80), span(80, 95), span(105, 200))

    def test_nothing_may_be_left(self) -> None:
        verdict = judge(Gaps("split"), SPAN, {"H1": (flaw(5, 195),)}, {})
        assert (verdict.kept, verdict.dropped) == ((), (span(0, 5), span(195, 200)))


class TestFill:
    @given(flaws(), flaws())
    def test_each_interferometer_is_filled_where_it_has_flaws(
        self, first: tuple[Flaw, ...], second: tuple[Flaw, ...]
    ) -> None:
        verdict = judge(Gaps("fill"), SPAN, {"H1": first, "L1": second}, {})
        assert verdict.kept == (SPAN,)
        assert verdict.filled == {"H1": arithmetic.outward(first), "L1": arithmetic.outward(second)}

    def test_a_rate_that_changes_cannot_be_filled(self) -> None:
        with pytest.raises(DataQualityError, match=r"H1 changes its rate at .* --gaps split makes a file"):
            judge(Gaps("fill"), SPAN, {"H1": ()}, {GPS + 80.0: "H1 changes its rate at 80."})


class TestFail:
    def test_a_sound_span_is_kept(self) -> None:
        assert judge(Gaps(), SPAN, {"H1": (), "L1": ()}, {}).kept == (SPAN,)

    def test_all_that_is_wrong_is_told_in_one_line(self) -> None:
        found = {"H1": (flaw(1, 2), flaw(5, 5.5), flaw(7, 8, "with bit A off")), "L1": (flaw(3, 4),)}
        with pytest.raises(DataQualityError) as caught:
            judge(Gaps(), SPAN, found, {})
        assert str(caught.value) == (
            f"H1 has 1.5 s of nothing in {SPAN}: [{GPS + 1}, {GPS + 2}), [{GPS + 5}, {GPS + 5}.5); "
            f"H1 has 1 s with bit A off in {SPAN}: [{GPS + 7}, {GPS + 8}); "
            f"L1 has 1 s of nothing in {SPAN}: [{GPS + 3}, {GPS + 4}). "
            "--gaps split leaves them out, --gaps fill puts zeros there."
        )

    def test_many_spans_are_counted(self) -> None:
        with pytest.raises(DataQualityError, match="and 7 more"):
            judge(Gaps(), SPAN, {"H1": tuple(flaw(10 * k, 10 * k + 1) for k in range(10))}, {})


class TestMasks:
    quality = BitMask(np.array([0b11, 0b01, 0b01, 0b11, 0b00], "u4"), ("DATA", "CAT1"))
    injections = BitMask(np.array([31, 31 - 8, 31 - 1, 31 - 2 - 4, 31], "u4"), INJECTIONS)

    def found(self, gaps: Gaps) -> list[tuple[float, float, str]]:
        return [
            (each.start - GPS, each.stop - GPS, each.reason)
            for each in mask_flaws(gaps, "H1", GPS, self.quality, self.injections)
        ]

    def test_nothing_is_asked_for_unless_it_is(self) -> None:
        assert self.found(Gaps()) == []

    def test_a_required_bit_must_be_set(self) -> None:
        assert self.found(Gaps(require_bits=("CAT1",))) == [(1, 3, "with bit CAT1 off"), (4, 5, "with bit CAT1 off")]

    def test_bits_of_the_injection_mask_can_be_required_too(self) -> None:
        assert self.found(Gaps(require_bits=("NO_CW_HW_INJ",))) == [(1, 2, "with bit NO_CW_HW_INJ off")]

    def test_hardware_injections_of_transients_are_found_and_continuous_waves_are_not(self) -> None:
        """Those were injected into L1 all through GW150914."""
        assert self.found(Gaps(exclude_hardware_injections=True)) == [
            (2, 3, "with a hardware injection (NO_CBC_HW_INJ off)"),
            (3, 4, "with a hardware injection (NO_BURST_HW_INJ off)"),
            (3, 4, "with a hardware injection (NO_DETCHAR_HW_INJ off)"),
        ]

    def test_a_bit_that_there_is_not_is_a_wrong_argument(self) -> None:
        with pytest.raises(UsageError, match=r"unknown bit of H1 'CAT2'. Did you mean 'CAT1'"):
            self.found(Gaps(require_bits=("CAT2",)))

    @pytest.mark.parametrize("gaps", [Gaps(require_bits=("DATA",)), Gaps(exclude_hardware_injections=True)])
    def test_without_masks_nothing_can_be_required(self, gaps: Gaps) -> None:
        with pytest.raises(DataQualityError, match="the archive has no mask"):
            mask_flaws(gaps, "V1", GPS, None, None)
