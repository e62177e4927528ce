#!/usr/bin/env python3
"""Writes simulated bids of a results table's experts, one row of recorded signals a question, for
`moerge eval --signals`. Each expert has its own usual level (some are always confident), and knows
as much about whether it will be right as its bids correlate with its scores.

usage: bids.py TABLE CORRELATION [SEED]     (TABLE: .jsonl or .jsonl.gz; CORRELATION: 0 to 1)
"""
import gzip
import json
import math
import random
import sys

SPREAD = 12  # points of a bid's standard deviation


def rows_of(path):
    with (gzip.open if path.endswith(".gz") else open)(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def statistics(rows):
    """By expert: mean and standard deviation of its scores."""
    scores = {}
    for row in rows:
        for expert, score in row["scores"].items():
            if score is not None:
                scores.setdefault(expert, []).append(score)
    moments = {}
    for expert, values in scores.items():
        mean = sum(values) / len(values)
        variance = sum((value - mean) ** 2 for value in values) / len(values)
        moments[expert] = (mean, math.sqrt(variance) or 1)
    return moments


def main():
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    rows, known = rows_of(sys.argv[1]), float(sys.argv[2])
    lot = random.Random(int(sys.argv[3]) if len(sys.argv) == 4 else 1)
    moments = statistics(rows)
    usual = {expert: lot.uniform(35, 85) for expert in sorted(moments)}
    for row in rows:
        bids = []
        for expert, score in row["scores"].items():
            if score is None:
                continue
            mean, deviation = moments[expert]
            z = known * (score - mean) / deviation + math.sqrt(1 - known**2) * lot.gauss(0, 1)
            bid = min(100, max(0, usual[expert] + SPREAD * z))
            bids.append({"expert": expert, "bid": round(bid, 1)})
        print(json.dumps({"id": row["id"], "signals": {"bids": bids}}))


if __name__ == "__main__":
    main()
