"""How files are named in a store: by a digest of their URL, and by the URL's own file name behind it."""

from __future__ import annotations

import hashlib
import re
from urllib.parse import urlsplit

#: Characters of a URL's digest in a name.
KEY_LENGTH = 16
#: Characters of the URL's file name in a name; with digests and what a temporary name adds, below 255 bytes.
_LONGEST_NAME = 80


def url_key(url: str) -> str:
    """The digest by which a URL is known, hexadecimal."""
    return hashlib.sha256(url.encode()).hexdigest()[:KEY_LENGTH]


def base_name(url: str) -> str:
    """The file name at the end of a URL's path, suffix included, of characters that every file system has.

    A very long one loses its beginning.
    """
    last = urlsplit(url).path.rstrip("/").rpartition("/")[2]
    return re.sub(r"[^A-Za-z0-9_.+=-]", "_", last)[-_LONGEST_NAME:] or "file"
