"""From what the user typed to a provider of anybody's, and its options to the one that has them."""

from __future__ import annotations

import json
import pickle
from typing import TYPE_CHECKING

import pytest

from aframe_data.errors import MissingDependencyError, PluginError, UsageError
from aframe_data.registry.candidates import candidates, candidates_of_each, with_options
from aframe_data.registry.choice import assign_options, choose
from aframe_data.registry.loading import check_class
from aframe_data.registry.names import find, match, registered
from plugin_factory import hook, install_plugin, run_cli

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Install = Callable[..., Path]

SPAN = ("--start", "1240579783", "--end", "1240579883")

STRANGER = """
from dataclasses import dataclass
from aframe_data import hookimpl
from aframe_data.plugin.options import option
from aframe_data.plugin.records import *

@dataclass(frozen=True)
class Site:
    host: str = option(default="archive.example", help="Host", aliases=("server",))
    depth: int = option(default=1, help="Depth", minimum=1)

@dataclass(frozen=True)
class Population:
    path: str = option(default="", help="File of the population")

@hookimpl
def register_segment_sources():
    yield SegmentSourceProvider(name="site", summary="Segments", load="stranger_code:Segments", options=Site,
                                flags=("O1_.+", "H1_.+"), aliases=("the_site",))

@hookimpl
def register_strain_fetchers():
    yield StrainFetcherProvider(name="site", summary="Strain", load="stranger_code:Strain", options=Site,
                                channels=("O1(:.+)?",), alignment=64, aliases=("the_site",))

@hookimpl
def register_priors():
    yield PriorProvider(name="heavy", summary="Heavy", load="stranger_code:Heavy", options=Population,
                        aliases=("very_heavy",), pattern=r".+[.]population", pattern_option="path")

@hookimpl
def register_waveform_generators():
    yield WaveformGeneratorProvider(name="model", summary="Model", load="stranger_code:Model", aliases=("a_model",))
"""

STRANGER_CODE = """
from aframe_data.types import Segment, SegmentResult

class Segments:
    def __init__(self, options):
        self.options = options

    def query(self, query):
        return SegmentResult((Segment(query.start + 10, query.stop - 10),), origin=self.options.host)

class Strain:
    def __init__(self, options):
        self.options = options

    def fetch(self, request):
        return {}

class Heavy:
    parameters, frame = ("mass_1",), "source"

    def __init__(self, options):
        self.options = options

    def sample(self, n, rng):
        return {}

class Model:
    def check(self, parameters, request):
        pass

    def generate(self, parameters, request):
        raise NotImplementedError
"""

SOURCE = {"stranger": STRANGER, "stranger_code": STRANGER_CODE}
KINDS = {
    "segments": ("site", "the_site"),
    "strain": ("site", "the_site"),
    "prior": ("heavy", "very_heavy"),
    "waveforms": ("model", "a_model"),
}


@pytest.fixture
def stranger(strangers: Install) -> None:
    strangers(distribution="stranger", source=SOURCE)


