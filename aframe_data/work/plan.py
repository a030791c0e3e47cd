"""What a command will do, as the rest of the work sees it: plans, their outputs, and the work that is given to them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from aframe_data.progress import silent
from aframe_data.store.identity import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from aframe_data.progress import Phase
    from aframe_data.store.identity import Identity
    from aframe_data.work.engine import Engine
    from aframe_data.work.unfinished import Unfinished

    #: Something that happened, for whoever watches: a file is whole, a unit was lost.
    Event = Mapping[str, Any]


def _unheard(_event: Event) -> None:
    """Nobody is told."""


@dataclass(frozen=True)
class Work:
    """How a plan is carried out: what runs its units, and who is told of its progress.

    Attributes
    ----------
    engine
        Runs the units.
    phase
        Told of each phase of the work.
    tell
        Told of events.
    """

    engine: Engine
    phase: Phase = silent
    tell: Callable[[Event], None] = _unheard

    def part(self, name: str, engine: Engine) -> Work:
        """A part of the work by another engine, whose phases and events say whose they are."""
        return Work(
            engine,
            lambda title, total: self.phase(f"{name}: {title}", total),
            lambda event: self.tell({**event, "stage": name}),
        )


class Forecast:
    """What a plan would do, how many bytes it takes and about how long: a dataclass."""

    def describe(self) -> dict[str, Any]:
        """What JSON has of it: the fields, where no more is said of them."""
        described: dict[str, Any] = plain(asdict(self))  # type: ignore[call-overload]  # a dataclass, as said
        return described


class Report(Forecast):
    """What became of a request: a dataclass too, which JSON has in the same way."""

    @property
    def exit_code(self) -> int:
        """0 where all is well, else what the command ends with."""
        return 0


@dataclass(frozen=True)
class Told(Forecast):
    """A forecast that is plain values, and nothing to be reckoned with."""

    values: Mapping[str, Any]

    def describe(self) -> dict[str, Any]:
        """The forecast as JSON has it."""
        return dict(self.values)


class Output(Protocol):
    """One file that appears whole under its name."""

    @property
    def path(self) -> Path:
        """Where it is, or will be."""
        ...

    def require_usable(self) -> None:
        """Refuse a path at which no file can appear, or should."""
        ...

    def identity(self) -> Identity | None:
        """What the file that is there is the output of, where it says so itself; None where there is none."""
        ...

    def holds(self, wanted: Identity) -> bool:
        """Whether the file is there; raises an `OutputExistsError` where it holds something else."""
        ...


R_co = TypeVar("R_co", bound=Report, covariant=True)


class Plan(Protocol[R_co]):
    """What a request comes to. Making one is cheap; what a plan reads, it reads when it is asked for it."""

    @property
    def outputs(self) -> Sequence[Output]:
        """The files that it makes; none for a command that only looks."""
        return ()

    @property
    def inputs(self) -> Sequence[Path]:
        """Files that it reads, and that no output may replace."""
        return ()

    @property
    def surplus(self) -> Sequence[Path]:
        """Files that lie among the outputs as if they were some: whoever reads the folder reads them too."""
        return ()

    @property
    def independent(self) -> bool:
        """Whether each output stands for itself, so that those that are missing can be made beside the others."""
        return False

    @property
    def identity(self) -> Identity:
        """What the outputs are a function of."""
        return {}

    @property
    def nbytes(self) -> int:
        """Bytes of the outputs that are not there yet."""
        return 0

    @property
    def temporary_nbytes(self) -> int:
        """Bytes that are needed beside them while the work goes on: as many for units, less those that are finished."""
        return 0 if self.unfinished is None else max(0, self.nbytes - self.unfinished.nbytes(self.identity))

    @property
    def outstanding(self) -> bool:
        """Whether something is left to be done where all outputs are there; then there is a forecast all the same."""
        return False

    @property
    def modules(self) -> Sequence[str]:
        """Modules that its units import and that take a while, so that all workers begin with them."""
        return ()

    @property
    def unfinished(self) -> Unfinished | None:
        """Where finished units lie until the outputs are whole."""
        return None

    def adopting(self, found: Identity) -> Plan[R_co]:
        """The plan with what the request left open (a seed) taken from work that is there."""
        del found
        return self

    def forecast(self, work: Work) -> Forecast:
        """Say what would be done; `work` may be used to measure how long a part of it takes."""
        ...

    def rehearse(self, work: Work) -> None:
        """Try what only a trial tells, so that a mistake is found before work of hours that comes first."""
        del work

    def make(self, work: Work) -> R_co:
        """Make the outputs that are missing."""
        ...

    def recall(self, work: Work) -> R_co:
        """The report of outputs that are there already, after they were checked; where there are none, `make`'s."""
        return self.make(work)


class Asked(Protocol[R_co]):
    """What must be known of a request to meet it."""

    def planned(self) -> Plan[R_co]:
        """Make the plan: cheap, and reads nothing that a plan made before it may still have to make."""
        ...

    def processes(self) -> int:
        """How many worker processes are asked for; 0 where there is nothing to share."""
        return 0

    def replaces(self) -> bool:
        """Whether outputs that are there are replaced; unfinished work that is the same is always gone on with."""
        return False

    def wanted_picture(self) -> Path | None:
        """Where a picture is to be drawn, if anywhere."""
        return None

    def drawer(self) -> Callable[[Any, Any, Path], None]:
        """The function that draws what was made, of the request, its report and a path."""
        ...
