"""The unit of work of rejection: a few places, and as many draws as it takes to fill them, in files of its own.

A unit has its own seed and its own places, so units need nothing of each other, and none is done in vain.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from itertools import count
from typing import TYPE_CHECKING

import numpy as np

from aframe_data.detection.detectors import sidereal_time
from aframe_data.detection.evaluator import evaluator
from aframe_data.detection.rejection import decide
from aframe_data.detection.snr import network_snr
from aframe_data.reports.tally import Tally
from aframe_data.seeds import Stream, generator
from aframe_data.waveforms import order
from aframe_data.waveforms import recipe as recipes
from aframe_data.waveforms.draws import count_of, joined, take
from aframe_data.waveforms.generation import describe_failure
from aframe_data.waveforms.unit import fails_too_often, read_unit, stored_parameters, write_unit
from aframe_data.work.unfinished import Unfinished
from aframe_data.work.units import advance

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from aframe_data.detection.acceptance import Acceptance
    from aframe_data.detection.margins import Margins
    from aframe_data.detection.rejection import Verdicts
    from aframe_data.types import FloatArray
    from aframe_data.waveforms.draws import Parameters
    from aframe_data.waveforms.recipe import Recipe

#: Places in a unit; the last one of a run, or of a segment, may have fewer.
PLACES = 16
#: Signals drawn from the prior at once.
DRAWS = 256
#: Share of the draws that are made in full even though their estimate rejects them.
AUDITED_FRACTION = 0.005


@dataclass(frozen=True, eq=False)
class InjectionUnit:
    """One unit.

    Attributes
    ----------
    recipe, acceptance, margins
        What the signals are, which are accepted, and how far estimates may be off (None: no estimates).
    number
        Of the unit; part of its seed.
    first_row
        Number of its first place among all of the output, of all parts.
    places
        Signals wanted.
    allowance
        Draws that it may take.
    columns
        Further parameters of each place, (places, …): the time of an injection, for example.
    max_failed_fraction
        Share of the signals made in full that may fail; a unit in which far more do is given up.
    noise
        File with the power spectral densities.
    output
        The file that the work is for.
    attempt
        How often its worker died before; a part of its seed, so that it meets other draws.
    """

    recipe: Recipe
    acceptance: Acceptance
    margins: Margins | None
    number: int
    first_row: int
    places: int
    allowance: int
    max_failed_fraction: float
    columns: Mapping[str, FloatArray]
    noise: Path
    output: Path
    attempt: int = 0

    def __str__(self) -> str:
        return f"block {self.number} of seed {self.recipe.seed}"

    @property
    def accepted_path(self) -> Path:
        """The file of its accepted signals, and of its report."""
        return Unfinished(self.output).unit(self.number, "accepted")

    @property
    def rejected_path(self) -> Path:
        """The file of the parameters of its rejected draws."""
        return Unfinished(self.output).unit(self.number, "rejected")

    @property
    def gmst(self) -> FloatArray:
        """Sidereal time of each place, (places,) radians; zero where `ra` is a longitude."""
        if self.acceptance.true_right_ascension:
            return sidereal_time(self.columns["injection_time"])
        return np.zeros(self.places)


def finish_unit(unit: InjectionUnit) -> Tally:
    """Fill a unit's places unless its files are there, whole and intact."""
    record, rejected = read_unit(unit.accepted_path), read_unit(unit.rejected_path)
    if record is None or rejected is None or record.get("places") != unit.places:
        return fill_unit(unit)
    done = Tally.read(record["report"])
    advance(done.accepted, done.drawn, found=True)
    return done