@pytest.mark.usefixtures("stranger")
class TestStranger:
    @pytest.mark.parametrize(("kind", "names"), KINDS.items(), ids=KINDS)
    def test_a_provider_is_found_by_name_alias_and_distribution(self, kind: str, names: tuple[str, str]) -> None:
        for name in (*names, f"stranger:{names[0]}"):
            choice = choose(kind, name)
            assert choice.key == names[0]
            assert type(choice.create()).__module__ == "stranger_code"

    @pytest.mark.parametrize("kind", KINDS)
    def test_a_provider_passes_the_check_of_its_class(self, kind: str) -> None:
        check_class(find(kind, KINDS[kind][0]))

    def test_a_prior_is_found_by_its_pattern_and_gets_the_text(self) -> None:
        assert match("prior", "some/where.population")[0].key == "heavy"
        assert choose("prior", "some/where.population").create().options.path == "some/where.population"

    def test_auto_takes_those_that_accept_the_channels(self) -> None:
        for_channels = candidates_of_each("strain", ["auto"], ["O1", "H1"])
        assert [[entry.key for entry in entries] for entries in for_channels.values()] == [["site"], ["gwosc"]]
        for_flags = candidates_of_each("segments", ["auto"], ["O1_X", "H1_X"])
        assert [[entry.key for entry in entries] for entries in for_flags.values()] == [["site"], ["gwosc", "site"]]

    def test_what_nobody_accepts_is_told_with_what_each_accepts(self) -> None:
        with pytest.raises(UsageError, match=r"no strain fetcher accepts 'O1 X'.*gwosc: .*; site: O1\(:\.\+\)\?"):
            candidates_of_each("strain", ["auto"], ["O1 X"])

    def test_a_named_source_refuses_what_it_does_not_accept(self) -> None:
        with pytest.raises(UsageError, match=r"strain fetcher 'site' does not accept 'H1', only O1"):
            candidates_of_each("strain", ["gwosc", "site"], ["H1"])

    def test_the_order_of_the_names_is_kept(self) -> None:
        assert [entry.key for entry in candidates("segments", ["site", "gwosc"])] == ["site", "gwosc"]

    def test_auto_chooses_for_each_flag_by_itself_where_it_may(self) -> None:
        chosen = candidates_of_each("segments", ["auto"], ["O1_X", "L1_DATA", "H1_X"])
        assert {flag: [entry.key for entry in entries] for flag, entries in chosen.items()} == {
            "O1_X": ["site"],
            "L1_DATA": ["gwosc"],
            "H1_X": ["gwosc", "site"],
        }

    def test_named_sources_are_asked_for_what_they_accept_in_their_order(self) -> None:
        chosen = candidates_of_each("segments", ["site", "gwosc"], ["O1_X", "L1_DATA", "H1_X"])
        assert {flag: [entry.key for entry in entries] for flag, entries in chosen.items()} == {
            "O1_X": ["site"],
            "L1_DATA": ["gwosc"],
            "H1_X": ["site", "gwosc"],
        }

    def test_a_flag_that_no_named_source_accepts_is_refused_and_so_is_a_source_without_a_flag(self) -> None:
        with pytest.raises(UsageError, match=r"none of the named segment sources accepts 'V1:X'\..*gwosc: .*; site: "):
            candidates_of_each("segments", ["gwosc", "site"], ["H1_X", "V1:X"])
        with pytest.raises(UsageError, match=r"segment source 'site' does not accept 'L1_DATA', only O1_.\+ or H1_"):
            candidates_of_each("segments", ["gwosc", "site"], ["L1_DATA"])
        with pytest.raises(UsageError, match=r"no segment source accepts 'V1 X'"):
            candidates_of_each("segments", ["auto"], ["L1_DATA", "V1 X"])

    def test_a_command_line_must_know_the_options_of_whoever_may_be_chosen(self) -> None:
        def known(kind: str, *names: str, wanted: tuple[str, ...] | None = (), automatic: bool = True) -> list[str]:
            return [entry.key for entry in with_options(kind, names, wanted=wanted, automatic=automatic)]

        able = ["dqsegdb", "gwosc", "site"]
        assert known("segments", "auto", wanted=("O1_X",)) == ["site"]
        assert known("segments", "auto", wanted=("L1_DATA", "O1_X")) == ["gwosc", "site"]
        assert known("segments", wanted=("L1_DATA", "O1_X")) == ["gwosc", "site"]
        for unknown in (None, (), ("V1 X",)):
            assert known("segments", "auto", wanted=unknown) == known("segments", wanted=unknown) == able
        assert known("segments", "site", "the_site", "gwosc", wanted=("V1 X",)) == ["site", "gwosc"]
        assert known("prior", "some/where.population") == ["heavy"]
        assert known("prior", automatic=False) == []
        with pytest.raises(UsageError, match="unknown segment source 'sight'"):
            known("segments", "sight")

    @pytest.mark.parametrize("names", [("auto",), ("site", "gwosc")], ids=" ".join)
    @pytest.mark.parametrize("wanted", [("O1_X", "L1_DATA"), ("H1_X",), ("L1_DATA", "H1_X", "O1_X")], ids=" ".join)
    def test_whoever_is_chosen_for_a_flag_is_one_whose_options_are_known(
        self, names: tuple[str, ...], wanted: tuple[str, ...]
    ) -> None:
        chosen = candidates_of_each("segments", names, wanted).values()
        assert {entry for entries in chosen for entry in entries} <= {*with_options("segments", names, wanted=wanted)}

    def test_options_go_to_the_provider_that_has_them(self) -> None:
        entries = candidates("segments", ["gwosc", "site"])
        gwosc, site = assign_options(entries, {"gwosc-host": "http://a", "site_host": "b", "depth": "3", "timeout": 5})
        assert (gwosc.options.host, gwosc.options.timeout) == ("http://a", 5.0)
        assert (site.options.host, site.options.depth) == ("b", 3)

    def test_an_alias_is_an_option_too(self) -> None:
        (site,) = assign_options(candidates("segments", ["site"]), {"server": "there"})
        assert site.options.host == "there"

    def test_a_bare_option_that_two_have_names_both(self) -> None:
        with pytest.raises(UsageError, match=r"--host could belong to several.*say --gwosc-host or --site-host"):
            assign_options(candidates("segments", ["gwosc", "site"]), {"host": "x"})

    def test_an_option_of_another_provider_says_whose_it_is(self) -> None:
        with pytest.raises(UsageError) as caught:
            assign_options(candidates("segments", ["gwosc"]), {"site-depth": 2})
        assert str(caught.value) == (
            "--site-depth is not an option of the segment source 'gwosc'; it belongs to: site."
        )

    def test_an_option_of_nobody_says_what_there_is(self) -> None:
        with pytest.raises(UsageError, match=r"--dpeth is not an option of .*'site'\. Did you mean 'depth'"):
            assign_options(candidates("segments", ["site"]), {"dpeth": 2})

    def test_an_option_given_under_two_names_is_refused(self) -> None:
        with pytest.raises(UsageError, match=r"--site-host is given twice"):
            assign_options(candidates("segments", ["site"]), {"host": "a", "site-host": "b"})

    def test_a_provider_without_options_says_so(self) -> None:
        with pytest.raises(UsageError, match=r"--depth is not an option of the waveform generator 'model'"):
            choose("waveforms", "model", {"depth": 2})

    def test_a_choice_travels_to_another_process(self) -> None:
        choice = choose("strain", "site", {"depth": 4})
        copy = pickle.loads(pickle.dumps(choice))  # noqa: S301
        assert copy == choice
        assert hash(copy) == hash(choice)
        assert copy.create().options.depth == 4

    def test_a_choice_describes_itself_for_the_provenance(self) -> None:
        assert choose("strain", "site").describe() == {
            "name": "site",
            "distribution": "stranger",
            "version": "1.0",
            "options": {"host": "archive.example", "depth": 1},
        }

    def test_the_built_in_ones_come_first(self) -> None:
        order = [entry.plugin.built_in for entry in registered("segments")]
        assert order == sorted(order, reverse=True)


