"""Help pages: whole names at any width, what is required first, an example that can be copied."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

import pytest

from aframe_data.cli.app import PANELS, SUMMARIES
from aframe_data.cli.pages import example_lines
from aframe_data.registry.names import everything_registered
from aframe_data.requests import COMMANDS, request_of
from aframe_data.requests.declaration import shown_fields

if TYPE_CHECKING:
    from collections.abc import Callable

#: What chooses a provider of each kind.
CHOOSING = {
    "segments": ("query", "--source"),
    "strain": ("fetch", "--source"),
    "prior": ("waveforms", "--prior"),
    "waveforms": ("timeslide-waveforms", "--generator"),
    "export": ("export", "--to"),
}
WITHOUT_REQUEST = [
    *("", "plugins", "plugins list", "plugins info", "plugins check", "snakefile", "completion"),
    *("priors", "priors list", "priors show", "priors reweight"),
]
OUTPUTS = {
    "query": "output-file",
    "fetch": "output-directory",
    "psd": "output-file",
    "waveforms": "output-file",
    "validation-waveforms": "output-file",
    "timeslide-waveforms": "output-dir",
    "merge": "output-file",
    "export": "output-file",
}


@pytest.fixture
def page(cli: Callable[..., object], monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    def show(*words: str, width: int = 80) -> str:
        monkeypatch.setenv("COLUMNS", str(width))
        done = cli(*words, "--help")
        assert (done.code, done.err) == (0, "")
        return done.out

    return show


def panels_of(shown: str) -> dict[str, list[str]]:
    """The lines of each panel, without its frame."""
    panels: dict[str, list[str]] = {}
    for line in shown.splitlines():
        if line.startswith("╭"):
            title = line.strip("╭─╮ ")
            panels[title] = []
        elif line.startswith("│"):
            panels[title].append(line.strip("│")[1:].rstrip())
    return panels


def names_of(shown: str) -> set[str]:
    """The long names in the lines that begin with one, without dashes in front; those that are cut are none."""
    said = [line for lines in panels_of(shown).values() for line in said_first(lines)]
    return {name for line in said for name in re.findall(r"(?<=--)[a-z0-9-]+(?=[\s,]|$)", line)}


def said_first(lines: list[str]) -> list[str]:
    """The lines of a panel that begin with a name."""
    return [line for line in lines if re.match(r"(\* |  )?-", line)]


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("command", COMMANDS)
def test_every_name_of_an_option_is_whole(page: Callable[..., str], command: str, width: int) -> None:
    shown = names_of(page(command, width=width))
    fields = [field for field in shown_fields(request_of(command)) if field.kw_only]
    names = {field.switch_off if field.default is True else field.spellings[0] for field in fields}
    running = {"json", "quiet", "log-file", "debug", "help"}
    running |= {"config"} if request_of(command).configurable else set()
    assert {name.replace("_", "-") for name in names} | running <= shown


#: All but kinds of sources, which generators choose.
CHOSEN = [entry for entry in everything_registered() if entry.provider.kind in CHOOSING]


@pytest.mark.parametrize("entry", CHOSEN, ids=lambda entry: f"{entry.provider.kind}-{entry.key}")
def test_every_name_of_a_providers_option_is_whole(page: Callable[..., str], entry: object) -> None:
    name = {"bilby-file": "mine.prior", "bilby-callable": "my.population"}.get(entry.key, entry.key)
    shown = names_of(page(*CHOOSING[entry.provider.kind], name))
    hidden = getattr(entry.provider, "pattern_option", None)
    specs = [spec for spec in entry.provider.option_specs if spec.name != hidden]
    assert {spec.qualified_flag(entry.provider.name) for spec in specs} <= shown
    assert all("default" not in spec.help for spec in specs), "the page says the defaults itself, in one way"


@pytest.mark.parametrize("words", [*COMMANDS, *WITHOUT_REQUEST])
def test_a_page_is_as_wide_as_the_terminal_and_nothing_is_cut(page: Callable[..., str], words: str) -> None:
    for width in (60, 80):
        shown = page(*words.split(), width=width).split(" Example:")[0]
        assert max(map(len, shown.splitlines())) == width
        assert not any("…" in line for lines in panels_of(shown).values() for line in said_first(lines))


@pytest.mark.parametrize("command", COMMANDS)
def test_what_is_required_comes_first(page: Callable[..., str], command: str) -> None:
    panels = panels_of(page(command))
    asking = [any(line.startswith("* ") for line in lines) for title, lines in panels.items() if title != "Arguments"]
    assert asking == sorted(asking, reverse=True)
    assert list(panels)[-1] == "Running"
    for lines in panels.values():
        starred = [line.startswith("* ") for line in said_first(lines)]
        assert starred == sorted(starred, reverse=True)


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("width", [60, 80, 120])
def test_the_example_can_be_copied(page: Callable[..., str], command: str, width: int) -> None:
    example = page(command, width=width).split(" Example:\n")[1]
    assert shlex.split(example.replace("\\\n", "")) == [
        "aframe-data",
        *shlex.split(f"{command} {request_of(command).example}"),
    ]
    assert all(line.endswith(" \\") for line in example.rstrip().splitlines()[:-1])


@pytest.mark.parametrize("words", sorted({*WITHOUT_REQUEST} - {"", "plugins", "priors"}))
def test_every_command_prints_json(page: Callable[..., str], words: str) -> None:
    assert {"json", "log-file", "debug"} <= names_of(page(*words.split()))


@pytest.mark.parametrize("words", WITHOUT_REQUEST)
def test_every_page_ends_with_an_example(page: Callable[..., str], words: str) -> None:
    assert "aframe-data" in page(*words.split()).split(" Example:\n")[1]


def test_a_word_of_an_example_is_never_broken() -> None:
    line = "aframe-data merge 'branches/**/waveforms of all.hdf5' -o waveforms.hdf5"
    assert example_lines(line, 20) == [
        "aframe-data merge 'branches/**/waveforms of all.hdf5' \\",
        "    -o waveforms.hdf5",
    ]


def test_the_root_help_has_the_commands_in_groups_in_the_order_of_the_work(page: Callable[..., str]) -> None:
    panels = panels_of(page())
    named = {title: [line.split()[0] for line in lines if line[:1].strip()] for title, lines in panels.items()}
    assert {title: tuple(named[title]) for title in PANELS} == PANELS
    assert sorted(name for names in PANELS.values() for name in names) == sorted(SUMMARIES)
    assert PANELS["Make data"][:4] == ("query", "fetch", "psd", "waveforms")


@pytest.mark.parametrize(("command", "old"), OUTPUTS.items())
def test_what_is_written_has_one_name_everywhere_and_the_old_ones_go_on_working(
    page: Callable[..., str], command: str, old: str
) -> None:
    shown = page(command)
    assert "-o, --output PATH" in shown
    assert f"--{old}" not in shown
    (field,) = (field for field in shown_fields(request_of(command)) if field.flag == "output")
    assert field.spellings == ("output", old)
    assert [other for other in shown_fields(request_of(command)) if other.short == "o"] == [field]


@pytest.mark.parametrize("flag", ["-o", "--output", "--output-file", "--output_file"])
def test_each_name_of_the_output_writes_there(cli: Callable[..., object], tmp_path: object, flag: str) -> None:
    span = ("--start", "1240579783", "--end", "1240583783")
    done = cli("query", "--source", "simulated", "--flags", "H1_DATA", *span, flag, tmp_path / "s.txt")
    assert done.code == 0, done.err
    assert (tmp_path / "s.txt").exists()
