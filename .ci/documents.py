"""Runs the ``sh`` and ``python`` blocks of the documents, as they stand, in a virtual environment of their own.

    python .ci/documents.py VENV

Each document's blocks run in turn in one fresh copy of the repository; some find there the data set that the README
makes, and do not make it again. A block behind ``<!-- saved as: NAME -->`` is written to that file. Open data comes
from the loopback server of the tests, with the real segment lists and synthetic strain of full size.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from servers.gwosc import GwoscServer  # noqa: E402 - it lies in the tests' folder
from servers.gwosc_archive import GwoscArchive  # noqa: E402
from servers.gwosc_files import write_strain_file  # noqa: E402

#: In the order in which a new user meets them. CONTRIBUTING sets up what `.ci/run` itself does.
DOCUMENTS = (
    "README.md",
    "docs/first-dataset.md",
    "docs/howto/offline.md",
    "docs/howto/campaign.md",
    "docs/plugins.md",
    "docs/priors.md",
    "docs/howto/population.md",
    "docs/howto/provider.md",
    "docs/howto/source.md",
    "docs/build.md",
    "docs/configuration.md",
    "docs/merging.md",
    "docs/report.md",
    "docs/exports.md",
)
#: Pages about the data set that the README makes.
OF_THE_DATASET = {
    f"docs/{name}.md" for name in ("first-dataset", "build", "configuration", "merging", "report", "exports")
}
#: The README's command that installs the project and runs its tests is a step of `.ci/run`.
DONE_ELSEWHERE = "&& pytest"
#: The span that the README fetches, in the archive's files of 4096 s.
FIRST_FILE, LAST_FILE, FILE_SECONDS = 1240579072, 1240583168, 4096
#: The run configuration of Aframe's pipeline that its user, to whom a README speaks, already has.
RUN_OF_AFRAME = """
ifos: [H1, L1]
train_start: 1240579072
train_end: 1241443072
test_start: 1241443072
test_end: 1244035072
prior: priors.priors.end_o3_ratesandpops
num_training_signals: 75000
seed: 1122
"""

_FLAGS = re.DOTALL | re.MULTILINE


def blocks(document: Path) -> list[tuple[str, str]]:
    """Language and text of each block that can be run, or is saved: then a file's name stands for the language.

    Files of the repository that are shown are no such blocks.
    """
    text = re.sub(r"<!-- file: .*?\n```python\n.*?^```", "", document.read_text(encoding="utf-8"), flags=_FLAGS)
    found = re.findall(r"(?:^<!-- saved as: (\S+) -->\n\n)?^```(\w+)\n(.*?)^```", text, _FLAGS)
    return [(name or language, block) for name, language, block in found if name or language in ("sh", "python")]


def commands(block: str) -> list[str]:
    """The commands of a block, which stand below each other or are joined by ``&&``."""
    return block.strip().replace(" && ", "\n").split("\n")


def run_block(language: str, text: str, folder: Path, environment: dict[str, str]) -> None:
    """Run or save one block; a command that fails ends everything."""
    print(f"--- {language}\n{text}", flush=True)
    if language not in ("sh", "python"):
        (folder / language).write_text(text, encoding="utf-8")
        return
    if language == "sh":
        subprocess.run(["bash", "-euo", "pipefail", "-c", text], cwd=folder, env=environment, check=True)
        return
    script = folder / "block.py"
    script.write_text(text, encoding="utf-8")
    subprocess.run([environment["PYTHON"], str(script)], cwd=folder, env=environment, check=True)


def archive(folder: Path) -> GwoscArchive:
    """Real segment lists and catalogue, and synthetic strain for the README's span."""
    data = Path(os.environ.get("AFRAME_DATA_TEST_DATA", ROOT.parent / "shared" / "data"))
    made = GwoscArchive.of_real_data(data)
    for ifo in ("H1", "L1"):
        for start in range(FIRST_FILE // FILE_SECONDS * FILE_SECONDS, LAST_FILE + FILE_SECONDS, FILE_SECONDS):
            made.add_file(write_strain_file(folder, ifo, start, FILE_SECONDS), "O3a")
    return made


def main() -> None:
    """Run every block of every document."""
    venv = Path(sys.argv[1])
    making = commands(blocks(ROOT / "README.md")[0][1])
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        strain = work / "archive"
        strain.mkdir()
        with GwoscServer(archive(strain)) as server:
            environment = {
                **os.environ,
                "PATH": f"{venv / 'bin'}{os.pathsep}{os.environ['PATH']}",
                "PYTHON": str(venv / "bin" / "python"),
                "GWOSC_SERVER_URL": server.url,
                "NO_PROXY": "127.0.0.1",
            }
            for document in DOCUMENTS:
                folder = work / Path(document).stem
                ignored = shutil.ignore_patterns(".git", "__pycache__", ".*_cache", ".venv")
                shutil.copytree(ROOT, folder, ignore=ignored)
                (folder / "config.yaml").write_text(RUN_OF_AFRAME, encoding="utf-8")
                if document in OF_THE_DATASET:
                    # No command writes into a file that is there.
                    shutil.copytree(work / "README" / "dataset", folder / "dataset", copy_function=os.link)
                for language, text in blocks(ROOT / document):
                    is_there = document in OF_THE_DATASET and commands(text) == making
                    if DONE_ELSEWHERE not in text and not is_there:
                        run_block(language, text, folder, environment)


if __name__ == "__main__":
    main()