@pytest.mark.parametrize(
    ("kind", "name", "message"),
    [
        ("strain", "gwsoc", "unknown strain fetcher 'gwsoc'. Did you mean 'gwosc'? Known: "),
        ("prior", "spin_bhb", "unknown prior 'spin_bhb'. Did you mean 'spin_bbh'"),
        ("waveforms", "stranger:lalsimulation", "unknown waveform generator 'stranger:lalsimulation'"),
    ],
)
def test_an_unknown_name_is_told_with_the_near_ones(kind: str, name: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        choose(kind, name)
    assert message in str(caught.value)


def test_no_name_at_all_is_refused() -> None:
    with pytest.raises(UsageError, match="no segment source was named"):
        candidates_of_each("segments", [], ["H1_DATA"])


# --- what is broken and was not asked for ---------------------------------------------------------------

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


# --- the command line -----------------------------------------------------------------------------------


def test_the_commands_use_a_strangers_provider(tmp_path: Path) -> None:
    site = install_plugin(tmp_path / "site", source=SOURCE)
    output = tmp_path / "segments.txt"
    arguments = ("query", "--flags", "O1_X", *SPAN, "--source", "site", "-o", str(output), "--site-host", "elsewhere")
    done = run_cli(*arguments, folders=(site,))
    assert done.returncode == 0, done.stderr
    header, row = output.read_text().splitlines()
    assert row.split("\t") == ["0", "1240579793", "1240579873", "80.0"]
    record = json.loads(header.partition("provenance=")[2])
    assert record["flags"][0]["origin"] == "elsewhere"
    assert record["sources"][0]["distribution"] == "stranger"
    assert run_cli(*arguments).returncode == 2  # and where it is not installed, its name is unknown


def test_the_help_of_a_command_has_a_panel_for_a_strangers_options(tmp_path: Path) -> None:
    site = install_plugin(tmp_path / "site", source=SOURCE)
    shown = run_cli("fetch", "--source", "site", "--help", folders=(site,))
    assert shown.returncode == 0
    assert "Options of site" in shown.stdout
    assert "--site-depth" in shown.stdout


def test_a_strangers_provider_is_listed_and_described(tmp_path: Path) -> None:
    site = install_plugin(tmp_path / "site", source=SOURCE)
    listed = json.loads(run_cli("plugins", "list", "--json", "--kind", "strain", folders=(site,)).stdout)
    (plugin,) = (entry for entry in listed if entry["distribution"] == "stranger")
    assert plugin["status"] == "ok"
    assert [provider["name"] for provider in plugin["providers"]] == ["site"]
    described = json.loads(run_cli("plugins", "info", "the_site", "--json", folders=(site,)).stdout)
    assert [option["flag"] for option in described[0]["options"]] == ["--site-host", "--site-depth"]
