"""Keeps the code in the documents the code of the files: ``python docs/embed.py`` writes it there anew.

Behind a line ``<!-- file: PATH -->`` stands the content of PATH, from the repository's root, as a block of code. A
test compares them.
"""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_MARKED = re.compile(r"<!-- file: (?P<path>\S+) -->\n(?:\n```python\n.*?\n```\n)?", re.DOTALL)


def embedded(text: str) -> str:
    """The text of a document with the files' present content."""

    def block(match: re.Match[str]) -> str:
        content = (ROOT / match["path"]).read_text(encoding="utf-8").strip("\n")
        return f"<!-- file: {match['path']} -->\n\n```python\n{content}\n```\n"

    return _MARKED.sub(block, text)


def documents() -> list[Path]:
    """The documents of the project."""
    return [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]


if __name__ == "__main__":
    for path in documents():
        path.write_text(embedded(path.read_text(encoding="utf-8")), encoding="utf-8")
