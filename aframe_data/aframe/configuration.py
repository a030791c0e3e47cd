"""From the configuration of a run of Aframe's pipeline (pipeline/config/config.yaml) to one of `aframe-data build`."""

from __future__ import annotations

import ast
import json
import logging
import re
from difflib import get_close_matches
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from aframe_data.aframe.requests import OPEN_FLAGS
from aframe_data.configuration.file import read_tables
from aframe_data.errors import UsageError
from aframe_data.requests.campaign import AFRAME

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from pathlib import Path

_logger = logging.getLogger(__name__)

#: Where each key goes, table by table: the table (the top where it is empty), and the option (where it is empty, the
#: key's value is a table of options).
_PLACES = {
    "prior": ("", "prior"),
    "waveform_duration": ("", "waveform_duration"),
    "sample_rate": ("", "sample_rate"),
    "minimum_frequency": ("", "minimum_frequency"),
    "reference_frequency": ("", "reference_frequency"),
    "right_pad": ("", "right_pad"),
    "seed": ("", "seed"),
    "ifos": ("", "ifos"),
    "snr_threshold": ("", "snr_threshold"),
    "highpass": ("", "highpass"),
    "lowpass": ("", "lowpass"),
    "max_num_samples": ("", "max_num_samples"),
    "source": ("", "source"),
    "waveform_approximant": ("lalsimulation", "approximant"),
    "segment_server": ("dqsegdb", "host"),
    "flags": ("query", "flags"),
    "generate_segments_options": ("query", ""),  # of the workflow of this package alone, as are the fetch's
    "channels": ("fetch", "channels"),
    "max_duration": ("fetch", "max_duration"),
    "fetch_data_options": ("fetch", ""),
    "train_start": ("train", "start"),
    "train_end": ("train", "end"),
    "train_min_duration": ("train", "query.min_duration"),
    "test_start": ("test", "start"),
    "test_end": ("test", "end"),
    "test_min_duration": ("test", "query.min_duration"),
    "num_training_signals": ("training-waveforms", "num_signals"),
    "num_validation_signals": ("validation-waveforms", "num_signals"),
    "num_testing_signals": ("testing-waveforms", "num_signals"),
    "shift_steps": ("testing-waveforms", "shifts"),
    "spacing": ("testing-waveforms", "spacing"),
    "buffer": ("testing-waveforms", "buffer"),
    "jitter": ("testing-waveforms", "jitter"),
    "psd_length": ("testing-waveforms", "psd_length"),
}
#: What Aframe does whatever its configuration says: background in steps of max_duration with any remainder, and slides
#: that are made whole, at its own times. The options are set beside those that a key sets.
_AS_AFRAME = {"max_duration": ('split = "fixed"', "min_duration = 1"), "shifts": (f'grid = "{AFRAME}"',)}
#: Keys that say how Aframe's pipeline runs or what else it makes, and nothing of the data.
_SHARED_WORK = "the work is shared among workers, or by the parts of a build"
_OF_THE_RUN = {
    "num_train_waveform_jobs": _SHARED_WORK,
    "num_validation_jobs": _SHARED_WORK,
    "pregenerate_training_waveforms": "[training-waveforms] says so by being there or not",
    "background_dir": "a build looks for its files in its own folder",
    "waveforms_dir": "a build looks for its files in its own folder",
    **dict.fromkeys(("aggregate_rules_local", "gpu_rules_local", "resources"), "of Snakemake"),
    **dict.fromkeys(("container_source", "osdf_staging_dir", "epnfs"), "of containers and batch systems"),
    **dict.fromkeys(("source_prior", "vetos", "zero_lag", "Tb"), "of inference and its evaluation"),
}


def defaults() -> dict[str, Any]:
    """What Aframe's pipeline takes where a configuration says nothing; the workflow has them, as it imports nothing."""
    workflow = (files("aframe_data.aframe") / "data.smk").read_text(encoding="utf-8")
    (found,) = re.findall(r"^_DEFAULTS = (\{.*?^\})", workflow, re.DOTALL | re.MULTILINE)
    values: dict[str, Any] = ast.literal_eval(found)
    return values


def translated(path: Path) -> str:
    """The configuration of `aframe-data build` that makes the same data; TOML, with what was left out in comments.

    Raises
    ------
    UsageError
        The file cannot be read, or a value is none that TOML has.
    """
    given = read_tables(path)
    if given and not {*_PLACES, *_OF_THE_RUN}.intersection(given):
        raise UsageError(
            f"{path} is not a configuration of Aframe's pipeline: it has none of its keys, such as 'ifos'."
        )
    values = {**defaults(), **given}
    lines = [f"# The data set of a run of Aframe's pipeline, translated from {path.name}.", *_left_out(path, given)]
    table = ""
    for key, (home, option) in _PLACES.items():
        value = _value(key, values)
        if value is None:
            continue
        if home != table or not lines[-1]:
            table = home
            lines += ["", f"[{table}]"]
        elif not table and lines[-1].startswith("#"):
            lines.append("")
        options = {option: value} if option else _options(path, key, value)
        lines += [f"{name} = {_toml(path, key, each)}" for name, each in options.items() if each is not None]
        lines += _AS_AFRAME.get(option, ())
    return "\n".join(lines) + "\n"


def _value(key: str, values: Mapping[str, Any]) -> Any:
    """What a key says to a build; None where that is nothing."""
    value = values.get(key)
    nothing = {
        "max_duration": value == -1,  # whole segments
        "segment_server": set(_items(values["flags"])) <= OPEN_FLAGS and "dqsegdb" not in _items(values.get("source")),
        "num_training_signals": not values["pregenerate_training_waveforms"],
    }
    return None if nothing.get(key) else value


def _options(path: Path, key: str, value: Any) -> dict[str, Any]:
    """The options in a table, those in a table of a source with its name before."""
    if not isinstance(value, dict):
        raise UsageError(f"{path}: {key} = {value!r} is not a table of options.")
    options: dict[str, Any] = {}
    for name, given in value.items():
        options |= {f"{name}.{key}": each for key, each in given.items()} if isinstance(given, dict) else {name: given}
    return options


def _items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _left_out(path: Path, named: Collection[str]) -> Iterator[str]:
    """Comments on the keys that say nothing of the data, and a warning of those that look misspelt."""
    known = {*_PLACES, *_OF_THE_RUN}
    for key in named:
        near = [] if key in known else get_close_matches(key, known, n=1, cutoff=0.8)
        if near:
            _logger.warning("%s: %r is ignored: it is not a key of Aframe's data. Did you mean %r?", path, key, near[0])
    others = [key for key in named if key not in _PLACES]
    if others:
        yield "#"
        yield "# These of its keys have no meaning here:"
        for key in others:
            reason = _OF_THE_RUN.get(key) or "not a key of Aframe's data"
            yield f"#     {key}: {reason}"


def _toml(path: Path, key: str, value: Any) -> str:
    """A value as TOML has it, in one line: JSON's texts, numbers, lists and truth are TOML's too."""
    plain = value if isinstance(value, list) else [value]
    if not all(isinstance(item, (str, int, float, bool)) for item in plain):
        raise UsageError(f"{path}: {key} = {value!r} is not a text, a number or a list of these.")
    whole = [int(item) if isinstance(item, float) and item.is_integer() else item for item in plain]
    return json.dumps(whole if isinstance(value, list) else whole[0], ensure_ascii=False)
