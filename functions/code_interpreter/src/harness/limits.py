"""What a process has of the machine's memory, and the most that it may take of the machine."""

import resource
import sys


def address_space():
    """Of this process; nothing where there is no limit on it."""
    if sys.platform == "darwin":
        return 0
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[0]) * resource.getpagesize()


def resident_bytes():
    """Of this process: memory that is no file's. Nothing where that is not told."""
    if sys.platform == "darwin":
        return 0
    with open("/proc/self/status", encoding="ascii", errors="replace") as file:
        fields = dict(line.split(":", 1) for line in file if ":" in line)
    parts = [fields.get(name, "0").split()[0] for name in ("RssAnon", "RssShmem")]
    return sum(int(part) for part in parts) * 1024


def set_limits(limits, taken):
    for name, limit in limits.items():
        if name == "AS":
            if sys.platform == "darwin":
                continue  # refused there: every process has more address space than any sensible limit
            limit += taken
        kind = getattr(resource, "RLIMIT_" + name, None)
        if kind is None:
            continue  # the system has no such thing
        hard = resource.getrlimit(kind)[1]
        if hard != resource.RLIM_INFINITY:
            limit = min(limit, hard)
        resource.setrlimit(kind, (limit, limit))
