"""Finding plugins: what is broken is told, and takes nothing else with it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from aframe_data.errors import MissingDependencyError, PluginError, UsageError
from aframe_data.registry.candidates import candidates_of_each
from aframe_data.registry.choice import choose
from aframe_data.registry.discovery import Plugin, discover
from aframe_data.registry.names import find, registered
from plugin_factory import hook, install_plugin, run_cli

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from command_line import Finished

    Cli = Callable[..., Finished]
    Install = Callable[..., Path]

PRIOR = hook("priors", 'yield PriorProvider(name="mine", summary="Mine", load="stranger_code:Mine")')
STRAIN = 'yield StrainFetcherProvider(name="{name}", summary="Strain", load="stranger_code:{name}")'


def plugin_of(distribution: str) -> Plugin:
    (found,) = (plugin for plugin in discover() if plugin.distribution == distribution)
    return found


def names(kind: str) -> list[str]:
    return [entry.key for entry in registered(kind)]


BROKEN = {
    "raises": ("raise RuntimeError('no licence\\nfound')", "RuntimeError: no licence found"),
    "exits": ("import sys; sys.exit('bye')", "SystemExit: bye"),
    "does not parse": ("def (:", "SyntaxError: invalid syntax"),
    "needs what is not there": ("import no_such_package", "No module named 'no_such_package'"),
    "has no hooks": ("x = 1", "no function marked with hookimpl"),
    "misspells the hook": (
        PRIOR.replace("register_priors", "register_prior"),
        "no hook 'register_prior'. Did you mean 'register_priors'",
    ),
    "takes an argument that no hook has": (
        PRIOR.replace("register_priors()", "register_priors(config)"),
        "config",
    ),
    "gives the wrong record": (
        PRIOR.replace("register_priors", "register_strain_fetchers"),
        "register_strain_fetchers must give StrainFetcherProvider, not PriorProvider",
    ),
    "gives no records": (hook("priors", "return 7"), "TypeError"),
    "breaks off halfway": (PRIOR + "    raise KeyError('second')\n", "KeyError: 'second'"),
    "gives a record that is refused": (PRIOR.replace('"mine"', '"My Prior"'), "'My Prior' must be of lower-case"),
    "gives a text where a tuple belongs": (
        hook("segment_sources", 'yield SegmentSourceProvider(name="a", summary="A", load="a:A", flags="H1_.+")'),
        "flags of provider 'a' must be a tuple of texts, not 'H1_.+'",
    ),
    "wants no signals at once": (
        hook("waveform_generators", 'yield WaveformGeneratorProvider(name="a", summary="A", load="a:A", batch=0)'),
        "batch of provider 'a' must be a whole number of signals, not 0",
    ),
    "makes signals of no kind": (
        hook("waveform_generators", 'yield WaveformGeneratorProvider(name="a", summary="A", load="a:A", signals="")'),
        "signals of provider 'a' must name a source kind, not ''",
    ),
    "gives one name twice": (PRIOR + PRIOR.splitlines()[-1] + "\n", "'mine' twice"),
}


@pytest.mark.parametrize(("source", "reason"), BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_plugin_is_told_and_costs_no_other(strangers: Install, source: str, reason: str) -> None:
    strangers(distribution="broken", source=source)
    strangers(distribution="sound", source=PRIOR)
    broken = plugin_of("broken")
    assert broken.status == "failed"
    assert reason in broken.reason
    assert "\n" not in broken.reason
    assert broken.providers == ()
    assert plugin_of("sound").status == "ok"
    assert "mine" in names("prior")
    assert "gwosc" in names("strain")


@pytest.mark.parametrize(
    "value",
    ["", "not a module!", "module:", "stranger_code:missing"],
    ids=["empty", "words", "colon", "no such object"],
)
def test_an_entry_point_that_names_nothing_costs_no_other(strangers: Install, value: str) -> None:
    strangers(distribution="broken", entry_points={"broken": value}, source={"stranger_code": "x = 1"})
    assert plugin_of("broken").status == "failed"
    assert "gwosc" in names("strain")


@pytest.mark.parametrize("metadata", ["", "Metadata-Version: 2.1\n"], ids=["empty", "without a name"])
def test_a_distribution_without_name_or_version_costs_no_other(strangers: Install, metadata: str) -> None:
    strangers(distribution="nameless", source=PRIOR, metadata=metadata)
    assert "gwosc" in names("strain")
    assert "mine" in names("prior")


def test_entry_points_that_cannot_be_parsed_cost_no_other(strangers: Install) -> None:
    folder = strangers(distribution="garbled", source=PRIOR)
    (folder / "garbled-1.0.dist-info" / "entry_points.txt").write_text("[aframe_data]\nno equals sign here\n")
    assert "gwosc" in names("strain")
    assert plugin_of("garbled").status == "failed"


def test_what_a_plugin_prints_at_import_does_not_spoil_the_list_for_machines(tmp_path: Path) -> None:
    install_plugin(tmp_path, source="print('hello')\n" + PRIOR)
    done = run_cli("plugins", "list", "--json", folders=(tmp_path,))
    assert "stranger" in {entry["plugin"] for entry in json.loads(done.stdout)}


def test_the_list_shows_everything_and_exits_0_and_check_exits_1(
    strangers: Install, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    for distribution, (source, _) in zip(("one", "two", "three"), BROKEN.values(), strict=False):
        strangers(distribution=distribution, version="2.5", source=source)
    strangers(distribution="sound", source=PRIOR)
    listed = cli("plugins", "list")
    assert listed.code == 0
    assert listed.out.count("RuntimeError: no licence found") == 1
    rows = [line.split("\t") for line in listed.out.splitlines()]
    assert ["plugin", "two", f"failed: {BROKEN['exits'][1]} (two 2.5)"] in rows
    assert ["prior", "mine"] in [row[:2] for row in rows]
    checked = cli("plugins", "check")
    assert checked.code == 1
    assert "Traceback" not in listed.err + checked.err


def test_two_distributions_with_one_entry_point_name_both_work(strangers: Install) -> None:
    for number in (1, 2):
        strangers(
            distribution=f"stranger-{number}",
            entry_points={"same": f"module_{number}"},
            source={f"module_{number}": hook("strain_fetchers", STRAIN.format(name=f"archive{number}"))},
        )
    assert [plugin.qualified_name for plugin in discover() if plugin.name == "same"] == [
        "stranger-1:same",
        "stranger-2:same",
    ]
    assert {"archive1", "archive2"} <= set(names("strain"))


def test_two_distributions_that_name_one_module_both_work(strangers: Install) -> None:
    strangers(distribution="first", entry_points={"a": "shared_module"}, source={"shared_module": PRIOR})
    strangers(distribution="second", entry_points={"a": "shared_module"}, source={"shared_module": PRIOR})
    assert plugin_of("first").status == plugin_of("second").status == "ok"
    assert find("prior", "second:mine").plugin.distribution == "second"


def test_a_name_of_two_strangers_needs_the_distribution_and_no_other_name_suffers(strangers: Install) -> None:
    for name in ("one", "two"):
        strangers(
            distribution=name,
            source=hook(
                "strain_fetchers",
                STRAIN.format(name="disks")
                + "\n"
                + STRAIN.format(name=f"tapes-{name}").replace("stranger_code:tapes-", "stranger_code:"),
            ),
        )
    with pytest.raises(UsageError, match="use 'one:disks' or 'two:disks'"):
        find("strain", "disks")
    assert find("strain", "one:disks").plugin.distribution == "one"
    assert find("strain", "two:disks").plugin.distribution == "two"
    assert find("strain", "tapes-one").key == "tapes-one"
    assert "two gives 'disks' too; ask for 'one:disks'" in find("strain", "one:disks").warning


def test_no_stranger_takes_a_built_in_name(strangers: Install) -> None:
    strangers(source=hook("strain_fetchers", STRAIN.format(name="gwosc")))
    built_in, stranger = find("strain", "gwosc"), find("strain", "stranger:gwosc")
    assert built_in.plugin.built_in
    assert "stranger gives a 'gwosc' too" in built_in.warning
    assert stranger.plugin.distribution == "stranger"
    assert find("strain", "aframe-data:gwosc") == built_in


def test_no_stranger_takes_a_built_in_alias(strangers: Install) -> None:
    reference = "priors.priors.end_o3_ratesandpops"
    strangers(source=PRIOR.replace('summary="Mine"', f'summary="Mine", aliases=("{reference}",)'))
    assert find("prior", reference).key == "end_o3_ratesandpops"


def test_the_list_warns_of_a_claimed_name(strangers: Install, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    strangers(source=hook("strain_fetchers", STRAIN.format(name="gwosc")))
    listed = cli("plugins", "list")
    assert "gwosc (aframe-data): stranger gives a 'gwosc' too" in listed.out
    assert "strain\tstranger:gwosc\t" in listed.out


def test_one_distribution_cannot_give_one_name_from_two_plugins(strangers: Install) -> None:
    strangers(
        entry_points={"a": "first_module", "b": "second_module"},
        source=dict.fromkeys(("first_module", "second_module"), PRIOR),
    )
    assert [entry.plugin.name for entry in registered("prior") if entry.key == "mine"] == ["a"]
    (second,) = (plugin for plugin in discover() if plugin.qualified_name == "stranger:b")
    assert second.status == "failed"
    assert "stranger:a gives a prior 'mine' too" in second.reason


def test_a_missing_dependency_is_listed_and_told_in_one_line(
    strangers: Install, cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    needy = 'name="needy", summary="S", load="stranger_code:Needy", requires=("no_such_package",)'
    strangers(
        source=hook("segment_sources", f'yield SegmentSourceProvider({needy}, install="pip install no-such-package")')
    )
    listed = cli("plugins", "list")
    assert listed.code == 0
    assert "missing dependency" in listed.out
    assert "needy needs no_such_package: pip install no-such-package" in listed.out
    span = ("--start", "1240579783", "--end", "1240579883")
    used = cli("query", "--flags", "H1_DATA", *span, "--source", "needy", "-o", tmp_path / "segments.txt")
    assert used.code == 1
    assert used.err.splitlines() == [
        (
            "aframe-data: error: segment source 'needy' needs no_such_package, which is not installed: "
            "pip install no-such-package"
        )
    ]


def test_a_missing_dependency_is_a_typed_error(strangers: Install) -> None:
    strangers(source=PRIOR.replace("load=", 'requires=("no_such_package",), install="pip install it", load='))
    entry = find("prior", "mine")
    assert entry.status == "missing dependency"
    with pytest.raises(MissingDependencyError, match="pip install it"):
        choose("prior", "mine").create()


@pytest.mark.parametrize("name", ["gwosc", "aframe-data:gwosc", "other, gwosc"])
def test_a_plugin_can_be_switched_off(strangers: Install, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("AFRAME_DATA_DISABLE_PLUGINS", name)
    strangers(source=PRIOR)
    (gwosc,) = (plugin for plugin in discover() if plugin.qualified_name == "aframe-data:gwosc")
    assert gwosc.status == "disabled"
    assert "gwosc" not in names("strain")
    assert "mine" in names("prior")
    with pytest.raises(PluginError, match="disabled: switched off by AFRAME_DATA_DISABLE_PLUGINS"):
        find("strain", "gwosc")
    with pytest.raises(UsageError, match=r"Plugins that cannot be used: gwosc of aframe-data \(disabled: switched off"):
        candidates_of_each("strain", ["auto"], ["H1"])


def test_a_switched_off_plugin_is_not_imported(strangers: Install, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AFRAME_DATA_DISABLE_PLUGINS", "stranger")
    strangers(source="raise AssertionError('imported')")
    assert plugin_of("stranger").status == "disabled"


def test_a_distribution_that_is_found_twice_counts_once(strangers: Install, tmp_path: Path) -> None:
    editable = install_plugin(tmp_path / "build", source=PRIOR)
    folder = strangers(source=PRIOR)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(editable)
        assert plugin_of("stranger").status == "ok"
        assert names("prior").count("mine") == 1
    assert folder != editable


def test_names_of_distributions_are_compared_in_their_normal_form(strangers: Install) -> None:
    strangers(distribution="My__Odd.Name", source={"stranger_code": PRIOR})
    assert find("prior", "my-odd-name:mine").key == "mine"
    assert find("prior", "My__Odd.Name:mine").key == "mine"


def test_everything_built_in_is_sound() -> None:
    assert {plugin.name: plugin.status for plugin in discover() if plugin.built_in} == dict.fromkeys(
        (
            "arrakis",
            "binaries",
            "datafind",
            "dqsegdb",
            "exports",
            "file",
            "frames",
            "gwosc",
            "lalsimulation",
            "nds2",
            "priors",
            "ringdown",
            "simulated",
        ),
        "ok",
    )
