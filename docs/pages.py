"""What differs between a page in the repository and on the site that mkdocs.yml describes."""

from __future__ import annotations

import re
from typing import Any

#: Folders to which pages link, and which are not on the site.
_ELSEWHERE = re.compile(r"\[([^\]]+)\]\((?:\.\./)+(?:benchmarks|examples)/[^)]*\)")
_OPTION = re.compile(r"<code>(--?[a-z][\w-]*)</code>")


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Keep only the text of links to what is not on the site."""
    return _ELSEWHERE.sub(r"\1", markdown)


def on_page_content(html: str, **_: Any) -> str:
    """Mark the names of options, and end a sentence before code with one colon.

    `site.css` keeps names in one piece. A docstring has reStructuredText's two colons.
    """
    return _OPTION.sub(r'<code class="option">\1</code>', html.replace("::</p>", ":</p>"))
