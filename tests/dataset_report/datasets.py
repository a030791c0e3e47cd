"""Small data sets for the tests of the report: made of the formats' own writers, in the layout of a build or flat."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import numpy as np

from aframe_data.formats import background, background_names, ledger, segwizard
from aframe_data.formats.dataset import DatasetLayout
from aframe_data.requests.report import Report
from aframe_data.types import Segment
from aframe_data.work.carry_out import do

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from aframe_data.reports.dataset import DatasetReport

T0, RATE = 1240579783, 256
#: One-sided amplitude spectral density of the strain, which is white.
ASD = 4e-23
SPANS = (Segment(T0, T0 + 200), Segment(T0 + 300, T0 + 500))
THRESHOLD = 4.0
PRIOR = {"name": "a_prior", "options": {"peak": 30}, "distribution": "a-package"}
COSTS = [
    {"kind": "required", "name": "H1_DATA", "seconds": 80.0},
    {"kind": "excluded", "name": "H1_BAD", "seconds": 15.0},
    {"kind": "event", "name": "GW1", "seconds": 5.0},
]


def write_background(folder: Path, span: Segment, *, nothing: slice | None = None, **record: Any) -> Path:
    """White noise of `ASD` in two interferometers, in H1 not finite in a slice of samples."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / background_names.file_name("background", span)
    with background.create(path, ifos=["H1", "L1"], segment=span, sample_rate=RATE, dtype="float64") as writer:
        for number, ifo in enumerate(("H1", "L1")):
            rng = np.random.default_rng([int(span.start), number])
            samples = ASD * np.sqrt(RATE / 2) * rng.standard_normal(round(span.duration * RATE))
            if nothing is not None and ifo == "H1":
                samples[nothing] = np.nan
            writer.append(ifo, samples)
            writer.annotate(f"{ifo}/quality", np.ones(round(span.duration), dtype="u1"))
            writer.annotate(f"{ifo}/quality_bits", ["DATA"])
        piece = {"source": "an archive", "origin": "a file", "start": span.start, "stop": span.stop}
        log = {ifo: {"channel": f"{ifo}:STRAIN", "native_sample_rate": 4096, "pieces": [piece]} for ifo in ("H1", "L1")}
        channels = {"H1": "H1", "L1": "L1"}
        writer.describe(channels, {"command": "fetch", "strain": log, **record})
    return path


def write_segments(path: Path, spans: tuple[Segment, ...] = SPANS) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    record = {
        "command": "query",
        "arguments": {"start": T0, "end": T0 + 500, "flags": ["H1_DATA"]},
        "flags": [{"flag": "H1_DATA", "source": "an archive", "active": 420.0, "known": 500.0, "excluded": False}],
        "events": [{"name": "GW1", "gps": T0 + 250.0}],
        "costs": COSTS,
    }
    segwizard.write_segments(path, spans, record)
    return path


def parameters(number: int, seed: int, *, snr: bool) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    heavy = rng.uniform(20, 60, number)
    values = {"mass_1": heavy, "mass_2": heavy * rng.uniform(0.3, 1, number), "redshift": rng.uniform(0.1, 1, number)}
    if snr:
        loud = THRESHOLD * rng.uniform(0, 1, number) ** (-1 / 3)
        values |= {"snr": loud, "ifo_snrs": np.column_stack([loud, loud]) / np.sqrt(2)}
    return values


def write_ledger(
    path: Path,
    values: Mapping[str, np.ndarray],
    channels: tuple[str, ...],
    attributes: Mapping[str, Any] | None = None,
    **record: Any,
) -> Path:
    """A ledger whose waveforms are chirps."""
    path.parent.mkdir(parents=True, exist_ok=True)
    number = len(next(iter(values.values())))
    grid = {"sample_rate": 512.0, "duration": 1.0, "right_pad": 0.25} if channels else {}
    layout = ledger.Layout(
        number,
        {**grid, **(attributes or {})},
        {name: value.shape[1:] for name, value in values.items()},
        dict.fromkeys(channels, 512),
    )
    times = np.arange(512) / 512
    chirp = np.where(times < 0.75, 1e-22 * np.sin(2 * np.pi * (30 * times + 40 * times**3)), 0)
    with ledger.create(path, layout) as writer:
        writer.append(values, {name: np.tile(chirp, (number, 1)).astype("f4") for name in channels})
        writer.finish({"prior": PRIOR, **record})
    return path


