"""From what the user typed to a provider of anybody's, and its options to the one that has them."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING

import pytest
from stranger_site import SOURCE

from aframe_data.errors import UsageError
from aframe_data.registry.candidates import candidates, candidates_of_each, with_options
from aframe_data.registry.choice import assign_options, choose
from aframe_data.registry.loading import check_class
from aframe_data.registry.names import find, match, registered

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Install = Callable[..., Path]


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
        with pytest.raises(UsageError, match=r"--host could belong to several.*use --gwosc-host or --site-host"):
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
