"""One question to one NDS2 server, put through dttlib: the program that `dttlib_client` runs.

    python -m aframe_data_plugins.nds2.dttlib_process '{"server": …}'

It writes one line of JSON to standard output, and after it the samples, if any, as 64-bit numbers of this machine.
What dttlib and its C++ library print goes to standard error.
"""

from __future__ import annotations

import json
import os
import queue
import re
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, BinaryIO

import dttlib
import numpy as np

from aframe_data_plugins.nds2.client import Found, one_that_is_meant, scaled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aframe_data.types import FloatArray

#: Bytes that dttlib may keep; it drops what is above, and a process of one question needs no limit of its own.
_NO_LIMIT = 1 << 36
_TYPES = {
    "online": dttlib.ChannelType.Online,
    "raw": dttlib.ChannelType.Raw,
    "reduced": dttlib.ChannelType.RDS,
    "s-trend": dttlib.ChannelType.STrend,
    "m-trend": dttlib.ChannelType.MTrend,
    "test-pt": dttlib.ChannelType.TestPoint,
    "static": dttlib.ChannelType.Static,
}
#: The tags under which dttlib tells errors, and whether data is still coming.
_CHANNELS_FAILED, _DATA_FAILED, _DATA_COMING = "find_channels", "stream_error", "stream_status"
#: An error of the stream of data is always printed so; the message that tells it is lost now and then (0.12.5).
_PRINTED = re.compile(r"got NDS Error: (.*)")
_MOST_PRINTED = 1 << 16  # bytes that are searched for it
#: Seconds after the end of the stream in which messages that were not lost come.
_GRACE = 2.0


class _FailedError(Exception):
    """The library's words."""


class _Conversation:
    """Questions to dttlib, each with its answer: what comes to the callback is taken in turn."""

    def __init__(self, server: str, timeout: float, printed: BinaryIO) -> None:
        self._messages: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._timeout = timeout
        self._printed = printed
        self._app = dttlib.DTT(self._messages.put)
        self._source = dttlib.NDS2Cache(_NO_LIMIT, "", f"nds://{server}", dttlib.Replay.NoReplay())
        self._app.set_data_source(self._source.as_ref())

    def channels(self, name: str, channel_type: str | None, epoch: list[int] | None) -> list[Found]:
        """Return the channels that match."""
        start, stop = epoch or (None, None)
        types = None if channel_type is None else [_TYPES[channel_type]]
        self._app.find_channels(dttlib.ChannelQuery(name, types, gps_start=start, gps_end=stop))
        while True:
            message = self._next(_CHANNELS_FAILED, self._timeout)
            if isinstance(message, dttlib.ResponseToUser.ChannelQueryResult):
                return [Found(each.name, _type_name(each.channel_type), each.rate_hz) for each in message.channels]

    def data(self, channel: Found, start: int, stop: int) -> dttlib.TimeDomainArray:
        """Return what the server has of a span, from its first sample to its last."""
        names = dttlib.ViewSet.from_channel_names([f"{channel.name},{channel.channel_type}"], dttlib.TrendType.Raw)
        edges = (dttlib.PipInstant.from_gpst_sec(edge) for edge in (start, stop))
        view = self._app.new_singleshot_scope_view(names, *edges)
        result: dttlib.TimeDomainArray | None = None
        ended = False
        while True:
            try:
                message = self._next(_DATA_FAILED, _GRACE if ended else self._timeout)
            except queue.Empty:
                if not ended:
                    raise
                raise _FailedError(self._last_printed()) from None
            if isinstance(message, dttlib.ResponseToUser.ScopeViewResult) and message.id == view.id:
                result = message.result  # each holds all that has come so far
            elif isinstance(message, dttlib.ResponseToUser.ScopeViewDone):
                if result is None:
                    raise _FailedError(self._last_printed())
                return result
            ended = ended or _is_cleared(message, _DATA_COMING)

    def _next(self, failed: str, timeout: float) -> Any:
        message = self._messages.get(timeout=timeout)
        if isinstance(message, dttlib.ResponseToUser.UpdateMessages):
            job = message.message_job
            if job.get_tag() == failed and isinstance(job, dttlib.MessageJob.SetMessage):
                raise _FailedError(job.msg.message)
        return message

    def _last_printed(self) -> str:
        text = os.pread(self._printed.fileno(), _MOST_PRINTED, 0).decode(errors="replace")
        told = _PRINTED.findall(text)
        return told[-1] if told else "Unspecified error"


def _is_cleared(message: Any, tag: str) -> bool:
    if not isinstance(message, dttlib.ResponseToUser.UpdateMessages):
        return False
    job = message.message_job
    return job.get_tag() == tag and isinstance(job, dttlib.MessageJob.ClearMessage)


def _type_name(channel_type: dttlib.ChannelType) -> str:
    return next((name for name, known in _TYPES.items() if known == channel_type), "unknown")


def answer(question: dict[str, Any], printed: BinaryIO) -> tuple[dict[str, Any], FloatArray]:
    """Put a question; return what is told of the data, and the samples, NaN where there are none.

    Parameters
    ----------
    question
        As `dttlib_client` puts it.
    printed
        Where dttlib prints.
    """
    told: dict[str, Any] = {"found": []}
    nothing: FloatArray = np.empty(0)
    try:
        talk = _Conversation(question["server"], question["timeout"], printed)
        found = talk.channels(question["name"], question["channel_type"], question["epoch"])
        told["found"] = [(channel.name, channel.channel_type, channel.rate) for channel in found]
        meant = one_that_is_meant(found)
        if meant is None or not meant.plausible or question["span"] is None:
            return told, nothing
        told |= {"start": question["span"][0], "unit": ""}
        series = talk.data(meant, *question["span"])
    except _FailedError as error:
        return {**told, "error": str(error)}, nothing
    except queue.Empty:
        return {**told, "timed_out": True}, nothing
    channel = series.id.first_channel()
    samples = scaled(np.asarray(series.data, dtype=np.float64), meant.name, channel.slope or 1, channel.offset or 0)
    told |= {"start": series.start_gps_pip.to_gpst_seconds(), "rate": series.rate_hz}
    return {**told, "unit": str(series.unit), "gaps": series.total_gap_size > 0}, samples


def main() -> None:
    """Answer the question in the first argument."""
    question = json.loads(sys.argv[1])
    threading.Thread(target=_end_with, args=(question["parent"],), daemon=True).start()
    with os.fdopen(os.dup(1), "wb") as output:
        with _printing_to_file() as printed:
            told, samples = answer(question, printed)
        output.write(json.dumps(told).encode() + b"\n" + samples.tobytes())
    os._exit(0)  # threads of dttlib may still be trying what failed


def _end_with(parent: int) -> None:
    """End this process when the one that asked is gone."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


@contextmanager
def _printing_to_file() -> Iterator[BinaryIO]:
    """Catch what C++ and Rust print, so that it is no part of the answer; give it to standard error in the end."""
    error = os.dup(2)
    with tempfile.TemporaryFile() as file:
        for descriptor in (1, 2):
            os.dup2(file.fileno(), descriptor)
        try:
            yield file
        finally:
            for descriptor in (1, 2):
                os.dup2(error, descriptor)
            file.seek(0)
            os.write(error, file.read())


if __name__ == "__main__":
    main()
