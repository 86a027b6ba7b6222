"""The folder in which a submission is run: `autograded/.grading-STUDENT/ASSIGNMENT`, until it is graded and its rows
are written; then it becomes `autograded/STUDENT/ASSIGNMENT`. What is graded and not yet written survives a kill there.
"""

from __future__ import annotations

import contextlib
import fnmatch
import os
import shutil
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

PREFIX = ".grading-"
RESULT = "result.json"
_MOST_FILES = 10_000


@dataclass(frozen=True)
class Staging:
    """Where a submission comes from and where it is run. `masters` are the instructor's files, by path in the folder;
    sizes in bytes."""

    submitted: str
    folder: str
    masters: tuple[tuple[str, str], ...]
    ignore: tuple[str, ...]
    most_a_file: int
    most_in_all: int

    @property
    def outer(self) -> Path:
        """What holds the folder, the scratch folder and the result."""
        return Path(self.folder).parent

    @property
    def scratch(self) -> Path:
        return self.outer / "scratch"

    def prepare(self) -> list[str]:
        """Make the folder anew and lay the files in it; return sentences on what was left out."""
        discard(self.outer)
        folder = Path(self.folder)
        folder.mkdir(parents=True)
        self.scratch.mkdir()
        said = self._copy_submitted(folder)
        for name, master in self.masters:
            copy = folder / name
            if copy.is_dir():
                shutil.rmtree(copy)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(master, copy)
        return said

    def _copy_submitted(self, folder: Path) -> list[str]:
        left_out: list[str] = []
        files = total = 0
        for name, path in plain_files(Path(self.submitted), (*self.ignore, "*.ipynb"), left_out):
            size = path.stat().st_size
            files += 1
            if size > self.most_a_file or total + size > self.most_in_all or files > _MOST_FILES:
                left_out.append(name)
                continue
            total += size
            copy = folder / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
        if not left_out:
            return []
        more = f" and {len(left_out) - 3:,} more" if len(left_out) > 3 else ""
        named = ", ".join(f"‘{name}’" for name in left_out[:3])
        return [f"Left out, because they are no plain files or too large: {named}{more}."]

    def masters_in_place(self) -> tuple[tuple[str, str], ...]:
        return tuple((str(Path(self.folder, name)), master) for name, master in self.masters)


def plain_files(folder: Path, ignore: Sequence[str], left_out: list[str] | None = None) -> Iterator[tuple[str, Path]]:
    """The plain files in a folder, with their path in it, but for what is ignored. No link is followed."""

    def is_ignored(name: str) -> bool:
        return any(fnmatch.fnmatch(name, pattern) for pattern in ignore)

    for inside, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not is_ignored(name) and not Path(inside, name).is_symlink())
        for name in sorted(names):
            path = Path(inside, name)
            if is_ignored(name):
                continue
            if stat.S_ISREG(path.lstat().st_mode):
                yield path.relative_to(folder).as_posix(), path
            elif left_out is not None:
                left_out.append(path.relative_to(folder).as_posix())


def drop_links(folder: Path) -> None:
    """Remove what is neither a plain file nor a folder: whoever copies this folder on would follow it."""
    for inside, folders, names in os.walk(folder):
        for name in (*folders, *names):
            path = Path(inside, name)
            mode = path.lstat().st_mode
            if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
                path.unlink()


def put_in_place(outer: Path, assignment: str, graded: Path, permissions: int, is_groupshared: bool) -> None:
    """Make a graded folder the one that nbgrader looks for."""
    folder = outer / assignment
    for inside, _, names in os.walk(folder):
        for name in names:
            Path(inside, name).chmod(permissions)
        if is_groupshared:
            _share(Path(inside))
    discard(graded)
    graded.parent.mkdir(parents=True, exist_ok=True)
    folder.rename(graded)
    discard(outer)
    if is_groupshared:
        _share(graded.parent.parent)


def _share(folder: Path) -> None:
    """Let the folder's group write in it, and have what is made in it be the group's too."""
    with contextlib.suppress(PermissionError):  # it may be somebody else's, who has done so
        folder.chmod((folder.stat().st_mode | 0o2770) & 0o2777)


def discard(folder: Path) -> None:
    """Remove a folder, also where a submission has left parts of it unreadable."""

    def make_removable(function: object, path: str, fault: object) -> None:
        target = Path(path)
        with contextlib.suppress(OSError):
            if target != folder:  # what holds the folder is not the submission's
                target.parent.chmod(0o700)
            if target.is_dir() and not target.is_symlink():
                target.chmod(0o700)
                shutil.rmtree(target, ignore_errors=True)
            else:
                target.unlink()

    shutil.rmtree(folder, onerror=make_removable)
