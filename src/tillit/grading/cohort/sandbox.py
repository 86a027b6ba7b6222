"""The walls around a learner's process, built from inside it before any of the learner's code runs. Linux only.

**Landlock** (since Linux 5.13) lets it read Python's own files and write in its own folder, and nothing else: not the
solutions, the keys, the gradebook, other submissions, `/proc` or `/tmp`. **Seccomp** takes away what Landlock does not
cover: sockets, new processes and programs, signals to others, tracing, mounts, and changes to owners and modes. Limits
on memory, processor time, file size, open files and core dumps come on top, and every capability is dropped.

Neither asks for rights, so it works the same for root and for everybody else, and in most containers. We call the
kernel by ctypes: of the Python bindings that exist none covers both, and a process of its own under bubblewrap would
not be a fork of the warm interpreter that makes grading fast.

What it does not do: it does not hide how much time things take, and it is as strong as the kernel under it.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import os
import platform
import resource
import struct
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # Landlock's numbers are the same on every architecture
_PR_SET_PDEATHSIG, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS, _PR_CAP_AMBIENT = 1, 22, 38, 47

# Landlock's rights to files. From the second version of it on there are more than these thirteen.
_EXECUTE, _WRITE, _READ, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_SPECIAL = 1 << 6 | 1 << 9 | 1 << 10 | 1 << 11 | 1 << 12  # to make devices, sockets, pipes and symbolic links
_FIRST = (1 << 13) - 1
_REFER, _TRUNCATE, _DEVICE = 1 << 13, 1 << 14, 1 << 15
_FILES_ONLY = _EXECUTE | _WRITE | _READ | _TRUNCATE

# System calls by architecture. `forbidden` fail with EPERM; `pretended` do nothing and succeed, because harmless code
# makes them (a copied file's mode and times) and would stop at an error; `clone` is allowed for threads only.
_NUMBERS: Mapping[str, tuple[int, Mapping[str, int]]] = {
    "x86_64": (0xC000003E, {
        "socket": 41, "connect": 42, "accept": 43, "bind": 49, "listen": 50, "clone": 56, "fork": 57, "vfork": 58,
        "execve": 59, "kill": 62, "truncate": 76, "chmod": 90, "fchmod": 91, "chown": 92, "fchown": 93, "lchown": 94,
        "ptrace": 101, "utime": 132, "mknod": 133, "pivot_root": 155, "chroot": 161, "mount": 165, "umount2": 166,
        "swapon": 167, "reboot": 169, "init_module": 175, "delete_module": 176, "setxattr": 188, "lsetxattr": 189,
        "fsetxattr": 190, "removexattr": 197, "lremovexattr": 198, "fremovexattr": 199, "tkill": 200,
        "io_setup": 206, "utimes": 235, "kexec_load": 246, "add_key": 248, "request_key": 249, "keyctl": 250,
        "mknodat": 259, "fchownat": 260, "futimesat": 261, "fchmodat": 268, "unshare": 272, "utimensat": 280,
        "accept4": 288, "perf_event_open": 298, "prlimit64": 302, "name_to_handle_at": 303, "open_by_handle_at": 304,
        "setns": 308, "process_vm_readv": 310, "process_vm_writev": 311, "kcmp": 312, "finit_module": 313,
        "bpf": 321, "execveat": 322, "userfaultfd": 323, "tgkill": 234, "rt_sigqueueinfo": 129,
        "rt_tgsigqueueinfo": 297, "setpriority": 141, "sched_setparam": 142, "sched_setscheduler": 144,
        "sched_setaffinity": 203, "ioprio_set": 251, "shmget": 29, "shmat": 30, "semget": 64, "msgget": 68,
        "memfd_create": 319, "fallocate": 285, "link": 86, "linkat": 265, "symlink": 88, "symlinkat": 266,
    }),
    "aarch64": (0xC00000B7, {
        "setxattr": 5, "lsetxattr": 6, "fsetxattr": 7, "removexattr": 14, "lremovexattr": 15, "fremovexattr": 16,
        "io_setup": 0, "mknodat": 33, "umount2": 39, "mount": 40, "pivot_root": 41, "truncate": 45, "chroot": 51,
        "fchmod": 52, "fchmodat": 53, "fchownat": 54, "fchown": 55, "utimensat": 88, "unshare": 97, "kexec_load": 104,
        "init_module": 105, "delete_module": 106, "ptrace": 117, "kill": 129, "tkill": 130, "tgkill": 131,
        "rt_sigqueueinfo": 138, "reboot": 142, "socket": 198, "bind": 200, "listen": 201, "accept": 202,
        "connect": 203, "add_key": 217, "request_key": 218, "keyctl": 219, "clone": 220, "execve": 221, "swapon": 224,
        "rt_tgsigqueueinfo": 240, "perf_event_open": 241, "accept4": 242, "prlimit64": 261, "name_to_handle_at": 264,
        "open_by_handle_at": 265, "setns": 268, "process_vm_readv": 270, "process_vm_writev": 271, "kcmp": 272,
        "finit_module": 273, "bpf": 280, "execveat": 281, "userfaultfd": 282,
        "setpriority": 140, "sched_setparam": 118, "sched_setscheduler": 119, "sched_setaffinity": 122,
        "ioprio_set": 30, "msgget": 186, "semget": 190, "shmget": 194, "shmat": 196, "memfd_create": 279,
        "fallocate": 47,
        "linkat": 37, "symlinkat": 36,
    }),
}  # fmt: skip
# From here on the numbers are shared by all architectures.
_SHARED = {
    "pidfd_send_signal": 424, "io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427, "open_tree": 428,
    "move_mount": 429, "fsopen": 430, "fsconfig": 431, "fsmount": 432, "fspick": 433, "pidfd_open": 434,
    "clone3": 435, "pidfd_getfd": 438, "process_madvise": 440, "mount_setattr": 442, "fchmodat2": 452,
    "setxattrat": 463, "removexattrat": 466, "open_tree_attr": 467,
}  # fmt: skip
_PRETENDED = ("chmod", "fchmod", "fchmodat", "fchmodat2", "chown", "fchown", "lchown", "fchownat", "utime", "utimes",
              "futimesat", "utimensat", "setxattr", "lsetxattr", "fsetxattr")  # fmt: skip
_CLONE_THREAD = 0x00010000
_EPERM, _ENOSYS = 1, 38


@dataclass(frozen=True)
class Limits:
    """What one submission may use. Memory is on top of what the warm interpreter maps already; bytes and seconds."""

    cell_seconds: float = 30
    total_seconds: float = 180
    memory: int = 1 << 30
    file_bytes: int = 64 << 20
    folder_bytes: int = 256 << 20
    output_bytes: int = 1 << 20
    open_files: int = 128


class SandboxError(RuntimeError):
    """The walls could not be built; nothing of a learner's may run."""


