"""The console scripts that Aframe's pipeline calls by name."""

from __future__ import annotations

from aframe_data.cli import main

TYPE_CHECKING = False  # as in `aframe_data.cli`
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import rich_click as click


def _command(request: str) -> click.Command:
    """The command of one of the records of `aframe_data.aframe.requests`."""
    from aframe_data.aframe import requests
    from aframe_data.cli.commands import RequestCommand

    return RequestCommand(getattr(requests, request))


def _script(request: str) -> Callable[..., None]:
    def script(arguments: Sequence[str] | None = None) -> None:
        main(arguments, command=lambda: _command(request))

    return script


generate_segments = _script("GenerateSegments")
fetch_data = _script("FetchData")
generate_training_waveforms = _script("GenerateTrainingWaveforms")
generate_validation_waveforms = _script("GenerateValidationWaveforms")
generate_testing_waveforms = _script("GenerateTestingWaveforms")
