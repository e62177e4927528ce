#!/usr/bin/env python3
"""Real questions through moerge, compared with what its experts can do without it.

Ten recorded models are served over HTTP by `moerge replay`; their profiles are learnt from rows that
are not asked; then every question goes through POST /v1/chat/completions. Exit 1 if a request was lost
or a reply was not that of the expert it names.
"""
import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

import client
import dataset
import plot
import report
import servers

ROOT = Path(__file__).resolve().parents[3]


def options():
    parser = argparse.ArgumentParser(description=__doc__, prog="run.sh",
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--moerge", default=ROOT / "build/release/moerge", type=Path, help="the binary")
    parser.add_argument("--data", default=ROOT.parent / "shared/data", type=Path,
                        help=f"folder with {dataset.TABLE} and {dataset.REPLIES}")
    parser.add_argument("--if-data", action="store_true", help="without the data: say so, exit 0")
    parser.add_argument("--skills", choices=("shipped", "table"), default="shipped",
                        help="shipped: the table's subjects join the shipped skills (default); "
                             "table: they replace them")
    parser.add_argument("--policies", default="auto,moerge/task-level,moerge/best-single,moerge/random,"
                        "moerge/vote-3,moerge/vote-4,moerge/vote-5,moerge/vote-10,moerge/vote-5-no-stop,"
                        "moerge/top-3,moerge/all-10,moerge/sampling-5,moerge/cascade-80,moerge/cascade-90,"
                        "moerge/cascade-100,moerge/race-2",
                        help="models to ask, in this order; `auto` is always among them")
    parser.add_argument("--concurrency", type=int, default=16, help="requests at once")
    parser.add_argument("--svg", type=Path, metavar="FILE", help="draw accuracy over calls and over cost")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all numbers")
    return parser.parse_args()


def ask_policies(port, questions, policies, concurrency, best):
    prompts = [question.prompt for question in questions]
    judged = {}
    for policy in policies:
        run = client.ask_all(port, policy, prompts, concurrency)
        judged[policy] = report.judge(run, questions, best)
    return judged


def measure(arguments, data, directory):
    moerge = str(arguments.moerge.resolve())
    dataset.write_training(data.training, directory / "training.jsonl.gz")
    replay = servers.start_replay(moerge, arguments.data.resolve(), directory)
    try:
        categories = sorted({row["category"] for row in data.training})
        skills = categories if arguments.skills == "table" else None
        (directory / "moerge.yaml").write_text(servers.configuration(replay.port, skills))
        started = time.perf_counter()
        servers.import_profile(moerge, directory / "training.jsonl.gz", directory)
        import_seconds = time.perf_counter() - started
        server, ready_seconds = servers.start_moerge(moerge, directory)
        try:
            base = report.baselines(data)
            policies = list(dict.fromkeys(["auto", *arguments.policies.split(",")]))
            judged = ask_policies(server.port, data.questions, policies, arguments.concurrency,
                                  base["best_single"]["expert"])
        finally:
            server.stop()
    finally:
        replay.stop()
    return {"questions": len(data.questions), "training_rows": len(data.training),
            "skills": arguments.skills, "import_seconds": import_seconds,
            "ready_seconds": ready_seconds, "baselines": base, "policies": judged}


def complaints(facts):
    for name, one in facts["policies"].items():
        if one["lost"]:
            yield f"{name}: {one['lost']} requests lost: {'; '.join(one['errors'])}"
        if one["wrong_reply"]:
            yield f"{name}: {one['wrong_reply']} replies were not those of the expert they name"


def main():
    arguments = options()
    absent = dataset.missing(arguments.data)
    if absent:
        print(f"not run: {', '.join(absent)} not in {arguments.data}")
        return 0 if arguments.if_data else 1
    if not arguments.moerge.is_file():
        print(f"no binary at {arguments.moerge}; build it, or name it with --moerge")
        return 1
    with tempfile.TemporaryDirectory() as directory:
        facts = measure(arguments, dataset.load(arguments.data), Path(directory))
    report.print_report(facts)
    if arguments.json:
        arguments.json.write_text(json.dumps(facts, indent=1) + "\n")
    if arguments.svg:
        arguments.svg.write_text(plot.draw(facts))
    found = list(complaints(facts))
    for complaint in found:
        print(f"FAILED: {complaint}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
