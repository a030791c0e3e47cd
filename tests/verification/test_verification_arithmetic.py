"""What files cover of segments, and where samples are bad, against counting one by one."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from aframe_data.strain.stretches import SampleCheck
from aframe_data.types import Segment
from aframe_data.verification.coverage import compare

if TYPE_CHECKING:
    from collections.abc import Iterable

T0 = 1240579783

spans = st.lists(
    st.tuples(st.integers(0, 60), st.integers(1, 25)).map(lambda pair: Segment(T0 + pair[0], T0 + sum(pair))),
    max_size=6,
)


@st.composite
def disjoint(draw: st.DrawFn) -> list[Segment]:
    """Segments that may touch."""
    edges = sorted(draw(st.sets(st.integers(0, 80), max_size=12)))
    pairs = itertools.pairwise(edges)
    return [Segment(T0 + first, T0 + last) for first, last in pairs if draw(st.booleans())]


def each_second(found: Iterable[Segment]) -> list[int]:
    return sorted(second for span in found for second in range(int(span.start), int(span.stop)))


@given(disjoint(), spans, spans, st.integers(0, 20))
def test_every_second_of_the_segments_is_covered_cut_missing_or_a_remainder_once(
    segments: list[Segment], files: list[Segment], cut: list[Segment], min_duration: int
) -> None:
    found = compare(segments, files, cut=cut, min_duration=min_duration)
    gaps = [*found.missing, *found.remainders]
    wanted = each_second(segments)
    covered = set(wanted) & set(each_second(files))
    assert sorted([*covered, *each_second([*found.cut, *(gap.span for gap in gaps)])]) == wanted
    assert set(each_second(found.surplus)) == set(each_second(files)) - set(wanted)
    assert all(gap.span.duration >= min_duration for gap in found.missing)
    assert all(gap.span.duration < min_duration for gap in found.remainders)
    assert all(
        gap.segment in segments and set(each_second([gap.span])) <= set(each_second([gap.segment])) for gap in gaps
    )


@given(
    st.lists(st.sampled_from([0.0, 1.0, np.nan, np.inf]), min_size=1, max_size=60),
    st.sets(st.integers(1, 59)),
    st.integers(2, 6),
)
def test_bad_stretches_are_the_same_however_the_samples_are_cut(values: list[float], cuts: set[int], rate: int) -> None:
    check = SampleCheck(rate)
    for block in np.split(np.array(values), sorted(cut for cut in cuts if cut < len(values))):
        check.add(block)
    not_finite, still = check.end(0)
    runs: list[list[int]] = []
    for index, value in enumerate(values):
        if runs and values[index - 1] == value:
            runs[-1].append(index)
        else:
            runs.append([index])
    long = [run for run in runs if len(run) >= rate and np.isfinite(values[run[0]])]
    assert [(span.start, span.stop) for span in still.spans] == [(run[0] / rate, (run[-1] + 1) / rate) for run in long]
    assert (still.number, still.seconds) == (len(long), sum(map(len, long)) / rate)
    bad = np.flatnonzero(~np.isfinite(values)).tolist()
    assert not_finite.seconds == len(bad) / rate
    samples = [Segment(round(span.start * rate), round(span.stop * rate)) for span in not_finite.spans]
    assert each_second(samples) == bad
