#!/usr/bin/env python3
"""How answers of several experts become one, shown with simulated experts of known skill behind real HTTP.

The tables show mechanisms: what an aggregate makes of experts, judges and writers that are as good as they
are said to be. They say nothing of the quality of any real model. Exit 1 if a request was lost.
"""
import argparse
import json
import math
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import client
import footprint
import servers
import simulated

ROOT = Path(__file__).resolve().parents[3]
THREE = {"s1": 0.60, "s2": 0.55, "s3": 0.50}
EQUAL = {"d1": 0.55, "d2": 0.55}
FIVE = {f"e{i}": 0.5 for i in range(1, 6)}
ADOPTION = (0.0, 0.5, 1.0)
DRAFTS = 5
MODELS = {  # who else there is
    **{f"author-{v}": f"author v={v}" for v in (0.0, 0.5, 0.9, "first")},
    **{f"judge-{edge}": f"judge edge={edge}" for edge in (0.0, 0.15, 0.2, 0.3, 0.4, 0.45)},
    "judge-A": "judge bias=A",
    **{f"generalist-{a}": f"skilled p=0.45 id=g a={a}" for a in ADOPTION},
}


@dataclass
class Scenario:
    aggregate: str
    label: str
    roster: dict  # skill by expert
    options: dict = field(default_factory=dict)
    suffix: str = ""  # of the experts' names: how readily they adopt
    drafts: int = 0

    @property
    def name(self):
        return f"{self.aggregate}-{self.label}".replace(" ", "-").replace(",", "").replace("=", "-")

    @property
    def experts(self):
        return [expert + self.suffix for expert in self.roster]


def judged(label, judge, **options):
    return Scenario("best_of", label, THREE, {"judge.experts": judge, **options})


def scenarios():
    yield from (Scenario("debate", f"judge edge {edge}", EQUAL,
                         {"judge.experts": f"judge-{edge}", "debate.rounds": "1"}) for edge in (0.0, 0.15, 0.3, 0.45))
    yield Scenario("debate", "judge always says A", EQUAL, {"judge.experts": "judge-A", "debate.rounds": "1"})
    for edge in (0.0, 0.2, 0.4):
        yield judged(f"scores, edge {edge}", f"judge-{edge}", **{"best_of.scorer": "judge"})
    yield judged("scores, all 100", "judge-A", **{"best_of.scorer": "judge"})
    yield judged("pairs, edge 0.4", "judge-0.4", **{"best_of.scorer": "pairwise"})
    yield judged("pairs, always A", "judge-A", **{"best_of.scorer": "pairwise"})
    for v in (0.0, 0.5, 0.9):
        yield Scenario("synthesize", f"v {v}", THREE, {"author.expert": f"author-{v}"})
    for v, judge in ((0.0, "0.4"), (0.9, "0.4"), (0.9, "0.0"), (0.9, "A")):
        yield Scenario("panel", f"v {v}, judge {judge}", THREE,
                       {"author.expert": f"author-{v}", "judge.experts": f"judge-{judge}"})
    for v in (0.0, 0.9):
        yield Scenario("refine", f"v {v}", {"s3": 0.5}, {"author.expert": f"author-{v}", "refine.drafts": str(DRAFTS)},
                       drafts=DRAFTS)
    for a, depth in ((0.5, 1), (0.5, 2), (0.5, 3), (0.0, 3)):
        yield Scenario("layers", f"a {a}, depth {depth}", FIVE,
                       {"author.expert": "author-first", "layers.depth": str(depth)}, suffix=f"-{a}")
    for a in ADOPTION:
        yield Scenario("consult", f"a {a}", THREE, {"author.expert": f"generalist-{a}"})


def configuration(port, all_scenarios):
    skilled = {expert: (f"skilled p={p} id={expert}", p) for expert, p in (THREE | EQUAL).items()}
    skilled |= {f"{expert}-{a}": (f"skilled p={p} id={expert} a={a}", p)
                for expert, p in FIVE.items() for a in ADOPTION}
    others = {name: (model, 0.1) for name, model in MODELS.items()} | footprint.experts()
    policies = [{"name": one.name, "classifier": "none", "aggregate": one.aggregate, "max_fallbacks": 0,
                 "experts": len(one.roster), "options": one.options} for one in all_scenarios]
    return json.dumps({
        "server": {"listen": "127.0.0.1:0"}, "store": "memory:", "tools": "off",
        "backends": [{"name": "simulated", "base_url": f"http://127.0.0.1:{port}/v1",
                      "max_concurrency": 8192, "max_queue": 8192}],
        "experts": [{"name": name, "backend": "simulated", "model": model, "price": {"input": 1, "output": 2},
                     "skills": {"general": skill}} for name, (model, skill) in (skilled | others).items()],
        "policies": policies + footprint.policies(),
        "skills": {"replace": True, "list": [
            {"name": "guessing", "examples": ["Which of these is it?", "Which option is right?"]},
            {"name": "cooking", "examples": ["How do I make a sauce thicker?", "What goes into bread?"]}]}})


