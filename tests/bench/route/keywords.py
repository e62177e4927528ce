#!/usr/bin/env python3
"""Writes simulated answers of a keyword model that is asked three times about each question of a
results table, for `moerge eval --signals`. Each answer names the question's category with a known
probability, and any other category else.

usage: keywords.py TABLE PROBABILITY [SEED]     (TABLE: .jsonl or .jsonl.gz; PROBABILITY: 0 to 1)
"""
import collections
import json
import random
import sys

from bids import rows_of

ANSWERS = 3


def main():
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    rows, right = rows_of(sys.argv[1]), float(sys.argv[2])
    lot = random.Random(int(sys.argv[3]) if len(sys.argv) == 4 else 1)
    categories = sorted({row["category"] for row in rows if row.get("category")})
    for row in rows:
        named = collections.Counter(
            row["category"] if lot.random() < right else lot.choice(categories) for _ in range(ANSWERS))
        counts = [{"keyword": keyword, "count": count} for keyword, count in sorted(named.items())]
        print(json.dumps({"id": row["id"],
                          "signals": {"keywords": {"answers": ANSWERS, "counts": counts}}}))


if __name__ == "__main__":
    main()