def write_dataset(root: Path) -> DatasetLayout:
    """Everything that a build makes, but for PSDs."""
    layout = DatasetLayout(root)
    write_segments(layout.segments("train"))
    for span in SPANS:
        write_background(layout.background("train"), span)
    failures = [
        "draw 3: no waveform (mass_1=30, mass_2=20)",
        "draw 9: no waveform (mass_1=31, mass_2=20)",
        "draw 4: odd",
    ]
    write_ledger(
        layout.training_waveforms,
        parameters(30, 1, snr=False),
        ("plus", "cross"),
        command="waveforms",
        drawn=33,
        failures=failures,
    )
    found = {"ifos": ("H1", "L1"), "num_injections": 80}
    arguments = {"snr_threshold": THRESHOLD, "seed": 5}
    write_ledger(
        layout.validation_waveforms,
        parameters(20, 2, snr=True),
        ("h1", "l1"),
        found,
        command="validation-waveforms",
        arguments=arguments,
    )
    write_campaign(layout, arguments)
    return layout


def write_campaign(layout: DatasetLayout, arguments: Mapping[str, Any]) -> None:
    """Two segments, of which the second has no second slide; shifts of 0 and 10 s."""
    segments = [[float(T0), T0 + 200.0], [T0 + 300.0, T0 + 420.0]]
    identity = {"times": {"segments": segments, "psd_length": 64.0, "shifts": [0.0, 10.0]}}
    #: Segment, slide, injections.
    pieces = [(0, 1, 4), (1, 1, 2), (0, 2, 3)]
    times = [segments[segment][0] + 70.0 + 5 * k for segment, _, number in pieces for k in range(number)]
    shifts = [[0.0, 10.0 * slide] for _, slide, number in pieces for _ in range(number)]
    values = parameters(9, 3, snr=True) | {"injection_time": np.array(times), "shift": np.array(shifts)}
    record = {"command": "timeslide-waveforms", "identity": identity, "arguments": arguments}
    attributes = {"ifos": ("H1", "L1"), "num_injections": 50}
    write_ledger(layout.injections, values, ("h1", "l1"), attributes, **record)
    below = parameters(41, 4, snr=True)
    below["snr"] = THRESHOLD**2 / below["snr"]
    write_ledger(layout.rejected, below, (), {"ifos": ("H1", "L1")}, **record)


def report(folder: Path, **more: Any) -> DatasetReport:
    """Here, without processes."""
    return do(Report(folder, **{"workers": 0, **more}))


class Page(HTMLParser):
    """What a page is made of: its elements, the links out of it, its headings, and its rows as texts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.scripts: list[str | None] = []
        self.headings: list[str] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append(tag)
        self._open.append(tag)
        self.links += [
            value or "" for name, value in attrs if name in ("src", "href", "xlink:href", "action", "srcset")
        ]
        assert not [name for name in given if name.startswith("on")]
        if tag == "script":
            self.scripts.append(given.get("type"))

    def handle_endtag(self, tag: str) -> None:
        if tag in self._open:
            while self._open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] in ("h2", "h3"):
            self.headings.append(data)
        if not {"script", "style"} & {*self._open}:
            self.text += f" {data}"


def page_of(path: Path) -> Page:
    return Page(path.read_text(encoding="utf-8"))


def strictly(text: str) -> Any:
    """JSON, which has no NaN."""

    def refuse(name: str) -> None:
        raise ValueError(name)

    return json.loads(text, parse_constant=refuse)
