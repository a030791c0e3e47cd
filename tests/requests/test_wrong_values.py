"""Every field of every request with values that it may not be made for: taken, or refused as a wrong argument is."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from aframe_data.errors import UsageError
from aframe_data.requests import COMMANDS, request_of
from aframe_data.requests.declaration import fields_of
from aframe_data.requests.priors import Reweight, ShowPrior

_SPAN = {"start": 1240579783, "end": 1240579883}
_SIGNALS = {"prior": "spin_bbh", "waveform_duration": 8, "sample_rate": 2048}
#: By the names of the commands, what each can be asked for.
ASKED: dict[str, dict[str, Any]] = {
    "init": {"preset": "quickstart"},
    "build": {"configuration": "a.toml", "output_dir": "b"},
    "query": {**_SPAN, "flags": "H1_DATA", "veto_definer": "vetoes.xml"},
    "fetch": {**_SPAN, "channels": "H1", "sample_rate": 2048, "output_directory": "b", "cache": "c"},
    "psd": {"files": "a.hdf5", "output_file": "b.hdf5"},
    "waveforms": {**_SIGNALS, "num_signals": 3, "output_file": "b.hdf5", "seed": 1},
    "validation-waveforms": {
        **_SIGNALS,
        "num_signals": 3,
        "output_file": "b.hdf5",
        "ifos": "H1",
        "psd": "a.hdf5",
        "seed": 1,
    },
    "timeslide-waveforms": {
        **_SIGNALS,
        "output_dir": "b",
        "ifos": "H1",
        "background": "a",
        "shifts": 0,
        "seed": 1,
    },
    "merge": {"files": "a.hdf5", "output_file": "b.hdf5"},
    "inspect": {"path": "a.hdf5"},
    "verify": {"folder": "a"},
    "report": {"folder": "a"},
    "export": {"source": "a.hdf5", "to": "pycbc", "output_file": "b.hdf"},
    "priors show": {"prior": "spin_bbh"},
    "priors reweight": {"file": "a.hdf5", "to": "spin_bbh", "output_file": "b.hdf5"},
}
VALUES: tuple[Any, ...] = (
    *(3, -1, 3.5, True, float("nan"), float("inf"), 10**30, None, b"x", object(), date(2019, 1, 1)),
    *("", "-", "\0", "a\0b", "file:///a%00b", "s4://a/b", "x" * 5000, "[", "null"),
    *([], [3], [None], [["a"]], [""], ["\0"], {}, {"a": 3}, {"H1": 3}, {3: "a"}),
)


@pytest.mark.parametrize("request_", [*map(request_of, COMMANDS), ShowPrior, Reweight], ids=lambda one: one.command)
def test_a_value_is_taken_or_refused_in_one_line(request_: type[Any]) -> None:
    asked = ASKED[request_.command]
    assert request_(**asked)
    for field in fields_of(request_):
        rest = {name: value for name, value in asked.items() if field.name != "segments" or name not in _SPAN}
        for value in VALUES:
            if field.dated and isinstance(value, date):
                continue  # it is none of the wrong ones, and astropy takes a while
            try:
                request_(**{**rest, field.name: value})
            except UsageError as error:
                assert "\n" not in str(error), (field.name, value)  # noqa: PT017 - most are taken


@pytest.mark.parametrize("value", [3, [3], "a\0b", "s4://a/b", ""])
@pytest.mark.parametrize(
    ("command", "name"),
    [
        *(("build", "configuration"), ("fetch", "cache"), ("init", "from_aframe"), ("merge", "files_from")),
        *(("merge", "files"), ("psd", "files"), ("report", "croissant"), ("report", "folder")),
        *(("timeslide-waveforms", "background"), ("timeslide-waveforms", "rejected_file")),
    ],
)
def test_a_path_that_is_none_is_told_with_its_name(command: str, name: str, value: Any) -> None:
    with pytest.raises(UsageError, match=f"^{name} = .* is (not (a path|allowed)|empty)"):
        request_of(command)(**{**ASKED[command], name: value})


def test_a_dash_is_no_name_of_a_file_unless_it_says_where_it_is() -> None:
    for command, asked in ASKED.items():
        request_ = {"priors show": ShowPrior, "priors reweight": Reweight}.get(command) or request_of(command)
        outputs = [field.name for field in fields_of(request_) if field.name.startswith("output")]
        for name in outputs if command != "init" else ():
            with pytest.raises(UsageError, match=f"^{name} = '-' is not allowed: no standard .* Write ./- for a file"):
                request_(**{**asked, name: "-"})
    assert str(request_of("psd")(files="./-", output_file="./-").output_file) == "-"
    assert str(request_of("merge")(files_from="-", output_file="a").files_from) == "-"
