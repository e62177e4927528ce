#!/usr/bin/env python3
"""Holds deploy/observability against the code: METRICS.md lists every metric that the code makes, with its
kind and help text, and no other; the alert rules and the board use only those.
usage: check_metrics.py           prints each difference; exit 1 if any
       check_metrics.py --write   rewrites the table of METRICS.md, keeping its labels"""
import json
import re
import subprocess
import sys
from pathlib import Path

FOLDER = Path("deploy/observability")
TABLE = FOLDER / "METRICS.md"
MADE = re.compile(r'(?:Get(?P<kind>Counter|Gauge|Histogram)|(?P<gauge>Export))\(\s*'
                  r'(?:"(?P<name>moerge_\w+)"|std::string\((?P<constant>k\w+)\))\s*,\s*'
                  r'(?P<help>(?:"(?:[^"\\]|\\.)*"\s*)+)')
ROW = re.compile(r"^\| `(?P<name>\w+)` \| (?P<kind>\w+) \| (?P<labels>[^|]*) \| (?P<help>.*) \|$")
USED = re.compile(r"\bmoerge_[a-z0-9_]+")


def made():
    metrics = {}
    files = subprocess.run(["git", "ls-files", "config", "registry", "adapters", "router", "services"],
                           capture_output=True, text=True, check=True).stdout.split()
    for name in files:
        if not name.endswith((".cc", ".h")):
            continue
        text = Path(name).read_text()
        constants = dict(re.findall(r'(k\w+) = "(moerge_\w+)"', text))
        for found in MADE.finditer(text):
            metric = found["name"] or constants.get(found["constant"])
            if metric is None:
                continue
            help_text = "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', found["help"]))
            metrics[metric] = ((found["kind"] or "Gauge").lower(), help_text.rstrip("."))
    return metrics


def listed():
    rows = (ROW.match(line) for line in TABLE.read_text().splitlines())
    return {row["name"]: (row["kind"], row["help"], row["labels"]) for row in rows if row}


def used():
    """Names in rules and panels, without what Prometheus adds to histograms."""
    for path in sorted(FOLDER.glob("*")):
        if path.suffix not in (".yaml", ".json"):
            continue
        if path.suffix == ".json":
            json.loads(path.read_text())
        for name in USED.findall(path.read_text()):
            yield path, re.sub(r"_(bucket|sum|count)$", "", name)


def write(metrics):
    labels = {name: row[2] for name, row in listed().items()}
    head = [line for line in TABLE.read_text().splitlines() if not ROW.match(line)]
    at = next(number for number, line in enumerate(head) if line.startswith("|---")) + 1
    rows = [f"| `{name}` | {kind} | {labels.get(name, '')} | {text} |"
            for name, (kind, text) in sorted(metrics.items())]
    TABLE.write_text("\n".join(head[:at] + rows + head[at:]) + "\n")


def main():
    metrics = made()
    if sys.argv[1:] == ["--write"]:
        write(metrics)
    rows = listed()
    findings = [f"{TABLE}: {name} is made and not listed" for name in metrics.keys() - rows.keys()]
    findings += [f"{TABLE}: {name} is listed and not made" for name in rows.keys() - metrics.keys()]
    findings += [f"{TABLE}: {name} is a {metrics[name][0]}: {metrics[name][1]}"
                 for name in metrics.keys() & rows.keys() if metrics[name] != rows[name][:2]]
    findings += [f"{path}: {name} is no metric of moerge's" for path, name in used() if name not in metrics]
    for finding in sorted(set(findings)):
        print(finding)
    if findings:
        print(f"where the code is right: {sys.argv[0]} --write")
    print(f"{len(metrics)} metrics, {len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