def inputs(one, number):
    """What the experts say by themselves, in the roster's order."""
    if one.drafts:
        (expert, p), = one.roster.items()
        return [simulated.skilled_answer(p, number, expert, draft + 1) for draft in range(one.drafts)]
    return [simulated.skilled_answer(p, number, expert) for expert, p in one.roster.items()]


def share_right(answers):
    return sum(answer == simulated.truth(number) for number, answer in enumerate(answers)) / len(answers)


def baselines(one, count):
    said = [inputs(one, number) for number in range(count)]
    return {"best": max(share_right(column) for column in zip(*said)),
            "plurality": share_right([simulated.plurality(row) for row in said]),
            "any": sum(simulated.truth(number) in row for number, row in enumerate(said)) / count}


def measure(port, one, count, concurrency):
    prompts = [simulated.question(one.name, number) for number in range(count)]
    run = client.ask_all(port, "moerge/" + one.name, prompts, concurrency, {"experts": one.experts})
    said = [simulated.ANSWER.search(answer.text) for answer in run.answers]
    accuracy = share_right([found[1] if found else "" for found in said])
    return {"aggregate": one.aggregate, "label": one.label, "questions": count, "accuracy": accuracy,
            "standard_error": math.sqrt(accuracy * (1 - accuracy) / count), **baselines(one, count),
            "calls": sum(answer.calls for answer in run.answers) / count,
            "cost_per_1000": 1000 * sum(answer.cost_usd for answer in run.answers) / count,
            "lost": sum(answer.status != 200 for answer in run.answers),
            "errors": sorted({answer.error for answer in run.answers if answer.error})[:3]}


def print_rows(rows):
    print("MECHANICS of aggregates: simulated experts of known skill, not the quality of any model.\n"
          f"{rows[0]['questions']} questions with {len(simulated.OPTIONS)} options; best: the best expert by itself; "
          "plurality: what most of them say; any: one of them is right.")
    aggregate = ""
    for row in rows:
        if row["aggregate"] != aggregate:
            aggregate = row["aggregate"]
            print(f"\n{aggregate:<24} {'accuracy':>15} {'best':>7} {'plurality':>9} {'any':>7} {'calls':>6} "
                  f"{'USD/1000':>9}")
        print(f"  {row['label']:<22} {100 * row['accuracy']:>6.1f} ± {100 * row['standard_error']:.1f} % "
              f"{100 * row['best']:>6.1f}% {100 * row['plurality']:>8.1f}% {100 * row['any']:>6.1f}% "
              f"{row['calls']:>6.2f} {row['cost_per_1000']:>9.3f}")


def options():
    parser = argparse.ArgumentParser(description=__doc__, prog="mechanics.sh",
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--moerge", default=ROOT / "build/release/moerge", type=Path, help="the binary")
    parser.add_argument("--questions", default=700, type=int, help="for each row (default 700)")
    parser.add_argument("--concurrency", default=16, type=int, help="requests at once")
    parser.add_argument("--only", default="",
                        help="aggregates to show, separated by commas; `footprint`: time and memory")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all numbers")
    return parser.parse_args()


def main():
    arguments = options()
    if not arguments.moerge.is_file():
        print(f"no binary at {arguments.moerge}; build it, or name it with --moerge")
        return 1
    only = set(filter(None, arguments.only.split(",")))
    chosen = [one for one in scenarios() if not only or one.aggregate in only]
    facts = {"rows": []}
    experts = simulated.Experts()
    with tempfile.TemporaryDirectory() as directory:
        (Path(directory) / "moerge.yaml").write_text(configuration(experts.port, chosen))
        server, _ = servers.start_moerge(str(arguments.moerge.resolve()), directory)
        try:
            if not only or "footprint" in only:
                facts["footprint"] = footprint.measure(server)
                footprint.print_report(facts["footprint"])
            for one in chosen:
                facts["rows"].append(measure(server.port, one, arguments.questions, arguments.concurrency))
        finally:
            server.stop()
            experts.stop()
    if facts["rows"]:
        print_rows(facts["rows"])
    if arguments.json:
        arguments.json.write_text(json.dumps(facts, indent=1) + "\n")
    lost = [row for row in facts["rows"] if row["lost"]]
    for row in lost:
        print(f"FAILED: {row['aggregate']}, {row['label']}: {row['lost']} requests lost: {'; '.join(row['errors'])}")
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
