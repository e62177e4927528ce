"""Medians of the rounds, the table and the JSON."""

import os
import platform
import statistics
import subprocess

LITELLM_VERSION = "from importlib.metadata import version; print('litellm', version('litellm'))"

# Measure, text, number format, whether a ratio to nginx says something.
ROWS = [
    ("plain", "plain requests", None, False),
    ("plain_cpu_us", "CPU µs per request", "%.1f", True),
    ("plain_per_second", "requests per second", "%.0f", True),
    ("plain_p50_us", "p50 µs", "%.0f", True),
    ("plain_p99_us", "p99 µs", "%.0f", True),
    ("plain_busy", "% of the proxy's core", "%.0f", False),
    ("plain_failed", "failed", "%.0f", False),
    ("resident_mb", "resident MB, after it", "%.1f", False),
    ("private_mb", "private MB, after it", "%.1f", False),
    ("paced", "streams, an event every 10 ms", None, False),
    ("paced_cpu_us", "CPU µs per chunk", "%.2f", True),
    ("paced_first_p50_us", "first byte p50 µs", "%.0f", True),
    ("paced_first_p99_us", "first byte p99 µs", "%.0f", True),
    ("paced_per_second", "chunks per second", "%.0f", False),
    ("paced_per_read", "chunks per read", "%.2f", False),
    ("paced_failed", "failed", "%.0f", False),
    ("burst", "streams, as fast as they go", None, False),
    ("burst_cpu_us", "CPU µs per chunk", "%.2f", True),
    ("burst_per_second", "chunks per second", "%.0f", True),
    ("burst_per_read", "chunks per read", "%.2f", False),
    ("burst_busy", "% of the proxy's core", "%.0f", False),
    ("burst_failed", "failed", "%.0f", False),
    ("idle", "idle connections", None, False),
    ("idle_kb_each", "private KB each", "%.2f", True),
    ("idle_open", "still open at the end", "%.0f", False),
    ("idle_failed", "failed", "%.0f", False),
    ("many", "streams all at once", None, False),
    ("many_at_once", "at the same time", "%.0f", False),
    ("many_failed", "failed", "%.0f", False),
    ("many_first_p50_us", "first byte p50 µs", "%.0f", True),
    ("many_first_p99_us", "first byte p99 µs", "%.0f", True),
    ("many_resident_mb", "resident MB, after it", "%.1f", False),
]


def medians(rounds):
    """Per measure; of counts of failures the sum, so that none hides."""
    measures = {}
    for one in rounds:
        for name, value in one.items():
            measures.setdefault(name, []).append(value)
    return {name: sum(values) if name.endswith("_failed") else statistics.median(values)
            for name, values in measures.items()}


def cell(measure, template, with_ratio, values, reference):
    if measure not in values:
        return "-"
    text = template % values[measure]
    if with_ratio and reference.get(measure):
        text += " (%.2fx)" % (values[measure] / reference[measure])
    return text


def table(results, stages):
    reference = results.get("nginx", {})
    lines = [["", *results]]
    for measure, text, template, with_ratio in ROWS:
        if measure.split("_")[0] not in stages + ["resident", "private"]:
            continue
        if template is None:
            lines.append([text.upper()] + [""] * len(results))
        elif any(measure in values for values in results.values()):
            lines.append(["  " + text] + [cell(measure, template, with_ratio, values, reference)
                                          for values in results.values()])
    return aligned(lines)


def aligned(lines):
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    return "\n".join(
        "  ".join([line[0].ljust(widths[0])]
                  + [text.rjust(width) for text, width in zip(line[1:], widths[1:])]).rstrip()
        for line in lines)


def machine():
    with open("/proc/cpuinfo") as file:
        models = [line.split(": ", 1)[1].strip() for line in file if line.startswith("model name")]
    return {"processor": models[0] if models else platform.machine(), "cores": os.cpu_count(),
            "kernel": platform.release(), "load_average": os.getloadavg()}


def versions(tools):
    commands = {"nginx": ["nginx", "-v"], "haproxy": ["haproxy", "-v"], "node": ["node", "-v"],
                "litellm": [f"{tools}/litellm/bin/python", "-c", LITELLM_VERSION]}
    return {name: first_line(command) for name, command in commands.items()}


def first_line(command):
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              check=False)
        return done.stdout.decode().splitlines()[0]
    except (OSError, IndexError):
        return "not there"