def fill_unit(unit: InjectionUnit) -> Tally:
    """Draw until the places are filled, the allowance is used up or far too many signals failed; write the files.

    The files are those of a whole unit only; a report of one that was not filled has fewer accepted.
    """
    gmst = unit.gmst
    accepted: list[Parameters] = []
    rejected: list[Parameters] = []
    responses: list[FloatArray] = []
    # Told here, so that the file of the unit tells it to a run that goes on.
    lost = f"the worker process died; lost is an attempt at {unit}"
    report = Tally(failures=(lost,) * unit.attempt)
    for first, draws, audit in _draws(unit):
        failed = len(report.failures)
        allowed = unit.allowance - report.drawn - failed
        given_up = fails_too_often(failed, failed + report.made, unit.max_failed_fraction)
        if report.accepted == unit.places or allowed <= 0 or given_up:
            break
        draws, audit = take(draws, slice(allowed)), audit[:allowed]  # noqa: PLW2901 - the cap holds to the draw
        verdicts = decide(
            evaluator(unit.recipe, unit.acceptance, unit.noise),
            draws,
            audit,
            threshold=unit.acceptance.snr_threshold,
            margins=unit.margins,
            gmst=gmst[report.accepted :],
            batch=unit.recipe.waveform_batch,
        )
        stored = {name: draws[name] for name in stored_parameters(unit.recipe)}
        stored |= {"ifo_snrs": verdicts.snrs, "snr": network_snr(verdicts.snrs)}
        accepted.append(take(stored, np.array(verdicts.accepted, dtype=np.intp)))
        stored["snr_is_estimate"] = verdicts.estimated.astype(np.float64)
        rejected.append(take(stored, np.array(verdicts.rejected, dtype=np.intp)))
        responses += [response.astype(unit.recipe.dtype) for response in verdicts.responses]
        order.require_all_made(unit.recipe, unit.first_row + first, verdicts.failures)
        report += _report(unit, draws, verdicts, first)
        advance(len(verdicts.accepted), len(verdicts.accepted) + len(verdicts.rejected))
    if report.accepted == unit.places:
        write_unit(unit.rejected_path, unit.recipe, joined(rejected), {}, {})
        waveforms = dict(zip(map(str.lower, unit.acceptance.ifos), np.stack(responses, axis=1), strict=True))
        record = {"places": unit.places, "report": asdict(report)}
        write_unit(unit.accepted_path, unit.recipe, {**joined(accepted), **unit.columns}, waveforms, record)
    return report


def _draws(unit: InjectionUnit) -> Iterator[tuple[int, Parameters, NDArray[np.bool_]]]:
    """The unit's draws without end, a step at a time: the first one's number, all, and which of them are audited.

    In order there are as many as places.
    """
    step = unit.recipe.batch or DRAWS
    if order.has_order(unit.recipe):
        places = unit.places
        draws = recipes.draw(unit.recipe, unit.recipe.stream, (unit.number,), places, unit.first_row)
        for start in range(0, places, step):
            next_ones = take(draws, slice(start, start + step))
            yield start, next_ones, np.zeros(count_of(next_ones), dtype=bool)
        return
    for number in count():
        numbers = (unit.number, unit.attempt, number)
        draws = recipes.draw(unit.recipe, unit.recipe.stream, numbers, DRAWS)
        audit = generator(unit.recipe.entropy, Stream.AUDIT, *numbers).random(DRAWS) < AUDITED_FRACTION
        for start in range(0, DRAWS, step):
            some = slice(start, start + step)
            yield number * DRAWS + start, take(draws, some), audit[some]


def _report(unit: InjectionUnit, draws: Parameters, verdicts: Verdicts, first: int) -> Tally:
    def name(index: int) -> str:
        return f"draw {first + index} of {unit}"

    return Tally(
        accepted=len(verdicts.accepted),
        rejected=len(verdicts.rejected),
        made=verdicts.made,
        failures=tuple(
            f"{name(index)}: {describe_failure(unit.recipe, draws, index, reason)}"
            for index, reason in sorted(verdicts.failures.items())
        ),
        audited=len(verdicts.audited),
        largest_ratio=max(verdicts.audited, default=0.0),
        missed=tuple(
            f"{name(index)} has SNR {network_snr(verdicts.snrs[index]):.4g}, and its estimate is {estimate:.4g}"
            for index, estimate in verdicts.missed.items()
        ),
    )
