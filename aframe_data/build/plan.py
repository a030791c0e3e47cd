"""What a build will do: the stages that a configuration asks for, one after the other."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from aframe_data.build.configuration import stages_of, table_named
from aframe_data.build.engines import StageEngines
from aframe_data.build.listing import listed
from aframe_data.build.presets import preset_path
from aframe_data.build.record import BuildRecord
from aframe_data.build.stages import STAGES
from aframe_data.build.standing import PRESENT, WAITING, replaced, require_same, standing, standings
from aframe_data.build.units import unit_named
from aframe_data.configuration.file import read_text
from aframe_data.errors import OutputExistsError, UsageError, did_you_mean
from aframe_data.formats.dataset import DatasetLayout
from aframe_data.places import place
from aframe_data.reports.build import BuildReport, PageReport, StageReport
from aframe_data.reports.fetch import FetchReport
from aframe_data.requests.report import Report
from aframe_data.store.atomic import followed, remove_if_empty, require_replaceable, require_writable_folder
from aframe_data.work.carry_out import carry_out
from aframe_data.work.plan import Plan, Work
from aframe_data.work.usage import Watch

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from aframe_data.build.stages import Stage
    from aframe_data.build.standing import Standing
    from aframe_data.reports.build import BuildForecast
    from aframe_data.requests.build import Build
    from aframe_data.requests.request import Request
    from aframe_data.work import plan as work_plan

#: Events that tell of work of an earlier run that is not done again.
_TAKEN_UP = ("present", "resumed")


def plan(request: Build) -> BuildPlan:
    """Plan a build: all stages are requests that have been checked, and none was met.

    Raises
    ------
    UsageError
        The configuration, with file and key; or a stage is unknown or not asked for.
    """
    path = place(request.configuration) if request.configuration else preset_path(request.preset or "")
    text = read_text(path)
    layout = DatasetLayout(place(request.output_dir))
    stages = stages_of(path, text, layout, request.workers)
    for stage in stages:
        with table_named(path, stage.table):
            stage.request.planned()
    chosen = (unit_named(request.unit, stages).stage,) if request.unit is not None else _chosen(request, stages)
    return BuildPlan(request, path, text, layout, chosen)


def _chosen(request: Build, stages: Sequence[Stage]) -> tuple[Stage, ...]:
    """The stages that are to be made of those that the configuration asks for."""
    names = [stage.name for stage in stages]
    for name in (*request.only, *([request.until] if request.until else [])):
        if name not in STAGES:
            raise UsageError(f"there is no stage {name!r}.{did_you_mean(name, STAGES)} Known: {', '.join(STAGES)}.")
        if name not in names:
            raise UsageError(f"the configuration does not ask for {name}, only for {', '.join(names)}.")
    last = names.index(request.until) if request.until else len(names)
    chosen = tuple(
        stage
        for number, stage in enumerate(stages)
        if number <= last and (not request.only or stage.name in request.only)
    )
    if not chosen:
        raise UsageError(f"--only and --until leave no stage: {', '.join(request.only)} comes after {request.until}.")
    return chosen


@dataclass(frozen=True, eq=False)
class BuildPlan(Plan[BuildReport]):
    """A plan of a data set.

    Attributes
    ----------
    path, text
        The configuration.
    layout
        Where the files go.
    stages
        Those that are to be made, in their order.
    """

    request: Build
    path: Path
    text: str
    layout: DatasetLayout
    stages: tuple[Stage, ...]

    def forecast(self, work: Work) -> BuildForecast:
        """Say how each stage stands, how much it will write and how long that takes."""
        from aframe_data.build.forecast import forecast  # which making does without

        self._require_replaceable()
        before = list(standings(self.stages, work))
        if self._missing(before):
            require_writable_folder(followed(self.layout.record).parent)
        with closing(StageEngines(self._missing(before))) as engines:
            self._rehearse(before, engines, work)
        return forecast(self.layout, before, work)

    def make(self, work: Work) -> BuildReport:
        """Make the stages that are missing, one after the other, and check those that are there.

        Raises
        ------
        OutputExistsError
            A stage was made by another configuration, or the page by somebody else, and nothing may be replaced.
        """
        before = list(standings(self.stages, work))
        if self.request.list_units:
            for unit in listed(self.layout, before, self.request, self._arguments, work):
                work.tell({"event": "unit", **unit})
            return BuildReport(self.layout.root, ())
        self._require_replaceable()
        if not self.request.overwrite:
            require_same(before)
        with closing(StageEngines(self._missing(before))) as engines:
            self._rehearse(before, engines, work)
            record, done, changed = BuildRecord(self.layout.record), [], False
            for found in before:
                done.append(self._made(found, record, engines, work))
                if self.request.unit is not None:
                    continue  # others are at work beside it: the build that comes last writes the record
                changed |= record.write(STAGES, self._arguments, self.path.name, self.text)
                if done[-1].report.exit_code:
                    return BuildReport(self.layout.root, tuple(done))
            page = None
            if self._shows:
                anew = changed or self._is_outdated
                page = self._page(engines, work) if anew else PageReport(self.layout.report, None)
        return BuildReport(self.layout.root, tuple(done), page)

    @property
    def _shows(self) -> bool:
        """Whether a page is wanted."""
        return self.request.report and self.request.unit is None

    def _require_replaceable(self) -> None:
        """Refuse what stands in the way of the record and the page, before the work of hours that comes first."""
        if self.request.unit is None:
            require_replaceable(self.layout.record)
        for page in self._page_request.planned().outputs if self._shows else ():
            page.require_usable()
            if not self.request.overwrite:
                page.holds({})

    @property
    def _is_outdated(self) -> bool:
        """Whether the page is older than the record, which changes with all that a build makes, or is not there."""
        page = self.layout.report
        return not page.exists() or page.stat().st_mtime_ns < self.layout.record.stat().st_mtime_ns

    def _missing(self, before: Sequence[Standing]) -> list[Request[Any]]:
        """What is to be met: the stages that are not there, and the page."""
        missing = [found.request for found in before if found.state != PRESENT]
        return [*missing, self._page_request] if missing and self._shows else missing

    @property
    def _page_request(self) -> Report:
        workers = max((stage.request.processes() for stage in self.stages), default=0)
        return Report(folder=self.layout.root, quick=True, workers=workers, overwrite=self.request.overwrite)

    def _page(self, engines: StageEngines, work: Work) -> PageReport:
        """Show what the folder holds: all of it was checked when its stage was met."""
        request = self._page_request
        shown = carry_out(request, work.part("report", engines.of(request)))
        return PageReport(shown.page, len(shown.problems))

    def _rehearse(self, before: Sequence[Standing], engines: StageEngines, work: Work) -> None:
        """Try what is to be made, before the first stage is."""
        missing = [found for found in before if found.state != PRESENT]
        if not missing or missing[-1].stage is self.stages[0]:
            return  # that stage does so itself
        for found in missing:
            with table_named(self.path, found.stage.table):
                found.request.planned().rehearse(Work(engines.of(found.request), work.phase))

    def _made(self, found: Standing, record: BuildRecord, engines: StageEngines, work: Work) -> StageReport:
        """Meet the request of a stage, and keep what that took."""
        stage = found.stage
        if found.state == WAITING:  # what it reads is there now
            found = standing(stage, work)
            if not self.request.overwrite:
                require_same([found])
        for path in found.surplus:
            path.unlink()
            remove_if_empty(path.parent)
        work.tell({"event": "stage", "stage": stage.name, "command": found.request.command, "state": found.state})

        taken_up: list[str] = []

        def tell(event: work_plan.Event) -> None:
            if event["event"] in _TAKEN_UP:
                taken_up.append(event["event"])
            work.tell(event)

        with Watch() as watch:
            part = replace(work, tell=tell).part(stage.name, engines.of(found.request))
            try:
                report = carry_out(found.request, part)
            except OutputExistsError:  # all is there, and not as it was written
                if not self.request.overwrite:
                    raise
                report = carry_out(replaced(found.request), part)
        present = bool(getattr(report, "present", False)) or found.state == PRESENT
        files = _files(found, report)
        told = StageReport(
            name=stage.name,
            command=found.request.command,
            present=present,
            files=len(files),
            nbytes=sum(path.stat().st_size for path in files),
            usage=None if present else watch.usage,
            report=report,
        )
        record.keep(told, found.request, files, None if taken_up else told.nbytes / watch.usage.seconds)
        told = replace(told, usage=record.usage_of(stage.name))
        work.tell(
            {"event": "stage done", "stage": stage.name, "present": present, "files": told.files, "nbytes": told.nbytes}
            | ({} if present or told.usage is None else {"seconds": told.usage.seconds})
        )
        return told

    @property
    def _arguments(self) -> list[str]:
        source = [str(self.path)] if self.request.configuration else ["--preset", str(self.request.preset)]
        return ["build", *source, "-o", str(self.request.output_dir)]


def _files(found: Standing, report: work_plan.Report) -> list[Path]:
    """The files that a stage comes to."""
    if isinstance(report, FetchReport):
        return [file.path for file in report.files if file.status in ("fetched", "present")]
    return [output.path for output in found.request.planned().outputs]
