"""What differs between a page in the repository and on the site that mkdocs.yml describes."""

from __future__ import annotations

import re
from typing import Any

#: Folders to which pages link, and which are not on the site.
_ELSEWHERE = re.compile(r"\[([^\]]+)\]\((?:\.\./)+(?:benchmarks|examples)/[^)]*\)")
#: Short code, and names of options.
_WORD = re.compile(r"<code>([^<]{1,20}|--?[a-z][\w-]*)</code>")


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Keep only the text of links to what is not on the site."""
    return _ELSEWHERE.sub(r"\1", markdown)


def on_page_content(html: str, **_: Any) -> str:
    """Mark code that is one word, and end a sentence before code with one colon.

    `site.css` keeps such words in one piece. A docstring has reStructuredText's two colons.
    """
    return _WORD.sub(r'<code class="word">\1</code>', html.replace("::</p>", ":</p>"))
