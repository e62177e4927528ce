#!/usr/bin/env python3
"""Two real models on our own questions: each alone, and `auto`, `vote` and `cascade` over both, asked
for real, profiled by half of the questions and judged on the other half; and `moerge eval` on the
same table. Prints Markdown. usage: report.py MOERGE BUILD"""
import json
import pathlib
import re
import subprocess
import sys

import stage as staging  # puts the folder of servers into the path
import servers

EXPERTS = ["small", "second"]
HERE = pathlib.Path(__file__).resolve().parent


def right(question, text):
    """Whether the answer holds an accepted word, as a word."""
    return any(re.search(rf"(?<!\w){accepted}(?!\w)", text, re.I) for accepted in question["accept"])


def ask(stage, model, question, **fields):
    """(right, calls, tokens, text)"""
    status, reply = stage.ask(model, question["prompt"], **fields)
    if status != 200:
        return 0, 0, 0, ""
    usage = reply["usage"]
    aggregate = reply.get("moerge", {}).get("aggregate", {})
    text = reply["choices"][0]["message"]["content"] or ""
    tokens = usage["prompt_tokens"] + usage["completion_tokens"]
    return int(right(question, text)), aggregate.get("calls", 1), tokens, text


def rows_of(stage, questions):
    rows = []
    for question in questions:
        told = {expert: ask(stage, expert, question) for expert in EXPERTS}
        rows.append({"id": question["id"], "prompt": question["prompt"],
                     "category": question["category"], "reference": question["accept"][0],
                     "answers": {expert: one[3].strip().rstrip(".").lower() for expert, one in told.items()},
                     "scores": {expert: one[0] for expert, one in told.items()}})
    return rows


def table(rows):
    categories = list(dict.fromkeys(row["category"] for row in rows))
    print("| | " + " | ".join(categories) + " | all |\n|---" + "|---" * (len(categories) + 1) + "|")

    def line(name, score):
        counts = [[score(row) for row in rows if row["category"] == one] for one in categories]
        cells = [f"{sum(count)} of {len(count)}" for count in counts]
        print(f"| {name} | " + " | ".join(cells) + f" | {sum(map(sum, counts))} of {len(rows)} |")
    for expert in EXPERTS:
        line(f"`{expert}` alone", lambda row, expert=expert: row["scores"][expert])
    line("whichever is right (no router can do more)", lambda row: max(row["scores"].values()))


def policies(stage, questions, rows):
    print("\n| asked for real, on the half not learnt from | right | calls | tokens |\n|---|---|---|---|")
    for expert in EXPERTS:
        count = sum(row["scores"][expert] for row in rows)
        print(f"| `{expert}` alone | {count} of {len(rows)} | {len(rows)} | |")
    names = {"auto": "`auto`", "moerge/both": "`vote` of two", "moerge/cheap-first": "`cascade`"}
    for model, name in names.items():
        told = [ask(stage, model, question, moerge={"experts": EXPERTS}) for question in questions]
        count, calls, tokens = (sum(column) for column in list(zip(*told))[:3])
        print(f"| {name} | {count} of {len(questions)} | {calls} | {tokens} |")


def main():
    binary, build = sys.argv[1:]
    questions = [json.loads(line) for line in (HERE / "questions.jsonl").read_text().splitlines()]
    stage = staging.Stage(binary, build)
    try:
        print(f"`small` is SmolLM2-135M, `second` {stage.second_is}; {len(questions)} questions\n")
        rows = rows_of(stage, questions)
        table(rows)
        lines = [json.dumps(row) + "\n" for row in rows]
        file = pathlib.Path(build) / "models.jsonl"
        file.write_text("".join(lines))
        status, report = servers.call(stage.moerge.url + "/api/v1/profiles/import",
                                      body="".join(lines[::2]).encode())
        if status != 200:
            raise RuntimeError(f"the import failed: {report}")
        servers.wait_ready(stage.moerge)
        policies(stage, questions[1::2], rows[1::2])
    finally:
        stage.stop()
    sys.stdout.flush()
    print("\n```")
    subprocess.run([binary, "eval", "--train", str(file), "--folds", "4", "--no-times",
                    "--policies", "auto,vote-2,cascade"], check=True)
    print("```")


if __name__ == "__main__":
    main()
