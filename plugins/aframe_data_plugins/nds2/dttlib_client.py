"""The client that pip can install: dttlib, which brings the C++ library that conda's client is made of.

dttlib answers through callbacks on threads of its own, knows one server for the life of a process, repeats what fails
without end, and its C++ library prints where it likes. So each question is put in a process of its own,
`dttlib_process`, which is given up when it takes too long.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import numpy as np

from aframe_data.errors import SourceError, TransientError
from aframe_data.outside import outside_text
from aframe_data.segments import arithmetic
from aframe_data.types import Segment
from aframe_data_plugins.nds2.client import Found, Received
from aframe_data_plugins.nds2.epochs import span_of
from aframe_data_plugins.nds2.messages import broke_off, meaning, tells_of_a_gap

if TYPE_CHECKING:
    from aframe_data.types import FloatArray
    from aframe_data_plugins.nds2.client import Lookup
    from aframe_data_plugins.nds2.options import Nds2Options
    from aframe_data_plugins.nds2.servers import Server

_PROGRAM = "aframe_data_plugins.nds2.dttlib_process"
_KERBEROS = " (pip's client also needs the GSSAPI plugin of Cyrus SASL from your system)"
#: dttlib takes the first one rather than what it is told.
_SERVER_VARIABLE, _TAPE_VARIABLE = "NDSSERVER", "NDS2_CLIENT_ALLOW_DATA_ON_TAPE"


class DttlibClient:
    """One server."""

    def __init__(self, server: Server, options: Nds2Options) -> None:
        self._server = server
        self._timeout = options.timeout
        self._environment = {
            **os.environ,
            _SERVER_VARIABLE: str(server),
            _TAPE_VARIABLE: "1" if options.allow_tape else "0",
        }

    def find(self, lookup: Lookup) -> tuple[Found, ...]:
        """Return the channels that match."""
        told, _ = self._ask(lookup, None)
        return _found(told)

    def read(self, lookup: Lookup, span: Segment) -> Received:
        """Return the data of the one channel that is meant."""
        told, samples = self._ask(lookup, span)
        found = _found(told)
        if "start" not in told:
            return Received(found)
        present = _present(told, samples)
        if present == (span,):
            return Received(found, samples, told["unit"])
        # The library does not tell a gap from a connection that broke: what did not come is asked for again.
        for missing in arithmetic.subtract([span], present):
            again, more = self._ask(lookup, missing)
            if _present(again, more):
                raise broke_off(self._server)
        return Received(found, present=present)

    def _ask(self, lookup: Lookup, span: Segment | None) -> tuple[dict[str, Any], FloatArray]:
        epoch = span_of(lookup.epoch)
        question = {
            "server": str(self._server),
            "name": lookup.name,
            "channel_type": lookup.channel_type,
            "epoch": None if epoch is None else [int(epoch.start), int(epoch.stop)],
            "span": None if span is None else [int(span.start), int(span.stop)],
            "timeout": self._timeout,
            "parent": os.getpid(),
        }
        done = self._run(json.dumps(question))
        header, newline, data = done.stdout.partition(b"\n")
        if not newline:
            words = done.stderr.decode(errors="replace").strip().splitlines()
            last = outside_text(words[-1] if words else "")
            raise SourceError(f"dttlib ended without an answer from {self._server}: {last}")
        told = json.loads(header)
        if told.get("timed_out"):
            raise self._timed_out()
        if "error" in told and not tells_of_a_gap(told["error"]):
            raise meaning(told["error"], self._server, _KERBEROS)
        return told, np.frombuffer(data, dtype=np.float64)

    def _run(self, question: str) -> subprocess.CompletedProcess[bytes]:
        try:
            return subprocess.run(
                [sys.executable, "-P", "-m", _PROGRAM, question],
                env=self._environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=2 * self._timeout + 60,  # it has its own; this is for when it hangs
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise self._timed_out() from error

    def _timed_out(self) -> TransientError:
        return TransientError(f"{self._server} did not answer within {self._timeout:g} s (--nds2-timeout).")


def _found(told: dict[str, Any]) -> tuple[Found, ...]:
    return tuple(Found(name, channel_type, float(rate)) for name, channel_type, rate in told["found"])


def _present(told: dict[str, Any], samples: FloatArray) -> tuple[Segment, ...]:
    """Return where there are samples; numbers that are none are the server's own, unless dttlib tells of gaps."""
    if not len(samples):
        return ()
    there = ~np.isnan(samples) if told["gaps"] else np.ones(len(samples), dtype=bool)
    edges = np.flatnonzero(np.diff(there.astype(np.int8), prepend=0, append=0))
    return tuple(
        Segment(told["start"] + first / told["rate"], told["start"] + last / told["rate"])
        for first, last in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
    )
