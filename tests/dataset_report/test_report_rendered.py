"""The page as a browser shows it: it fits a telephone and a desk, by day and by night."""

from __future__ import annotations

import http.server
import json
import re
import shutil
import subprocess
import threading
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from aframe_data.reports.dataset import DatasetReport

pytestmark = pytest.mark.slow

#: A page of our own, whose script measures the report in a frame as wide as a screen.
_FRAME = """<body style="margin:0">
<iframe id="f" src="report.html" style="border:0;width:{width}px;height:900px"></iframe>
<script>document.getElementById("f").onload = event => {{
  const page = event.target.contentDocument, wide = page.documentElement;
  const over = [...page.querySelectorAll("section *, header *")].filter(
    one => one.getBoundingClientRect().right > wide.clientWidth + 1 && !one.closest("svg, details")).length;
  const svg = page.querySelector("figure svg").getBoundingClientRect();
  document.body.append(JSON.stringify({{width: wide.scrollWidth, shown: wide.clientWidth, over, svg: svg.width}}));
}}</script>"""


class _Quiet(http.server.SimpleHTTPRequestHandler):
    asked: list[str] = []  # noqa: RUF012 - of the one server of this module

    def log_message(self, *_: object) -> None:
        """Tell nobody."""

    def do_GET(self) -> None:
        self.asked.append(self.path)
        super().do_GET()


@pytest.fixture(scope="module")
def browser() -> str:
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        pytest.skip("no Chromium: apt-get install chromium")
    return found


@pytest.fixture(scope="module")
def served(found: DatasetReport, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """A folder with the page, and its URL on loopback."""
    folder = tmp_path_factory.mktemp("served")
    shutil.copy(found.page, folder / "report.html")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield folder, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def run(browser: str, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., str]:
    profile = tmp_path_factory.mktemp("profile")

    def call(*arguments: str) -> str:
        words = ["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--user-data-dir={profile}"]
        done = subprocess.run([browser, *words, *arguments], capture_output=True, text=True, timeout=180, check=True)
        return done.stdout

    return call


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_reaches_beyond_the_screen(width: int, served: tuple[Path, str], run: Callable[..., str]) -> None:
    folder, url = served
    (folder / f"frame{width}.html").write_text(_FRAME.format(width=width))
    shown = run("--dump-dom", "--virtual-time-budget=20000", "--window-size=1400,1000", f"{url}/frame{width}.html")
    found = json.loads(re.findall(r"\{\"width\".*?\}", shown)[0])
    assert found["shown"] == width
    assert found["width"] <= width
    assert found["over"] == 0
    assert found["svg"] >= 320


def test_the_page_asks_for_nothing_else(served: tuple[Path, str], run: Callable[..., str]) -> None:
    _, url = served
    _Quiet.asked.clear()
    run("--dump-dom", f"{url}/report.html")
    assert {*_Quiet.asked} <= {"/report.html", "/favicon.ico"}
    assert "/report.html" in _Quiet.asked


def test_it_is_dark_by_night_and_light_by_day(
    served: tuple[Path, str], run: Callable[..., str], tmp_path: Path
) -> None:
    from matplotlib.image import imread

    _, url = served
    papers = []
    for name, setting in (("night", 0), ("day", 1)):
        picture = tmp_path / f"{name}.png"
        scheme = f"--blink-settings=preferredColorScheme={setting}"
        run(scheme, "--window-size=1280,2500", f"--screenshot={picture}", f"{url}/report.html")
        pixels = imread(picture)[..., :3].mean(axis=-1)
        papers.append(float(np.median(pixels)))
        # Writing, of the text and of the pictures, differs from the paper.
        assert np.abs(pixels - papers[-1]).max() > 0.7
    night, day = papers
    assert night < 0.15
    assert day > 0.95


def test_it_prints(served: tuple[Path, str], run: Callable[..., str], tmp_path: Path) -> None:
    _, url = served
    run("--no-pdf-header-footer", f"--print-to-pdf={tmp_path / 'page.pdf'}", f"{url}/report.html")
    printed = (tmp_path / "page.pdf").read_bytes()
    assert printed.startswith(b"%PDF")
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) >= 3
