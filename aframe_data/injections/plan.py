"""What a run of rejection will do: the signals, their places, the noise, and the files."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from aframe_data.formats import ledger
from aframe_data.injections.block import PLACES, Block
from aframe_data.store import provenance
from aframe_data.timeslides.slots import plan_slots
from aframe_data.waveforms.unit import expected_parameters
from aframe_data.work.unfinished import PartsFolder

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from aframe_data.detection.acceptance import Acceptance
    from aframe_data.detection.margins import Margins
    from aframe_data.timeslides.slots import SlideRule, SlotPlan
    from aframe_data.types import FloatArray, PowerSpectra, Segment
    from aframe_data.waveforms.recipe import Recipe

#: A block may take so many times its share of the draws that the run may take.
_SHARES = 6


@dataclass(frozen=True)
class Timing:
    """When a campaign injects: the segments, the rule, and where it stops (see `plan_slots`)."""

    segments: tuple[Segment, ...]
    rule: SlideRule
    num_signals: int | None
    livetime: float | None

    def slots(self, seed: int) -> SlotPlan:
        """Every injection time and shift."""
        return plan_slots(self.segments, self.rule, seed=seed, num_signals=self.num_signals, livetime=self.livetime)

    def describe(self) -> dict[str, Any]:
        """What the provenance keeps."""
        return {
            **asdict(self.rule),
            "segments": [[segment.start, segment.stop] for segment in self.segments],
            "livetime": self.livetime,
        }


@dataclass(frozen=True)
class Noise:
    """The noise that signals are measured against.

    Attributes
    ----------
    spectra
        The same for all signals; or None.
    files
        Without `spectra`: the background file of each segment, whose own noise counts.
    record
        What the provenance keeps: what was given, the files, their spans and their hashes.
    """

    spectra: PowerSpectra | None
    files: tuple[Path, ...]
    record: Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class InjectionPlan:
    """What will be made; all that can be checked without drawing a signal has been checked.

    Attributes
    ----------
    command
        Name of the command that makes it.
    recipe, acceptance, noise
        What defines the signals, and which of them are accepted.
    num_signals
        How many are accepted.
    timing
        When they are injected; None for signals without a time.
    output_file, rejected_file
        Where to, and where to the parameters of the rejected draws, or None.
    max_num_samples
        The most signals that may be drawn.
    max_failed_fraction
        Share of the signals made in full that may fail and be replaced.
    overwrite
        Whether outputs that are there, or unfinished work, are replaced.
    present
        Whether the outputs are there already, made by the same request.
    """

    command: str
    recipe: Recipe
    acceptance: Acceptance
    noise: Noise
    num_signals: int
    timing: Timing | None
    output_file: Path
    rejected_file: Path | None
    max_num_samples: int
    max_failed_fraction: float
    overwrite: bool
    present: bool = False

    @property
    def outputs(self) -> tuple[Path, ...]:
        """All files that it writes."""
        return (self.output_file,) if self.rejected_file is None else (self.output_file, self.rejected_file)

    @cached_property
    def slots(self) -> SlotPlan | None:
        """Injection times and shifts, by the plan's seed."""
        return None if self.timing is None else self.timing.slots(self.recipe.seed)

    def accepted_layout(self, parameters: tuple[str, ...], num_injections: int = 0) -> ledger.Layout:
        """The shape of the output."""
        request, ifos = self.recipe.request, self.acceptance.ifos
        timed: dict[str, tuple[int, ...]] = {"injection_time": (), "shift": (len(ifos),)}
        return ledger.Layout(
            length=self.num_signals,
            attributes={
                "sample_rate": request.sample_rate,
                "duration": request.duration,
                "right_pad": request.right_pad,
                "num_injections": num_injections,
                "ifos": ifos,
            },
            parameters=self._fields(parameters) | (timed if self.timing else {}),
            waveforms=dict.fromkeys((ifo.lower() for ifo in ifos), request.size),
            dtype=self.recipe.dtype,
        )

    def rejected_layout(self, parameters: tuple[str, ...], length: int, *, estimated: bool) -> ledger.Layout:
        """The shape of the file of rejected parameters; it says whether its SNRs may be estimates, and which are."""
        attributes = {"ifos": self.acceptance.ifos, "snr_estimated": estimated}
        return ledger.Layout(length, attributes, self._fields(parameters) | {"snr_is_estimate": ()})

    def rejected_nbytes(self, number: int) -> int:
        """Bytes of the parameters of so many rejected draws."""
        return self.rejected_layout(expected_parameters(self.recipe), number, estimated=True).nbytes

    def _fields(self, parameters: tuple[str, ...]) -> dict[str, tuple[int, ...]]:
        return dict.fromkeys(parameters, ()) | {"snr": (), "ifo_snrs": (len(self.acceptance.ifos),)}

    @property
    def nbytes(self) -> int:
        """Bytes of the output; while it is joined, as much again lies beside it. Rejected parameters come on top."""
        return self.accepted_layout(expected_parameters(self.recipe)).nbytes

    def noise_path(self, segment: int = 0) -> Path:
        """The file of the spectra that count in a segment, among the unfinished work."""
        return PartsFolder(self.output_file).unit(segment if self.noise.spectra is None else 0, "noise")

    def blocks(self, margins: Margins | None) -> Iterator[Block]:
        """The units of work, in the order of their rows."""
        allowance = min(self.max_num_samples, math.ceil(_SHARES * self.max_num_samples * PLACES / self.num_signals))
        for number, (noise, columns, places) in enumerate(self._places()):
            yield Block(
                self.recipe,
                self.acceptance,
                margins,
                number=number,
                places=places,
                allowance=allowance,
                max_failed_fraction=self.max_failed_fraction,
                columns=columns,
                noise=noise,
                output=self.output_file,
            )

    def _places(self) -> Iterator[tuple[Path, dict[str, FloatArray], int]]:
        """Of each block: the noise, the columns of its places, and their number."""
        if self.slots is None:
            for start in range(0, self.num_signals, PLACES):
                yield self.noise_path(), {}, min(PLACES, self.num_signals - start)
            return
        for segment in self.slots.segments:
            for start in range(0, len(segment.times), PLACES):
                some = slice(start, start + PLACES)
                columns: dict[str, FloatArray] = {
                    "injection_time": segment.times[some],
                    "shift": segment.shifts[some],
                }
                yield self.noise_path(segment.number), columns, len(columns["injection_time"])


def request_record(plan: InjectionPlan) -> dict[str, Any]:
    """What the outputs are a function of; by it a later run knows finished or unfinished ones as its own."""
    return provenance.provenance(
        plan.command,
        {
            "num_signals": plan.num_signals,
            **plan.recipe.describe(),
            "acceptance": plan.acceptance.describe(),
            "noise": dict(plan.noise.record),
            **({} if plan.timing is None else {"times": plan.timing.describe()}),
        },
    )