def why_none() -> str | None:
    """A sentence that says why this platform has no sandbox, or None where it has one."""
    if sys.platform != "linux":
        return f"{platform.system()} has neither Landlock nor seccomp"
    if platform.machine() not in _NUMBERS:
        return f"the system calls of {platform.machine()} are not known here"
    if _abi() < 1:
        return "this kernel has no Landlock, or it is switched off"
    return None


def readable_places(besides: Iterable[Path] = ()) -> list[str]:
    """What Python needs to read: itself, its libraries, time zones, fonts. No folder above one of `besides`."""
    places = {Path(sys.prefix), Path(sys.base_prefix), Path(sys.exec_prefix), *map(Path, sys.path)}
    places |= {Path(place) for place in ("/usr", "/lib", "/lib64", "/etc/ld.so.cache", "/etc/localtime", "/etc/fonts",
                                         "/dev/null", "/dev/zero", "/dev/random", "/dev/urandom")}  # fmt: skip
    kept_out = [place.resolve() for place in besides]
    resolved = {place.resolve() for place in places if place.is_absolute() and place.exists()}
    allowed = {place for place in resolved if not any(place in (one, *one.parents) for one in kept_out)}
    return sorted(str(place) for place in allowed if allowed.isdisjoint(place.parents))


def enter(limits: Limits, readable: Sequence[str], writable: Sequence[str]) -> None:
    """Build the walls around this process, for good. Raises SandboxError."""
    try:
        _limit(limits)
        _check(_libc().prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")
        _drop_capabilities()
        _landlock(readable, writable)
        _seccomp()
    except OSError as fault:
        raise SandboxError(f"{fault.strerror or fault} ({os.strerror(fault.errno or 0)})") from fault


def prepare() -> None:
    """Work out beforehand, once for all forks of this process, what does not depend on the submission."""
    if why_none() is None:
        _program()


def die_with_parent() -> None:
    """Have the kernel end this process when its parent ends. Linux only; elsewhere it does nothing."""
    if sys.platform == "linux":
        _libc().prctl(_PR_SET_PDEATHSIG, 9, 0, 0, 0)


def limit(limits: Limits) -> None:
    """The limits alone, for platforms without walls."""
    _limit(limits)


# --- how ----------------------------------------------------------------------------------------------------------


@functools.cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _check(result: int, what: str) -> int:
    if result < 0:
        raise OSError(ctypes.get_errno(), what)
    return result


def _abi() -> int:
    """The version of Landlock, or something negative."""
    return int(_libc().syscall(_CREATE_RULESET, None, 0, 1))


def _limit(limits: Limits) -> None:
    mapped = 0
    with contextlib.suppress(OSError):
        mapped = int(Path("/proc/self/statm").read_text("ascii").split()[0]) * resource.getpagesize()
    seconds = int(limits.total_seconds) + 5
    for what, most in (
        (resource.RLIMIT_AS, mapped + limits.memory),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, limits.file_bytes),
        (resource.RLIMIT_NOFILE, limits.open_files),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(ValueError):  # some platforms have no such limit
            resource.setrlimit(what, (most, most))


def _drop_capabilities() -> None:
    """Take from root what makes it more than the owner of its files."""
    header = struct.pack("=Ii", 0x20080522, 0)
    _check(_libc().capset(header, bytes(24)), "capset")


def _landlock(readable: Sequence[str], writable: Sequence[str]) -> None:
    abi = _check(_abi(), "landlock")
    files = _FIRST | (_REFER if abi >= 2 else 0) | (_TRUNCATE if abi >= 3 else 0) | (_DEVICE if abi >= 5 else 0)
    # Networks and, from 6 on, signals and abstract sockets are shut here too; seccomp shuts them in any case.
    attributes = struct.pack("=QQQ", files, 3 if abi >= 4 else 0, 3 if abi >= 6 else 0)
    size = 24 if abi >= 6 else 16 if abi >= 4 else 8
    ruleset = _check(_libc().syscall(_CREATE_RULESET, attributes, size, 0), "landlock ruleset")
    everything = files & ~(_SPECIAL | _DEVICE)
    for places, rights in ((readable, _EXECUTE | _READ | _READ_DIR), (writable, everything)):
        for place in places:
            _allow(ruleset, place, rights)
    _allow(ruleset, "/dev/null", _READ | _WRITE)
    _check(_libc().syscall(_RESTRICT_SELF, ruleset, 0), "landlock")
    os.close(ruleset)


def _allow(ruleset: int, place: str, rights: int) -> None:
    handle = os.open(place, os.O_PATH | os.O_CLOEXEC)
    try:
        allowed = rights if Path(place).is_dir() else rights & _FILES_ONLY
        rule = struct.pack("=Qi", allowed, handle)
        _check(_libc().syscall(_ADD_RULE, ruleset, 1, rule, 0), f"landlock rule for {place}")
    finally:
        os.close(handle)


def _seccomp() -> None:
    code, length = _program()
    head = struct.pack("HxxxxxxP", length, ctypes.addressof(code))
    _check(_libc().prctl(_PR_SET_SECCOMP, 2, ctypes.c_char_p(head), 0, 0), "seccomp")


@functools.cache
def _program() -> tuple[ctypes.Array[ctypes.c_char], int]:
    """The filter where the kernel can read it, and how many instructions it has."""
    program = _filter()
    return ctypes.create_string_buffer(program), len(program) // 8


def _filter() -> bytes:
    """The filter as a program: another architecture's calls kill; then one comparison for each call."""
    audit, own = _NUMBERS[platform.machine()]
    calls = {**own, **_SHARED}
    program = [_ins(0x20, 4), _ins(0x15, audit, 1, 0), _ins(0x06, 0x80000000), _ins(0x20, 0)]
    if platform.machine() == "x86_64":  # the other set of numbers that this kernel accepts
        program += [_ins(0x35, 0x40000000, 0, 1), _ins(0x06, 0x00050000 | _EPERM)]
    # `clone` without the mark of a thread makes a process; `clone3` hides its marks, so libc must take the other.
    program += [_ins(0x15, calls.pop("clone"), 0, 4), _ins(0x20, 16), _ins(0x45, _CLONE_THREAD, 0, 1),
                _ins(0x06, 0x7FFF0000), _ins(0x06, 0x00050000 | _EPERM)]  # fmt: skip
    # A process may ask for its own limits, and not touch another's.
    program += [_ins(0x15, calls.pop("prlimit64"), 0, 4), _ins(0x20, 16), _ins(0x15, 0, 0, 1),
                _ins(0x06, 0x7FFF0000), _ins(0x06, 0x00050000 | _EPERM)]  # fmt: skip
    program += [_ins(0x15, calls.pop("clone3"), 0, 1), _ins(0x06, 0x00050000 | _ENOSYS)]
    for name, number in calls.items():
        answer = 0x00050000 | (0 if name in _PRETENDED else _EPERM)
        program += [_ins(0x15, number, 0, 1), _ins(0x06, answer)]
    program.append(_ins(0x06, 0x7FFF0000))
    return b"".join(program)


def _ins(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    """One instruction of the filter: load, compare and jump, or return."""
    return struct.pack("HBBI", code, if_true, if_false, value)
