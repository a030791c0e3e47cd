"""What a run of rejection will do: the signals, their places, the noise, and the files."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from aframe_data.formats import ledger, ledger_pieces
from aframe_data.injections.branches import BRANCH_FILE, BranchFile, find_branches, write_branches
from aframe_data.injections.layouts import accepted_layout, rejected_layout
from aframe_data.injections.run import calibrated, fill, measure, most_draws, most_of_unit, prepare_noise
from aframe_data.injections.shares import Share, share_of
from aframe_data.injections.unit import DRAWS, InjectionUnit
from aframe_data.injections.weights import draws_of_segments, segment_columns
from aframe_data.reports.injections import CampaignExtent, InjectionForecast, InjectionReport
from aframe_data.reports.tally import Tally
from aframe_data.store.identity import provenance
from aframe_data.store.output import RecordedFile
from aframe_data.waveforms.preflight import try_recipe
from aframe_data.waveforms.unit import expected_parameters
from aframe_data.work.part import SEGMENTS, identified, record_of_whole, recorded
from aframe_data.work.plan import Plan
from aframe_data.work.unfinished import Unfinished

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from aframe_data.detection.acceptance import Acceptance
    from aframe_data.detection.margins import Margins
    from aframe_data.injections.branches import Branch
    from aframe_data.injections.noise import Noise
    from aframe_data.requests.campaign import TimeslideWaveforms
    from aframe_data.requests.validation import ValidationWaveforms
    from aframe_data.store.identity import Identity
    from aframe_data.timeslides.schedule import Schedule
    from aframe_data.timeslides.slots import SlotPlan
    from aframe_data.waveforms.preflight import Preflight
    from aframe_data.waveforms.recipe import Recipe
    from aframe_data.work.plan import Work


@dataclass(frozen=True, eq=False)
class InjectionPlan(Plan[InjectionReport]):
    """Validation signals, or a campaign of injections.

    Attributes
    ----------
    recipe, acceptance, noise
        What defines the signals, and which of them are accepted.
    schedule
        When they are injected; None for signals without a time.
    output_file, rejected_file
        Where to, and where to the parameters of the rejected draws, or None.
    branch_folder
        Where to also the signals of each segment in each slide, or None.
    """

    request: ValidationWaveforms | TimeslideWaveforms
    recipe: Recipe
    acceptance: Acceptance
    noise: Noise
    schedule: Schedule | None
    output_file: Path
    rejected_file: Path | None
    branch_folder: Path | None = None

    @cached_property
    def branches(self) -> tuple[Branch, ...]:
        """The files of each segment in each slide, if they are wanted, and their rows of the output."""
        if self.branch_folder is None or self.slots is None:
            return ()
        rows = range(self.share.first_row, self.share.first_row + self.length)
        return tuple(find_branches(self.slots, rows, self.branch_folder))

    @property
    def outputs(self) -> Sequence[RecordedFile]:
        """All files that it writes."""
        whole = (path for path in (self.output_file, self.rejected_file) if path is not None)
        branches = (BranchFile(branch.path, ledger.read_record) for branch in self.branches)
        return [*(RecordedFile(path, ledger.read_record) for path in whole), *branches]

    @property
    def paths(self) -> tuple[Path, ...]:
        """Where they are."""
        return tuple(output.path for output in self.outputs)

    @property
    def surplus(self) -> Sequence[Path]:
        """Branches of another campaign."""
        there = () if self.branch_folder is None else self.branch_folder.glob(f"*/{BRANCH_FILE}")
        return sorted({*there} - {branch.path for branch in self.branches})

    @property
    def inputs(self) -> Sequence[Path]:
        """The noise."""
        return self.noise.inputs

    @cached_property
    def slots(self) -> SlotPlan | None:
        """Injection times and shifts, by the plan's seed."""
        return None if self.schedule is None else self.schedule.slots(self.recipe.entropy)

    @property
    def num_signals(self) -> int:
        """How many are accepted, by all parts together."""
        return len(self.slots) if self.slots is not None else self.request.num_signals or 0

    @cached_property
    def share(self) -> Share:
        """The units that are made: all, or those of a part; with branches, each of which is in one part."""
        part, by_branch = self.request.own_part, self.branch_folder is not None
        return share_of(self.slots, self.num_signals, part, whole_segments=by_branch)

    @property
    def most_parts(self) -> int:
        """Into how many parts the work can be divided; `share` says where."""
        return len(self.share.places) if self.branch_folder is None or not self.slots else len(self.slots.segments)

    @property
    def length(self) -> int:
        """How many signals are in the output."""
        return self.share.length

    @property
    def most_draws(self) -> int:
        """The most signals that may be drawn by all parts."""
        return most_draws(self.request.max_draws, self.num_signals)

    @cached_property
    def identity(self) -> Identity:
        """What the outputs are a function of."""
        return {
            "command": self.request.command,
            "num_signals": self.num_signals,
            **self.recipe.identity,
            "acceptance": asdict(self.acceptance),
            "noise": self.noise.identity,
            **({} if self.schedule is None else {"times": self.schedule.identity}),
            **identified(self.request.own_part),
        }

    @property
    def nbytes(self) -> int:
        """Bytes of the accepted signals, which branches hold once more; rejected parameters come on top."""
        return self._copies * self._layout(expected_parameters(self.recipe), 0).nbytes

    @property
    def temporary_nbytes(self) -> int:
        """As many as of the accepted signals, for units, less those that are finished."""
        return max(0, self.nbytes // self._copies - self.unfinished.nbytes(self.identity))

    @property
    def _copies(self) -> int:
        return 1 if self.branch_folder is None else 2

    @property
    def modules(self) -> Sequence[str]:
        """What its units import."""
        return ("aframe_data.waveforms.preflight", "aframe_data.injections.run", *self.recipe.modules)

    @property
    def unfinished(self) -> Unfinished:
        """Where the finished units lie."""
        return Unfinished(self.output_file)

    def adopting(self, found: Identity) -> InjectionPlan:
        """With the seed of work that is there, where none was asked for."""
        return replace(self, recipe=self.recipe.adopting(found, self.request.seed))

    def forecast(self, work: Work) -> InjectionForecast:
        """Try prior, model, noise and estimates on draws of their own."""
        rejected_row = rejected_layout(self.acceptance.ifos, expected_parameters(self.recipe), length=1, estimated=True)
        tried = self._try(work, self.num_signals)
        prospects = measure(work.engine, self.recipe, self.acceptance, self.noise, self.share.segments[0])
        estimating = prospects is not None and prospects.worth_calibrating(self.num_signals)
        return InjectionForecast(
            paths=self.paths,
            num_signals=self.length,
            snr_threshold=self.acceptance.snr_threshold,
            seed=self.recipe.seed,
            nbytes=self.nbytes,
            rejected_row_nbytes=0 if self.rejected_file is None else rejected_row.nbytes,
            workers=work.engine.workers,
            seconds_in_full=tried.seconds_per_signal,
            seconds_estimated=prospects.seconds if prospects and estimating else None,
            acceptance=prospects.acceptance if prospects else None,
            campaign=self._extent,
        )

    def rehearse(self, work: Work) -> None:
        """Try prior and model; how many places there are, only background tells that may not be there yet."""
        self._try(work, self.request.num_signals or 0)

    def make(self, work: Work) -> InjectionReport:
        """Fill all places with accepted signals; errors as those of `aframe_data.injections.run.fill`."""
        most = -(-self.most_draws * self.length // self.num_signals)
        if self._extent is not None:
            work.tell({"event": "campaign", "num_signals": self.length, "campaign": asdict(self._extent)})
        tried = self._try(work, self.num_signals)
        # The same noise may count in several segments.
        noises = dict.fromkeys(self.noise.unit(self.unfinished, segment) for segment in self.share.segments)
        noise = prepare_noise(work, list(noises))
        margins = calibrated(work, self.recipe, self.acceptance, noise, self.num_signals)
        asked = self.request.max_num_samples
        tallies = fill(
            work.engine,
            self.units(margins),
            num_signals=self.length,
            most_draws=most,
            window=None if asked is None else max(1, asked // DRAWS),
            advance=work.phase("drawing signals", self.length),
        )
        self._join(tallies, tried, margins, work)
        return self._report(sum(tallies, Tally()))

    def recall(self, work: Work) -> InjectionReport:
        """Check the outputs that are there."""
        del work
        found = [ledger.recall(path) for path in self.paths]
        return self._report(Tally.read((found[0].record or {})["report"]), present=True)

    def units(self, margins: Margins | None) -> Iterator[InjectionUnit]:
        """The units of work, in the order of their rows."""
        allowance = most_of_unit(self.most_draws, self.num_signals)
        first_row = self.share.first_row
        for number, places in enumerate(self.share.places, self.share.first_unit):
            yield InjectionUnit(
                self.recipe,
                self.acceptance,
                margins,
                number=number,
                first_row=first_row,
                places=places.length,
                allowance=allowance,
                max_failed_fraction=self.request.max_failed_fraction,
                columns=places.columns,
                noise=self.noise.unit(self.unfinished, places.segment).path,
                output=self.output_file,
            )
            first_row += places.length

    def _try(self, work: Work, wanted: int) -> Preflight:
        return try_recipe(work, self.recipe, wanted, all_kept=self.acceptance.snr_threshold == 0)

    @property
    def _extent(self) -> CampaignExtent | None:
        """How much background a campaign uses; of a part of one, nobody asks."""
        if self.slots is None or self.request.own_part is not None:
            return None
        return CampaignExtent(self.slots.num_slides, len(self.slots.segments), self.slots.livetime)

    def _join(self, tallies: Sequence[Tally], tried: Preflight, margins: Margins | None, work: Work) -> None:
        total = sum(tallies, Tally())
        draws = draws_of_segments(self.share.places, tallies) if self.noise.by_segment else []
        record = provenance(
            {**self.request.arguments, "seed": self.recipe.seed, **recorded(self.request.own_part)},
            self.identity,
            **self.recipe.providers,
            noise=self.noise.record,
            cosmology=tried.cosmology,
            prior_frame=tried.frame,
            estimates=None if margins is None else margins.describe(),
            report=total.kept(),
            **({SEGMENTS: draws} if draws and self.request.own_part else {}),
        )
        units = list(self.units(margins))
        if self.rejected_file is not None:
            layout = rejected_layout(
                self.acceptance.ifos, tried.parameters, length=total.rejected, estimated=margins is not None
            )
            ledger_pieces.join(self.rejected_file, layout, [unit.rejected_path for unit in units], record)
        layout = self._layout(tried.parameters, total.drawn)
        advance = work.phase("joining signals", self.length)
        columns = segment_columns(self.slots, draws) if self.slots and draws else {}
        accepted = [unit.accepted_path for unit in units]
        ledger_pieces.join(self.output_file, layout, accepted, record, advance, columns=columns)
        write_branches(self.branches, self.output_file, layout, record_of_whole(record), tallies)

    def _layout(self, parameters: Sequence[str], num_injections: int) -> ledger.Layout:
        return accepted_layout(
            self.recipe,
            self.acceptance.ifos,
            parameters,
            length=self.length,
            num_injections=num_injections,
            timed=self.schedule is not None,
            weighed=self.noise.by_segment,
        )

    def _report(self, total: Tally, *, present: bool = False) -> InjectionReport:
        return InjectionReport(
            path=self.output_file,
            rejected_path=self.rejected_file,
            num_signals=self.length,
            num_injections=total.drawn,
            failures=total.failures,
            audited=total.audited,
            largest_ratio=total.largest_ratio,
            seed=self.recipe.seed,
            campaign=self._extent,
            present=present,
        )
