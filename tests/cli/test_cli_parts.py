"""Parts on the command line: what a person sees of them, and what is refused in one line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

WAVEFORMS = (
    *("waveforms", "--prior", "end_o3_ratesandpops", "--approximant", "IMRPhenomPv2", "--num-signals", "70"),
    *("--waveform-duration", "2", "--sample-rate", "512", "--right-pad", "0.5", "--workers", "0"),
)


def test_parts_are_made_told_of_and_joined(cli: Callable[..., Any], tmp_path: Path) -> None:
    out, parts = tmp_path / "training.hdf5", tmp_path / "parts"
    (tmp_path / "last.toml").write_text('part = "2/2"\nseed = 3\n')
    told = cli(*WAVEFORMS, "--seed", 3, "--part", "1/2", "--dry-run", "-o", parts / "1.hdf5")
    assert told.out.startswith("Would generate 64 signals with seed 3")
    last = cli(*WAVEFORMS, "--config", tmp_path / "last.toml", "-o", parts / "2.hdf5")
    assert last.out == f"6 signals of 6 drawn, seed 3, written to {parts / '2.hdf5'}\n"
    missing = cli("merge", parts, "-o", out)
    assert (missing.code, missing.out) == (2, "")
    assert missing.err == (
        f"aframe-data: error: part 1/2 of the run of {parts / '2.hdf5'} is missing: all must be given.\n"
    )
    assert cli(*WAVEFORMS, "--seed", 3, "--part", "1/2", "-o", parts / "1.hdf5").code == 0
    assert "command waveforms, part 1/2; --provenance" in cli("inspect", parts / "1.hdf5").out
    joined = cli("merge", parts, "-o", out)
    assert joined.out == f"70 rows of 70 injections from 2 files, written to {out}\n"
    assert "part" not in cli("inspect", out).out.splitlines()[-1]
    again = cli(*WAVEFORMS, "--seed", 3, "-o", out)
    assert again.out == f"{out} already exists, made by the same command and intact: nothing to do\n"


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (("--part", "1/2"), "--part needs --seed: without it, each part would choose a seed of its own."),
        (
            ("--part", "0/2", "--seed", "1"),
            "part = '0/2' is not allowed: a part is K/N with K from 1 to N, such as 2/5.",
        ),
        (("--part", "a", "--seed", "1"), "part = 'a' is not allowed: a part is K/N with K from 1 to N, such as 2/5."),
        (
            ("--part", "1/3", "--seed", "1"),
            "part = 1/3 is not allowed: there can be at most 2 parts, one for each 64 signals.",
        ),
    ],
)
def test_a_wrong_part_is_one_line_and_exit_code_2(
    cli: Callable[..., Any], tmp_path: Path, more: tuple[str, ...], words: str
) -> None:
    done = cli(*WAVEFORMS, *more, "-o", tmp_path / "new" / "out.hdf5")
    assert (done.code, done.out, done.err) == (2, "", f"aframe-data: error: {words}\n")
    assert not list(tmp_path.iterdir())
