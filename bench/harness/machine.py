"""What the kernel tells about processes and the machine."""

import os
import platform
import time
from pathlib import Path

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


def process_tree(pid: int) -> set[int]:
    """The process and everything that it has started."""
    tree = {pid}
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            for child in children.read_text().split():
                tree |= process_tree(int(child))
        except OSError:
            pass  # The thread has just ended.
    return tree


def cpu_seconds(pid: int) -> tuple[float, float]:
    """User and system time of the process tree so far, in steps of a tick (10 ms)."""
    user = system = 0
    for member in process_tree(pid):
        try:
            fields = Path(f"/proc/{member}/stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        user += int(fields[11])
        system += int(fields[12])
    return user / TICKS_PER_SECOND, system / TICKS_PER_SECOND


def precise_cpu_seconds(pid: int) -> float:
    """Time on a processor of all living threads of the process tree, exact to the microsecond."""
    nanoseconds = 0
    for member in process_tree(pid):
        for schedstat in Path(f"/proc/{member}/task").glob("*/schedstat"):
            try:
                nanoseconds += int(schedstat.read_text().split()[0])
            except OSError:
                pass
    return nanoseconds / 1e9


def resident_megabytes(pid: int) -> float:
    """Resident memory of the process tree."""
    kilobytes = 0
    for member in process_tree(pid):
        try:
            status = Path(f"/proc/{member}/status").read_text()
        except OSError:
            continue
        kilobytes += sum(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))
    return kilobytes / 1024


def describe() -> dict[str, str]:
    """What figures depend on: date, processor, kernel."""
    models = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    return {
        "date": time.strftime("%Y-%m-%d"),
        "processor": models[0].split(":", 1)[1].strip() if models else platform.machine(),
        "cores": str(os.cpu_count()),
        "kernel": platform.release(),
    }
