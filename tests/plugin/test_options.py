"""Options of providers: declared once, converted, checked, and explained."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aframe_data.errors import UsageError
from aframe_data.plugin.options import option, option_specs
from aframe_data.plugin.values import resolve


@dataclass(frozen=True)
class Options:
    host: str = option(default="here", help="Host", env="AFRAME_DATA_TEST_HOST", aliases=("server", "the-host"))
    port: int = option(default=80, help="Port", minimum=1, maximum=65535, env="AFRAME_DATA_TEST_PORT")
    timeout: float = option(default=1.0, help="Seconds", minimum=0, exclusive=True)
    verify: bool = option(default=True, help="Whether to verify")
    folder: Path | None = option(default=None, help="Folder")  # noqa: RUF009
    kinds: tuple[str, ...] = option(default=(), help="Kinds", choices=("raw", "clean"))
    numbers: tuple[int, ...] | None = option(default=None, help="Numbers", minimum=0)
    file_format: str = option(default="hdf5", help="Format", choices=("hdf5", "gwf"))


@dataclass(frozen=True)
class Needy:
    token_file: Path = option(help="Where the token is")  # noqa: RUF009


@dataclass(frozen=True)
class Open:
    proxy: str | None = option(default=None, help="The proxy", env="AFRAME_DATA_TEST_PROXY")


def make(**values: Any) -> Options:
    return resolve(Options, values, owner="archive")


def test_without_values_the_defaults_hold() -> None:
    assert make() == Options()


@pytest.mark.parametrize(
    ("given", "name", "value"),
    [
        ({"host": "there"}, "host", "there"),
        ({"server": "there"}, "host", "there"),
        ({"the_host": "there"}, "host", "there"),
        ({"the-host": "there"}, "host", "there"),
        ({"file-format": "gwf"}, "file_format", "gwf"),
        ({"port": "8080"}, "port", 8080),
        ({"port": 8080.0}, "port", 8080),
        ({"port": 65535}, "port", 65535),
        ({"timeout": "2.5"}, "timeout", 2.5),
        ({"timeout": 3}, "timeout", 3.0),
        ({"verify": "no"}, "verify", False),
        ({"verify": "TRUE"}, "verify", True),
        ({"verify": False}, "verify", False),
        ({"folder": "a/b"}, "folder", Path("a/b")),
        ({"folder": None}, "folder", None),
        ({"kinds": "raw, clean"}, "kinds", ("raw", "clean")),
        ({"kinds": ["clean"]}, "kinds", ("clean",)),
        ({"kinds": ""}, "kinds", ()),
        ({"kinds": "[raw,clean]"}, "kinds", ("raw", "clean")),
        ({"kinds": " [ 'raw', clean ] "}, "kinds", ("raw", "clean")),
        ({"kinds": ("[raw]", "clean")}, "kinds", ("raw", "clean")),
        ({"numbers": "[1.0,2e3]"}, "numbers", (1, 2000)),
        ({"kinds": "null"}, "kinds", ()),
        ({"numbers": "[]"}, "numbers", ()),
        ({"numbers": "null"}, "numbers", None),
        ({"numbers": ("null",)}, "numbers", None),
        ({"numbers": "1,2"}, "numbers", (1, 2)),
        ({"numbers": 7}, "numbers", (7,)),
        ({"numbers": None}, "numbers", None),
    ],
)
def test_values_become_what_the_field_declares(given: dict[str, Any], name: str, value: Any) -> None:
    found = getattr(make(**given), name)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"port": "eighty"}, "--archive-port: 'eighty' is not a whole number."),
        ({"port": 80.5}, "--archive-port: 80.5 is not a whole number."),
        ({"port": True}, "--archive-port: True is not a whole number."),
        ({"port": None}, "--archive-port: None is not allowed: leave the option out for its default, 80."),
        ({"port": "null"}, "--archive-port: 'null' is not allowed: leave the option out for its default, 80."),
        ({"port": "1e300"}, "--archive-port: '1e300' is not allowed, only values from 1 to 65535."),
        ({"port": "inf"}, "--archive-port: 'inf' is not a whole number."),
        ({"numbers": "1e20"}, "--archive-numbers: '1e20' is not allowed, only whole numbers up to 9007199254740992."),
        ({"numbers": [-(10**400)]}, "000 is not allowed, only whole numbers up to 9007199254740992."),
        ({"verify": "null"}, "--archive-verify: 'null' is not allowed: leave the option out for its default, True."),
        ({"numbers": "1,null"}, "--archive-numbers: 'null' is not a whole number."),
        ({"numbers": "[1,2"}, "--archive-numbers: '[1,2' is not allowed: '[1,2' begins like a list and does not end"),
        ({"numbers": "[[1],2]"}, "--archive-numbers: '[[1],2]' is not allowed: '[[1],2]' is not a list of values"),
        ({"port": 0}, "--archive-port: 0 is not allowed, only values from 1 to 65535."),
        ({"port": 65536}, "--archive-port: 65536 is not allowed, only values from 1 to 65535."),
        ({"timeout": 0}, "--archive-timeout: 0 is not allowed, only values above 0."),
        ({"timeout": "nan"}, "--archive-timeout: 'nan' is not a finite number."),
        ({"timeout": "inf"}, "--archive-timeout: 'inf' is not a finite number."),
        ({"timeout": "soon"}, "--archive-timeout: 'soon' is not a finite number."),
        ({"verify": "maybe"}, "--archive-verify: 'maybe' is not true or false."),
        ({"host": None}, "--archive-host: None is not allowed: leave the option out for its default, here."),
        ({"host": ["a"]}, "--archive-host: ['a'] is not a text."),
        ({"folder": 5}, "--archive-folder: 5 is not a path."),
        ({"kinds": "raw,claen"}, "--archive-kinds: 'claen' is not allowed, only one of raw, clean. Did you mean"),
        ({"numbers": "1,-2"}, "--archive-numbers: '-2' is not allowed, only values of at least 0."),
        ({"file_format": "frame"}, "--archive-file-format: 'frame' is not allowed, only one of hdf5, gwf."),
        ({"hots": "a"}, "'hots' is not an option of 'archive'. Did you mean 'host'"),
        ({"colour": "a"}, "Its options: host, port, timeout"),
        ({"host": "a", "server": "b"}, "--archive-host is given twice"),
    ],
)
def test_a_wrong_value_is_named_with_what_is_allowed(given: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        make(**given)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 2


def test_the_environment_fills_in_and_the_caller_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AFRAME_DATA_TEST_HOST", "from the environment")
    assert make().host == "from the environment"
    assert make(server="given").host == "given"
    monkeypatch.setenv("AFRAME_DATA_TEST_HOST", "")
    assert make().host == "here"


def test_null_is_not_given_and_the_environment_fills_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AFRAME_DATA_TEST_PROXY", "there")
    assert resolve(Open, {"proxy": "null"}, owner="archive").proxy == "there"
    monkeypatch.delenv("AFRAME_DATA_TEST_PROXY")
    assert resolve(Open, {"proxy": None}, owner="archive").proxy is None


def test_a_wrong_value_of_the_environment_names_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AFRAME_DATA_TEST_PORT", "eighty")
    with pytest.raises(UsageError, match=r"'eighty' is not a whole number.*AFRAME_DATA_TEST_PORT"):
        make()
    assert make(port=1).port == 1


def test_a_required_value_that_is_missing_is_asked_for() -> None:
    with pytest.raises(UsageError, match=r"'archive' needs --archive-token-file: Where the token is"):
        resolve(Needy, {}, owner="archive")
    assert resolve(Needy, {"token_file": "x"}, owner="archive") == Needy(Path("x"))


def test_specs_tell_all_that_a_command_line_needs() -> None:
    specs = {spec.name: spec for spec in option_specs(Options)}
    assert list(specs) == [field.name for field in dataclasses.fields(Options)]
    assert specs["host"].spellings == ("host", "server", "the-host")
    assert specs["file_format"].spellings[0] == "file-format"
    assert specs["file_format"].qualified_flag("my_archive") == "my-archive-file-format"
    assert (specs["kinds"].type, specs["kinds"].many, specs["kinds"].optional) == (str, True, False)
    assert (specs["numbers"].type, specs["numbers"].many, specs["numbers"].optional) == (int, True, True)
    assert (specs["folder"].type, specs["folder"].optional) == (Path, True)
    assert not specs["folder"].required
    assert option_specs(Needy)[0].required
    assert option_specs(None) == ()


@pytest.mark.parametrize(
    ("bounds", "words"),
    [
        ({}, ""),
        ({"minimum": 1}, "at least 1"),
        ({"maximum": 2.5}, "at most 2.5"),
        ({"minimum": 1, "maximum": 2}, "from 1 to 2"),
        ({"minimum": 1, "exclusive": True}, "above 1"),
        ({"maximum": 1, "exclusive": True}, "below 1"),
        ({"minimum": 0, "maximum": 1, "exclusive": True}, "between 0 and 1, both excluded"),
        ({"choices": ("a", "b")}, "one of a, b"),
    ],
)
def test_the_range_is_said_in_words(bounds: dict[str, Any], words: str) -> None:
    made = dataclasses.make_dataclass("Made", [("x", float, option(default=1.0, help="", **bounds))], frozen=True)
    assert option_specs(made)[0].describe_range() == words


@given(
    value=st.floats(allow_nan=False, allow_infinity=False),
    low=st.none() | st.floats(-1e3, 1e3),
    high=st.none() | st.floats(-1e3, 1e3),
    exclusive=st.booleans(),
)
def test_exactly_the_values_of_the_range_are_taken(
    value: float, low: float | None, high: float | None, exclusive: bool
) -> None:
    x = option(default=0.0, help="", minimum=low, maximum=high, exclusive=exclusive)
    made = dataclasses.make_dataclass("Made", [("x", float, x)], frozen=True)
    above = low is None or value > low or (value == low and not exclusive)
    below = high is None or value < high or (value == high and not exclusive)
    if above and below:
        assert resolve(made, {"x": value}, owner="o").x == value
    else:
        with pytest.raises(UsageError):
            resolve(made, {"x": value}, owner="o")


def _class(hint: object, *, frozen: bool = True, default: Any = None) -> type:
    fields: list[Any] = [("x", hint, option(default=default, help=""))]
    return dataclasses.make_dataclass("Made", fields, frozen=frozen)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (_class(int, frozen=False), "must be a frozen dataclass"),
        (int, "must be a frozen dataclass"),
        (dataclasses.make_dataclass("Made", [("x", int, 3)], frozen=True), r"must be declared with option"),
        (_class(dict[str, int]), "unsupported type"),
        (_class(list[int]), "unsupported type"),
        (_class(tuple), "unsupported type"),
        (_class(tuple[str, int]), "unsupported type"),
        (_class(tuple[str]), "unsupported type"),
        (_class(int | str), "unsupported type"),
    ],
    ids=str,
)
def test_a_declaration_that_cannot_be_used_is_refused(options: type, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        option_specs(options)
