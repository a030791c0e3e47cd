"""The console scripts that Aframe's pipeline calls by name."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from aframe_data.cli import main

if TYPE_CHECKING:
    import rich_click as click


def _command(request: str) -> click.Command:
    """The command of one of the records of `aframe_data.aframe.requests`."""
    from aframe_data.aframe import requests
    from aframe_data.cli.commands import RequestCommand

    return RequestCommand(getattr(requests, request))


generate_segments = partial(main, command=partial(_command, "GenerateSegments"))
fetch_data = partial(main, command=partial(_command, "FetchData"))
generate_training_waveforms = partial(main, command=partial(_command, "GenerateTrainingWaveforms"))
generate_validation_waveforms = partial(main, command=partial(_command, "GenerateValidationWaveforms"))
generate_testing_waveforms = partial(main, command=partial(_command, "GenerateTestingWaveforms"))
