"""What differs between a page in the repository and on the site that mkdocs.yml describes."""

from __future__ import annotations

import re
from typing import Any

#: Folders to which pages link, and which are not on the site.
_ELSEWHERE = re.compile(r"\[([^\]]+)\]\((?:\.\./)+(?:benchmarks|examples)/[^)]*\)")


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Keep only the text of links to what is not on the site."""
    return _ELSEWHERE.sub(r"\1", markdown)


def on_page_content(html: str, **_: Any) -> str:
    """End a sentence before code with one colon, where a docstring has reStructuredText's two."""
    return html.replace("::</p>", ":</p>")
