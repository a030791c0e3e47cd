"""The stages of a data set: of which command each is a request, which files it makes, and which stages it needs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from aframe_data.formats.dataset import SPLITS, TEST, TRAIN
from aframe_data.places import place
from aframe_data.requests.psd import EstimatePsd

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from aframe_data.formats.dataset import DatasetLayout
    from aframe_data.requests.request import Request


class Rule(NamedTuple):
    """What is fixed of a stage, whatever a configuration says.

    Attributes
    ----------
    name, command
        The stage's, and the command's.
    table
        The table of a configuration that asks for the stage.
    split
        Whose background the stage makes, or uses.
    needs
        The stages whose files it reads.
    output
        The file that it makes, or the folder of many, of a layout.
    fixed
        The fields of the request that the build sets, of a layout.
    otherwise
        Values that it takes where the configuration says nothing, of a layout.
    follows
        Options that are as another one at the file's top, where that is there and they are not.
    """

    name: str
    command: str
    table: str
    split: str
    needs: tuple[str, ...]
    output: Callable[[DatasetLayout], Path]
    fixed: Callable[[DatasetLayout], Mapping[str, Any]]
    otherwise: Callable[[DatasetLayout], Mapping[str, Any]] = lambda _layout: {}
    follows: Mapping[str, str] = MappingProxyType({})

    def sets(self, layout: DatasetLayout) -> dict[str, Any]:
        """The fields of the request that nobody else may give."""
        return {**self.fixed(layout), "overwrite": False}

    @property
    def of_split(self) -> bool:
        """Whether it is made for each split, and the split's table has options of it."""
        return self.table in SPLITS


def _of_split(split: str) -> list[Rule]:
    segments, background = f"{split}-segments", f"{split}-background"
    return [
        Rule(
            segments,
            "query",
            table=split,
            split=split,
            needs=(),
            output=lambda layout: layout.segments(split),
            fixed=lambda layout: {"output_file": layout.segments(split)},
        ),
        Rule(
            background,
            "fetch",
            table=split,
            split=split,
            needs=(segments,),
            output=lambda layout: layout.background(split),
            fixed=lambda layout: {
                "segments": layout.segments(split),
                "output_directory": layout.background(split),
                "prefix": "background",
                "start": None,
                "end": None,
            },
            follows={"channels": "ifos"},
        ),
        Rule(
            f"{split}-psd",
            "psd",
            table=split,
            split=split,
            needs=(background,),
            output=lambda layout: layout.psd(split),
            fixed=lambda layout: {"files": (layout.background(split),), "output_file": layout.psd(split)},
            follows={"fft-length": "waveform-duration"},
        ),
    ]


#: All stages, in the order in which they are made.
RULES = (
    *_of_split(TRAIN),
    *_of_split(TEST),
    Rule(
        "training-waveforms",
        "waveforms",
        table="training-waveforms",
        split=TRAIN,
        needs=(),
        output=lambda layout: layout.training_waveforms,
        fixed=lambda layout: {"output_file": layout.training_waveforms, "part": None},
    ),
    Rule(
        "validation-waveforms",
        "validation-waveforms",
        table="validation-waveforms",
        split=TRAIN,
        needs=("train-psd",),
        output=lambda layout: layout.validation_waveforms,
        fixed=lambda layout: {"output_file": layout.validation_waveforms, "part": None},
        otherwise=lambda layout: {"psd": str(layout.psd(TRAIN))},
    ),
    Rule(
        "testing-waveforms",
        "timeslide-waveforms",
        table="testing-waveforms",
        split=TEST,
        needs=("test-background", "test-psd"),
        output=lambda layout: layout.injections,
        fixed=lambda layout: {
            "background": (layout.background(TEST),),
            "waveforms_file": layout.injections,
            "rejected_file": layout.rejected,
            "output_dir": None,
            "part": None,
            "start": None,
            "end": None,
        },
        otherwise=lambda layout: {"psd": str(layout.psd(TEST)), "branches": True},
    ),
)
#: Their names.
STAGES = tuple(rule.name for rule in RULES)


@dataclass(frozen=True)
class Stage:
    """One stage of a build.

    Attributes
    ----------
    name
        What the user calls it.
    request
        What its command is asked for.
    needs
        The stages of this build whose files it reads.
    table
        Where errors say that its options stand.
    split
        Whose background it makes, or uses.
    output
        The file that it makes, or the folder of many.
    whole
        Whether it makes all that is to be in that folder.
    joins
        The run whose parts it joins to one file of the whole; None where it joins none.
    """

    name: str
    request: Request[Any]
    needs: tuple[str, ...]
    table: str
    split: str
    output: Path
    whole: bool = True
    joins: Request[Any] | None = None

    def ready(self) -> Request[Any]:
        """The request once the files are there that it reads.

        Raises
        ------
        UsageError
            There is no background from which a PSD can be taken.
        """
        if not isinstance(self.request, EstimatePsd):
            return self.request
        from aframe_data.psd.background import find_last

        # A folder's noise is that of its last long file, for Aframe and wherever a folder is given as the noise.
        (folder,) = self.request.files  # type: ignore[misc]
        return replace(self.request, files=(find_last(place(folder)).path,))
