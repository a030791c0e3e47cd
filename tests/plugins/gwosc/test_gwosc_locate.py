"""How a span is put together from the archive's files: properties that hold for any list of files."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from aframe_data.types import Segment
from aframe_data_plugins.gwosc.client import ListedFile, ObservingRun
from aframe_data_plugins.gwosc.locate import assemble, nearest_runs

seconds = st.integers(0, 60)
segments = st.tuples(seconds, st.integers(1, 30)).map(lambda pair: Segment(pair[0], pair[0] + pair[1]))
candidates = st.lists(segments, max_size=8).map(
    lambda spans: [(span, ListedFile(f"file-{k}", span)) for k, span in enumerate(spans)]
)


@given(segments, candidates)
def test_each_second_comes_from_the_first_file_that_has_it(
    span: Segment, files: list[tuple[Segment, ListedFile]]
) -> None:
    choice = assemble(span, files)
    for second in range(int(span.start), int(span.stop)):
        holders = [file for usable, file in files if usable.start <= second < usable.stop]
        used = [part.file for part in choice.parts if part.span.start <= second < part.span.stop]
        missing = [gap for gap in choice.missing if gap.start <= second < gap.stop]
        assert used == holders[:1]
        assert len(missing) == (not holders)


@given(segments, candidates)
def test_parts_and_gaps_tile_the_span_and_no_file_is_cut_without_need(
    span: Segment, files: list[tuple[Segment, ListedFile]]
) -> None:
    choice = assemble(span, files)
    assert [part.span for part in choice.parts] == sorted(part.span for part in choice.parts)
    tiles = sorted([*(part.span for part in choice.parts), *choice.missing])
    assert [tile.start for tile in tiles] == [span.start, *(tile.stop for tile in tiles[:-1])]
    assert tiles[-1].stop == span.stop
    for left, right in zip(choice.parts, choice.parts[1:], strict=False):
        assert left.file != right.file or left.span.stop < right.span.start


def test_the_nearest_runs_are_those_met_else_the_neighbours() -> None:
    runs = [ObservingRun(name, Segment(start, start + 10), ("H1",)) for name, start in (("a", 0), ("b", 20), ("c", 40))]
    nearest = {
        span: "".join(run.name for run in nearest_runs(runs, Segment(*span)))
        for span in ((12, 15), (5, 25), (10, 20), (51, 60), (-9, 0), (-9, 1))
    }
    assert nearest == {(12, 15): "ab", (5, 25): "ab", (10, 20): "ab", (51, 60): "c", (-9, 0): "a", (-9, 1): "a"}
