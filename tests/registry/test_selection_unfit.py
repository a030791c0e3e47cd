"""What is broken and was not asked for is left out, and told by its name where it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from aframe_data.errors import MissingDependencyError, PluginError
from aframe_data.registry.candidates import candidates_of_each, with_options
from aframe_data.registry.choice import choose
from aframe_data.registry.loading import check_class
from aframe_data.registry.names import find
from plugin_factory import hook

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Install = Callable[..., Path]


GREEDY = 'name="greedy", summary="Takes any flag", load="greedy_code:Greedy"'
UNFIT = {
    "a missing dependency": (
        hook(
            "segment_sources", f'yield SegmentSourceProvider({GREEDY}, requires=("no_such",), install="pip install x")'
        ),
        "",
        MissingDependencyError,
        "pip install x",
    ),
    "a module that raises": (
        hook("segment_sources", f"yield SegmentSourceProvider({GREEDY})"),
        "raise OSError('no licence')",
        PluginError,
        "segment source 'greedy' of stranger does not load: OSError: no licence",
    ),
    "a module that exits": (
        hook("segment_sources", f"yield SegmentSourceProvider({GREEDY})"),
        "raise SystemExit(3)",
        PluginError,
        "does not load: SystemExit: 3",
    ),
    "no such class": (
        hook("segment_sources", f"yield SegmentSourceProvider({GREEDY})"),
        "x = 1",
        PluginError,
        "has no attribute 'Greedy'",
    ),
}


@pytest.mark.parametrize(("source", "code", "error", "message"), UNFIT.values(), ids=UNFIT)
def test_a_provider_that_is_unfit_is_told_by_name_and_left_out_by_auto(
    strangers: Install, source: str, code: str, error: type[Exception], message: str
) -> None:
    strangers(source={"stranger": source, "greedy_code": code})
    assert [entry.key for entry in candidates_of_each("segments", ["auto"], ["H1_DATA"])["H1_DATA"]] == ["gwosc"]
    with pytest.raises(error, match="greedy") as caught:
        choose("segments", "greedy").create()
    assert message in str(caught.value)
    with pytest.raises(error):
        check_class(find("segments", "greedy"))
    with pytest.raises(error):  # nobody else accepts it: the reason is told
        candidates_of_each("segments", ["auto"], ["strange flag"])


@pytest.mark.parametrize("unfit", UNFIT.values(), ids=UNFIT)
def test_a_provider_that_is_unfit_is_left_out_for_each_flag_and_told_once(
    strangers: Install, caplog: pytest.LogCaptureFixture, unfit: tuple[str, str, type[Exception], str]
) -> None:
    source, code, error, message = unfit
    strangers(source={"stranger": source, "greedy_code": code})
    chosen = candidates_of_each("segments", ["auto"], ["H1_DATA", "L1_DATA"])
    assert [[entry.key for entry in entries] for entries in chosen.values()] == [["gwosc"], ["gwosc"]]
    assert caplog.text.count("greedy is left out") == 1
    caplog.clear()
    with pytest.raises(error) as caught:
        candidates_of_each("segments", ["auto"], ["H1_DATA", "strange flag"])
    assert message in str(caught.value)
    assert caplog.text == ""  # the error says it


def test_a_class_that_does_not_do_its_work_is_refused(strangers: Install) -> None:
    source = hook("segment_sources", f"yield SegmentSourceProvider({GREEDY})")
    strangers(source={"stranger": source, "greedy_code": "class Greedy:\n    def ask(self, query): pass\n"})
    with pytest.raises(PluginError, match="does not do what a segment source must do"):
        choose("segments", "greedy").create()
    with pytest.raises(PluginError, match="greedy_code:Greedy lacks query, which a segment source has"):
        check_class(find("segments", "greedy"))


@pytest.mark.parametrize(
    ("kind", "source", "lacking"),
    [
        (
            "segments",
            hook("segment_sources", "yield SegmentSourceProvider(name='eager', summary='E', load='e:E', catalog=True)"),
            "events, which its record promises with catalog=True",
        ),
        (
            "strain",
            hook("strain_fetchers", "yield StrainFetcherProvider(name='eager', summary='E', load='e:E', files=True)"),
            "keep_files, which its record promises with files=True",
        ),
    ],
)
def test_a_class_must_do_what_its_record_promises(strangers: Install, kind: str, source: str, lacking: str) -> None:
    code = "class E:\n    def query(self, query): pass\n    def fetch(self, request): pass\n"
    strangers(source={"stranger": source, "e": code})
    with pytest.raises(PluginError, match=f"e:E lacks {lacking}"):
        check_class(find(kind, "eager"))
    with pytest.raises(PluginError, match="e:E does not do what"):
        choose(kind, "eager").create()


def test_auto_leaves_out_what_must_be_told_something(strangers: Install, monkeypatch: pytest.MonkeyPatch) -> None:
    options = "options=__import__('dataclasses').make_dataclass('O', [('key', str, {}) ], frozen=True)"
    declared = options.format("option(help='Key', env='AFRAME_DATA_TEST_KEY')")
    strangers(
        source={
            "stranger": hook("segment_sources", f"yield SegmentSourceProvider({GREEDY}, {declared})"),
            "greedy_code": "class Greedy:\n    def __init__(self, options): pass\n    def query(self, query): pass\n",
        }
    )

    def found() -> list[list[str]]:
        chosen = candidates_of_each("segments", ["auto"], ["H1_DATA"])["H1_DATA"]
        known = with_options("segments", ["auto"], wanted=["H1_DATA"])
        return [[entry.key for entry in entries] for entries in (chosen, known)]

    assert found() == [["gwosc"]] * 2
    monkeypatch.setenv("AFRAME_DATA_TEST_KEY", "secret")
    assert found() == [["gwosc", "greedy"]] * 2
