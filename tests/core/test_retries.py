"""Asking again: only what may pass, with pauses that the archive may set; then the next source."""

from __future__ import annotations

import logging

import pytest

from aframe_data.errors import NoDataError, SourceError, TransientError, UsageError
from aframe_data.retries import ATTEMPTS, in_order, persistently
from aframe_data.types import Segment


class Archive:
    """Answers with what it was given, one after the other; errors are raised. The last is repeated."""

    def __init__(self, *answers: object) -> None:
        self.answers = answers
        self.asked = 0

    def __call__(self) -> object:
        answer = self.answers[min(self.asked, len(self.answers) - 1)]
        self.asked += 1
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    slept: list[float] = []
    monkeypatch.setattr("tenacity.nap.sleep", slept.append)
    return slept


def test_a_transient_failure_is_asked_again(pauses: list[float]) -> None:
    archive = Archive(TransientError("busy"), TransientError("busy"), "strain")
    assert persistently(archive) == "strain"
    assert archive.asked == 3
    assert len(pauses) == 2
    # tenacity adds up to a second of jitter to 1 s, 2 s, 4 s, …
    assert 1 <= pauses[0] <= 2
    assert 2 <= pauses[1] <= 3


def test_attempts_are_bounded_and_the_last_error_is_the_archives_own(pauses: list[float]) -> None:
    archive = Archive(TransientError("host.example is busy"))
    with pytest.raises(TransientError, match=r"^host\.example is busy$"):
        persistently(archive)
    assert archive.asked == ATTEMPTS
    assert len(pauses) == ATTEMPTS - 1
    assert pauses == sorted(pauses)


@pytest.mark.parametrize(("asked", "shortest", "longest"), [(7.0, 7.0, 8.0), (0.0, 0.0, 1.0), (-3.0, 0.0, 1.0)])
def test_the_archives_own_pause_is_kept(pauses: list[float], asked: float, shortest: float, longest: float) -> None:
    persistently(Archive(TransientError("busy", retry_after=asked), "strain"))
    assert shortest <= pauses[0] <= longest


def test_an_archive_that_wants_us_away_for_a_day_is_told_at_once(pauses: list[float]) -> None:
    with pytest.raises(TransientError, match="tomorrow"):
        persistently(Archive(TransientError("come back tomorrow", retry_after=86_400)))
    assert pauses == []


@pytest.mark.parametrize(
    "error", [SourceError("no"), NoDataError("none"), UsageError("what"), ValueError("bug")], ids=repr
)
def test_what_will_not_pass_is_asked_once(pauses: list[float], error: Exception) -> None:
    archive = Archive(error)
    with pytest.raises(type(error)) as caught:
        persistently(archive)
    assert caught.value is error
    assert (archive.asked, pauses) == (1, [])


def test_each_try_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    # Straight to the logger: a command line that ran in this process ends the propagation.
    logger = logging.getLogger("aframe_data.retries")
    logger.addHandler(caplog.handler)
    try:
        persistently(Archive(TransientError("host.example is busy"), 1))
    finally:
        logger.removeHandler(caplog.handler)
    assert f"host.example is busy Attempt 2 of {ATTEMPTS}" in caplog.text


class TestInOrder:
    def test_the_first_that_answers_is_taken_and_the_rest_not_asked(self) -> None:
        first, second, third = Archive(NoDataError("none")), Archive("strain"), Archive("unused")
        assert in_order({"a": first, "b": second, "c": third}) == ("b", "strain")
        assert (first.asked, second.asked, third.asked) == (1, 1, 0)

    def test_a_source_that_stays_unreachable_is_left_for_the_next(self, pauses: list[float]) -> None:
        first = Archive(TransientError("busy"))
        assert in_order({"a": first, "b": Archive("strain")}) == ("b", "strain")
        assert first.asked == ATTEMPTS
        assert len(pauses) == ATTEMPTS - 1

    def test_a_source_that_does_not_know_the_channel_is_left_for_the_next(self) -> None:
        assert in_order({"a": Archive(UsageError("no channel X")), "b": Archive("strain")})[0] == "b"

    def test_one_source_speaks_for_itself(self) -> None:
        error = NoDataError("none", [Segment(1, 2)])
        with pytest.raises(NoDataError) as caught:
            in_order({"a": Archive(error)})
        assert caught.value is error

    def test_the_error_at_the_end_has_what_each_source_said(self) -> None:
        asks = {"a": Archive(NoDataError("none here")), "b": Archive(TransientError("busy", 1.0))}
        with pytest.raises(SourceError, match=r"a: none here b: busy") as caught:
            in_order(asks)
        assert type(caught.value) is SourceError

    def test_sources_that_all_have_no_data_say_what_is_near(self) -> None:
        asks = {
            "a": Archive(NoDataError("none", [Segment(5, 6)])),
            "b": Archive(NoDataError("nor here", [Segment(1, 2), Segment(5, 6)])),
        }
        with pytest.raises(NoDataError) as caught:
            in_order(asks)
        assert caught.value.available == (Segment(1, 2), Segment(5, 6))

    def test_sources_that_all_refuse_the_question_mean_wrong_usage(self) -> None:
        asks = {"a": Archive(UsageError("no flag X")), "b": Archive(UsageError("no X"))}
        with pytest.raises(UsageError, match=r"a: no flag X b: no X"):
            in_order(asks)

    def test_a_bug_is_not_hidden_by_the_next_source(self) -> None:
        with pytest.raises(ZeroDivisionError):
            in_order({"a": Archive(ZeroDivisionError()), "b": Archive("strain")})
