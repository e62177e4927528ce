#!/usr/bin/env python3
"""Runs GoogleTest programs, each in as many processes at once as there are cores, and counts tests.

A process for each test costs more than most tests, so each process runs its share of a program's
tests. A process that crashes, hangs or prints nothing is a failure: every test that the program
lists has to have ended, and those that did not are counted as failed and named.
"""
import argparse
import concurrent.futures
import os
import re
import subprocess
import sys
from pathlib import Path

ENDED = re.compile(r"\[ +(OK|FAILED|SKIPPED) +\] ([\w/]+\.[\w/]+)(?:, where .*)? \(\d+ ms\)$", re.M)
STARTED = re.compile(r"^\[ RUN +\] (\S+)$", re.M)
SHARE = 12  # shares of a program, so that a long one does not hold a core alone at the end


def listed(program, chosen):
    """The tests of a program, without those that are switched off."""
    shown = subprocess.run([program, "--gtest_list_tests", f"--gtest_filter={chosen}"], text=True,
                           capture_output=True, timeout=120)
    if shown.returncode != 0:
        sys.exit(f"{program} does not list its tests:\n{shown.stdout}{shown.stderr}")
    names, suite = set(), ""
    for line in shown.stdout.split("\n"):
        bare = line.split("#")[0].rstrip()
        if bare.startswith("  "):
            name = suite + bare.strip()
            if "DISABLED_" not in name:
                names.add(name)
        else:
            suite = bare
    return names


def run_share(program, share, chosen, log, timeout):
    """Runs one share of a program's tests; gives what it printed and why it ended, if wrongly."""
    environment = dict(os.environ, GTEST_TOTAL_SHARDS=str(SHARE), GTEST_SHARD_INDEX=str(share))
    with open(log, "wb") as out:
        process = subprocess.Popen([program, f"--gtest_filter={chosen}", "--gtest_color=no"], stdout=out,
                                   stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, env=environment)
        try:
            code = process.wait(timeout)
            wrong = "" if code in (0, 1) else f"ended with {code}"
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            wrong = f"was stopped after {timeout} s"
    return Path(log).read_text(encoding="utf-8", errors="replace"), wrong


def failures_in(text):
    """Name and output of each test that failed."""
    for end in ENDED.finditer(text):
        if end[1] == "FAILED":
            start = text.rfind(f"[ RUN      ] {end[2]}\n", 0, end.start())
            yield end[2], text[start:end.end()]


def run_program(pool, program, arguments):
    """The counts of passed and failed tests of one program; prints what failed."""
    name = Path(program).name
    wanted = listed(program, arguments.filter)
    shares = [pool.submit(run_share, program, share, arguments.filter,
                          f"{program}.{share}.log", arguments.timeout) for share in range(SHARE)]
    passed, failed = set(), set()
    for share in shares:
        text, wrong = share.result()
        passed |= {end[2] for end in ENDED.finditer(text) if end[1] != "FAILED"}
        for test, output in failures_in(text):
            failed.add(test)
            print(f"{output}\nfailed: {name} --gtest_filter={test}\n", flush=True)
        if wrong:
            running = STARTED.findall(text)
            print(f"{text[-20000:]}\nfailed: a process of {name} {wrong}; its last test: "
                  f"{running[-1] if running else 'none'}\n", flush=True)
    lost = wanted - passed - failed
    for test in sorted(lost):
        print(f"failed: {name} --gtest_filter={test} did not run to its end")
    if not wanted:
        print(f"failed: {name} has no test")
    print(f"{name}: {len(passed)} passed, {len(failed | lost)} failed", flush=True)
    return len(passed), len(failed | lost) or (0 if wanted else 1)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("programs", nargs="+")
    parser.add_argument("--filter", default="*", help="as of --gtest_filter; default: all")
    parser.add_argument("--timeout", type=float, default=900, help="seconds for a share; default: %(default)s")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="processes at once; default: cores")
    arguments = parser.parse_args()
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        counts = [run_program(pool, os.path.abspath(program), arguments) for program in arguments.programs]
    passed, failed = (sum(column) for column in zip(*counts))
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
