"""The filter of system calls in the sandbox: no namespaces, mounts, tracing or kernel keys, few kinds of sockets."""

import errno
import platform
import struct

__all__ = ["call_filter"]

# From the kernel's own tables (asm/unistd_64.h and asm-generic/unistd.h).
_X86 = {
    "unshare": 272,
    "setns": 308,
    "mount": 165,
    "umount2": 166,
    "pivot_root": 155,
    "chroot": 161,
    "ptrace": 101,
    "process_vm_readv": 310,
    "process_vm_writev": 311,
    "bpf": 321,
    "perf_event_open": 298,
    "add_key": 248,
    "request_key": 249,
    "keyctl": 250,
    "userfaultfd": 323,
    "open_by_handle_at": 304,
    "clone": 56,
    "socket": 41,
}
_ARM = {
    "unshare": 97,
    "setns": 268,
    "mount": 40,
    "umount2": 39,
    "pivot_root": 41,
    "chroot": 51,
    "ptrace": 117,
    "process_vm_readv": 270,
    "process_vm_writev": 271,
    "bpf": 280,
    "perf_event_open": 241,
    "add_key": 217,
    "request_key": 218,
    "keyctl": 219,
    "userfaultfd": 282,
    "open_by_handle_at": 265,
    "clone": 220,
    "socket": 198,
}
# Newer calls have one number on all processors.
_BOTH = {
    "io_uring_setup": 425,
    "io_uring_enter": 426,
    "io_uring_register": 427,
    "open_tree": 428,
    "move_mount": 429,
    "fsopen": 430,
    "fsconfig": 431,
    "fsmount": 432,
    "mount_setattr": 442,
    "clone3": 435,
}
_MACHINES = {"x86_64": (0xC000003E, _X86), "aarch64": (0xC00000B7, _ARM)}
_NEW_USER = 0x10000000  # the flag of clone
_FAMILIES = (1, 2, 10)  # of the machine itself, IPv4, IPv6; others, as of a virtual machine's host, cross a namespace
_LOAD, _EQUAL, _AT_LEAST, _ANY, _GIVE = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCH, _FIRST = 0, 4, 16  # where the kernel puts what is asked for
_ALLOW, _KILL, _ERROR = 0x7FFF0000, 0x80000000, 0x00050000


def call_filter(machine: str | None = None) -> bytes | None:
    """The filter as the kernel reads it (classic BPF), or None for a processor whose calls are not known here.

    Whatever is not named stays allowed: a notebook with numpy calls much, and namespaces, mounts and rights are
    taken away otherwise. What would make new ones, or reach past them, is refused.

    Parameters
    ----------
    machine : str, optional
        As `platform.machine` names it; this one where left out.

    Examples
    --------
    >>> len(call_filter("x86_64")) % 8, call_filter("abacus")
    (0, None)
    """
    if (machine or platform.machine()) not in _MACHINES:
        return None
    architecture, own = _MACHINES[machine or platform.machine()]
    calls = {**own, **_BOTH}
    clone, clone3, socket = (calls.pop(name) for name in ("clone", "clone3", "socket"))
    refuse = _give(_ERROR | errno.EPERM)
    lines = [_line(_LOAD, _ARCH), _line(_EQUAL, architecture, 1, 0), _give(_KILL), _line(_LOAD, _NUMBER)]
    # numbers from here on are another way to call an x86_64 kernel, with names of its own
    lines += [_line(_AT_LEAST, 0x40000000, 0, 1), refuse]
    for number in calls.values():
        lines += [_line(_EQUAL, number, 0, 1), refuse]
    # its flags lie in memory, where no filter looks; who is told that it does not exist takes clone
    lines += [_line(_EQUAL, clone3, 0, 1), _give(_ERROR | errno.ENOSYS)]
    lines += [_line(_EQUAL, clone, 0, 4), _line(_LOAD, _FIRST), _line(_ANY, _NEW_USER, 0, 1), refuse, _give(_ALLOW)]
    lines += [_line(_EQUAL, socket, 0, 2 + len(_FAMILIES)), _line(_LOAD, _FIRST)]
    lines += [_line(_EQUAL, family, len(_FAMILIES) - place, 0) for place, family in enumerate(_FAMILIES)]
    lines += [refuse, _give(_ALLOW)]
    return b"".join(lines)


def _line(code, value, then=0, otherwise=0):
    return struct.pack("=HBBI", code, then, otherwise, value)


def _give(value):
    return _line(_GIVE, value)
