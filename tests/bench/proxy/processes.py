"""Starts, measures and stops the processes of the benchmark.

Every process leads a session of its own. Leaving Children stops each with all it has started; when
the benchmark itself is killed, the kernel kills what it has started directly.
"""

import ctypes
import os
import signal
import subprocess
import time

TICKS = os.sysconf("SC_CLK_TCK")
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None)


def two_cores():
    """The core for the proxy and the core for everything else."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        raise SystemExit("the benchmark needs two processor cores: one for the proxy alone")
    return cores[0], cores[1]


class Children:
    """The processes that are running; a context manager that stops them all."""

    def __init__(self):
        self.running = []

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        for child in reversed(self.running):
            stop(child)
        self.running = []

    def start(self, command, core, log, stdin=None, stdout=None):
        """`log` is the path of the file that takes what the process says."""
        with open(log, "ab") as output:
            child = subprocess.Popen(
                ["taskset", "-c", str(core)] + command,
                stdin=stdin or subprocess.DEVNULL, stdout=stdout or output, stderr=output,
                start_new_session=True, preexec_fn=die_with_parent)
        self.running.append(child)
        return child


def die_with_parent():
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def stop(child):
    for number in (signal.SIGTERM, signal.SIGKILL):
        if child.poll() is None:
            signal_group(child.pid, number)
            wait(child, 5)
    signal_group(child.pid, signal.SIGKILL)  # what a killed parent may have left behind
    for pipe in (child.stdin, child.stdout):
        if pipe:
            pipe.close()


def signal_group(pid, number):
    try:
        os.killpg(pid, number)
    except ProcessLookupError:
        pass


def wait(child, seconds):
    try:
        child.wait(seconds)
    except subprocess.TimeoutExpired:
        pass


def tree(pid):
    """The process and all its descendants."""
    found = [pid]
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/children") as file:
            for child in file.read().split():
                found += tree(int(child))
    return found


def cpu_seconds(pid):
    """User and system time of the whole tree, children that have ended included."""
    return sum(ticks(member) for member in tree(pid)) / TICKS


def ticks(pid):
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return sum(int(value) for value in fields[11:15])


def memory_kb(pid):
    """Resident memory of the tree, and the part of it that is no other process's."""
    members = [rollup(member) for member in tree(pid)]
    return {
        "resident": sum(one["Rss"] for one in members),
        "private": sum(one["Private_Dirty"] + one["Private_Clean"] for one in members),
        "anonymous": sum(one["Anonymous"] for one in members),
    }


def rollup(pid):
    with open(f"/proc/{pid}/smaps_rollup") as file:
        lines = [line.split() for line in file.readlines()[1:]]
    return {words[0].rstrip(":"): int(words[1]) for words in lines}


def settle(pid, limit=30.0):
    """Waits until the process has done what it does after its start, such as training."""
    end = time.monotonic() + limit
    while time.monotonic() < end:
        before = cpu_seconds(pid)
        time.sleep(0.3)
        if cpu_seconds(pid) - before <= 0.02:
            return
