"""Read a keepalived.conf: the model, or all of its problems, each with file and line."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from pathlib import Path

from vrrpd.config import lint, problems, setup
from vrrpd.config.checks.code import Code
from vrrpd.config.keepalived.advice import advise
from vrrpd.config.keepalived.build import build
from vrrpd.config.keepalived.conditions import own_id, unmet
from vrrpd.config.keepalived.draft import Draft, Place, Remark
from vrrpd.config.keepalived.files import Files
from vrrpd.config.keepalived.line import KeepalivedError, Line
from vrrpd.config.keepalived.macros import Macros
from vrrpd.config.keepalived.tree import tree
from vrrpd.config.model import Configuration
from vrrpd.config.problems import ConfigError, Grade, Problem, Report, by_file
from vrrpd.config.tables import Reader
from vrrpd.config.toml import Errors, Loaded
from vrrpd.probes.registry import KINDS


@dataclass(slots=True)
class PlacedReport(Report):
    """A report whose paths are those of the native document, and whose words and lines are those of keepalived.conf."""

    draft: Draft = field(default_factory=Draft)
    paths: dict[Problem, problems.Path] = field(default_factory=dict)

    def problem(self, path: problems.Path, text: str, code: str = "") -> Problem:
        """Find where the part of the document came from."""
        place = self.draft.at(path) or Place(Line(self.file, 0, ""), "")
        made = Problem(place.line.file, place.line.number, place.keyword, text, code=code or Code.UNUSABLE)
        self.paths[made] = path
        return made


@dataclass(slots=True)
class Drafted:
    """What was made of a file: the draft, the model, which has stand-ins if there are errors, and all that was said.

    `report` places findings of the model in the file; `files` are those that were read, the first one included others.
    """

    draft: Draft
    configuration: Configuration
    report: PlacedReport
    files: tuple[str, ...] = ()
    remarks: list[Remark] = field(default_factory=list)

    def of(self, *grades: Grade) -> tuple[Problem, ...]:
        """Problems of these grades, in the order of the files."""
        return by_file(each.problem for each in self.remarks if each.problem.grade in grades)


def load(
    path: str | Path, *, here: bool = True, tolerated: Collection[str] = (), config_id: str | None = None
) -> Loaded:
    """Read a file for this host, at which it looks; not `here`: for another one. May block. `config_id`: see `drafted`.

    Raises ConfigError with every problem of all files, unless all errors have `tolerated` codes.
    """
    found = drafted(path, errors=setup.with_host if here else lint.errors, config_id=config_id, here=here)
    errors = found.of(Grade.ERROR)
    if any(each.code not in tolerated for each in errors):
        raise ConfigError(errors, found.of(Grade.WARNING, Grade.NOTE))
    return Loaded(found.configuration, found.of(*Grade), found.report, found.files)


def drafted(
    path: str | Path, *, errors: Errors = lint.errors, config_id: str | None = None, here: bool = True
) -> Drafted:
    """Read a file as far as it goes, errors and all. Raises ConfigError if it cannot be read to its end.

    `config_id`: what `@` conditions are compared with; the short name of this host unless given. `here`: it is for it.
    """
    path = Path(path)
    files = Files(Macros(own_id() if config_id is None else config_id))
    try:
        lines = list(files.lines(path))
    except KeepalivedError as error:
        raise ConfigError((*files.problems, error.problem)) from None
    found = tree(lines)
    draft = build(found.statements)
    nobody = unmet(files.macros, given=config_id is not None, here=here)
    first = (*files.problems, *found.problems, *_not_text(lines), *([nobody] if nobody else ()))
    draft.remarks[:0] = [Remark((), each) for each in first]
    advise(draft)
    return _modelled(draft, tuple(files.names), errors)


def _modelled(draft: Draft, files: tuple[str, ...], errors: Errors) -> Drafted:
    report = PlacedReport(files[0], {}, draft=draft)
    model = Reader(report, KINDS).configuration(draft.document)
    wrong = (*report.problems, *report.found(errors(model)))
    made = Drafted(draft, model, report, files, list(draft.remarks))
    made.remarks += [Remark(report.paths[each], each) for each in wrong]
    if not made.of(Grade.ERROR):
        for each in report.found(lint.warnings(model)):
            code = Code.QUESTIONABLE if each.code == Code.UNUSABLE else each.code
            warning = replace(each, grade=Grade.WARNING, code=code)
            made.remarks.append(Remark(report.paths[each], warning))
    return made


def _not_text(lines: list[Line]) -> list[Problem]:
    """Octets that are no UTF-8 outside of comments: a name or a path that would be another one in our files."""
    return [each.problem("octets that are not UTF-8 text; allowed: UTF-8") for each in lines if not _is_text(each.text)]


def _is_text(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
