"""What the conformance kit and `plugins check` see of deliberate faults, and that they pass what is sound."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from fault import Fault, faults_of
from mutants import install, seen

if TYPE_CHECKING:
    from collections.abc import Mapping

FILES = ("records", "prior", "segments", "sources", "strain", "waveforms")
FAULTS = {about: faults_of(about) for about in FILES}


@pytest.fixture(scope="module")
def failed(tmp_path_factory: pytest.TempPathFactory) -> Mapping[Fault | None, list[str]]:
    """What failed of each mutant; of None, of the sound plugin."""
    return seen(tmp_path_factory.mktemp("mutants"), [None, *(fault for listed in FAULTS.values() for fault in listed)])


@pytest.mark.slow
@pytest.mark.parametrize("about", FILES)
def test_every_fault_is_seen_but_for_those_that_the_documents_list(
    failed: Mapping[Fault | None, list[str]], about: str
) -> None:
    unseen = [fault.name for fault in FAULTS[about] if fault.seen and not failed[fault]]
    assert not unseen, f"nobody sees: {', '.join(unseen)}"
    alarms = {fault.name: failed[fault] for fault in FAULTS[about] if not fault.seen and failed[fault]}
    assert not alarms, f"no fault, or one that was not seen before: {alarms}"


@pytest.mark.slow
def test_nothing_is_seen_in_the_sound_plugin(failed: Mapping[Fault | None, list[str]]) -> None:
    assert not failed[None]


def test_nineteen_of_twenty_harmful_faults_are_seen() -> None:
    harmful = [fault for listed in FAULTS.values() for fault in listed if fault.harm]
    assert len(harmful) >= 80
    assert sum(fault.seen for fault in harmful) >= 0.95 * len(harmful)
    assert len({(fault.kind, fault.name) for fault in harmful}) == len(harmful)


def test_the_number_of_faults_and_the_harm_that_nobody_sees_are_in_the_documents() -> None:
    text = (Path(__file__).parents[2] / "docs" / "plugins.md").read_text(encoding="utf-8")
    faults = [fault for listed in FAULTS.values() for fault in listed]
    assert f"{len(faults)} deliberate faults" in text
    unseen = [fault.name for fault in faults if fault.harm and not fault.seen]
    assert unseen
    assert not [name for name in unseen if name not in text]


def test_every_fault_is_one_change_of_the_sound_plugin(tmp_path: Path) -> None:
    for number, fault in enumerate(fault for listed in FAULTS.values() for fault in listed):
        assert install(tmp_path, number, fault) == f"mutant{number:03d}"
