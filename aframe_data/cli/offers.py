"""What a value may become, for a shell that completes it.

Names that only a slow import knows come from a file in the user's cache. Where it is not there yet, a process in the
background makes it, and nobody waits.
"""

from __future__ import annotations

import subprocess
import sys
import time
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from click.shell_completion import CompletionItem

from aframe_data.places import user_cache
from aframe_data.plugin.code import loaded
from aframe_data.plugin.records import AUTO

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aframe_data.plugin.options import OptionSpec

#: Seconds after which a process that was to make a list is believed dead.
_PATIENCE = 120.0


def offered(spec: OptionSpec, incomplete: str) -> list[CompletionItem[str]]:
    """What a value of an option may become.

    Parameters
    ----------
    incomplete
        What is typed of it. Of a list, the last item is completed; of ``IFO=NAME``, the name.
    """
    start = max(incomplete.rfind(","), incomplete.rfind("=")) + 1
    before, typed = incomplete[:start], incomplete[start:]
    items = [CompletionItem(before + name, help=about) for name, about in _names(spec) if name.startswith(typed)]
    # A shell completes paths itself; bash forgets what was said before.
    files = spec.type is Path or spec.files
    return [CompletionItem(incomplete, type="file"), *items] if files else items


def _names(spec: OptionSpec) -> Iterator[tuple[str, str | None]]:
    chooses = getattr(spec, "chooses", None)
    if chooses is not None:
        from aframe_data.registry.names import registered

        if chooses.automatic:
            yield AUTO, "those that are fit"
        yield from ((entry.key, entry.provider.summary) for entry in registered(chooses.kind))
    elif spec.names:
        # As long as there is no list, nothing: a shell would take a single name, such as the default, for the answer.
        yield from ((name, None) for name in kept_names(spec.names))
    else:
        yield from ((choice, None) for choice in spec.choices)


def kept_names(target: str) -> list[str]:
    """The names that a function lists (``"package.module:function"``), as the cache has them; none yet, at first."""
    path = _kept(target)
    try:
        return path.read_text(encoding="utf-8").split()
    except OSError:
        _make_in_background(target, path)
        return []


def _kept(target: str) -> Path:
    """The file of a function's names: another one whenever anything is installed, removed or updated."""
    from aframe_data.registry.trial import installed  # what is offered most often does without

    name = f"{target.replace(':', '.')}-{sha256(' '.join(installed()).encode()).hexdigest()[:16]}.txt"
    return user_cache() / "names" / name


def _make_in_background(target: str, path: Path) -> None:
    claim = path.with_suffix(".making")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if claim.exists() and time.time() - claim.stat().st_mtime > _PATIENCE:
            claim.unlink()
        claim.open("x").close()
    except OSError:  # somebody is at it, or there is no place
        return
    subprocess.Popen(
        [sys.executable, "-m", __name__, target, path],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _make(target: str, path: Path) -> None:
    try:
        names = [*loaded(target)()]
    # Whatever fails (a package that is not installed) would fail again: there are no names.
    except Exception:  # noqa: BLE001
        names = []
    for old in path.parent.glob(f"{path.stem.rpartition('-')[0]}-*"):
        old.unlink(missing_ok=True)
    whole = path.with_suffix(".part")
    whole.write_text("\n".join(names), encoding="utf-8")
    whole.replace(path)


if __name__ == "__main__":
    _make(sys.argv[1], Path(sys.argv[2]))
