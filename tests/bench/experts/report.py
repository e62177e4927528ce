"""What the answers are worth, and what else could have been done with the same experts.
Standard library only."""
import random
from collections import Counter

import dataset

RESAMPLES = 10_000


def mean(values):
    values = list(values)
    return sum(values) / len(values) if values else 0.0


def quantile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def training_mean(rows, expert):
    return mean(row["scores"][expert] for row in rows)


def best_on(rows):
    return max(dataset.EXPERTS, key=lambda expert: training_mean(rows, expert))


def baselines(data):
    """Accuracies that need no router. All are of the 800 recorded replies, graded alike."""
    questions = data.questions
    best = best_on(data.training)
    by_category = {}
    for row in data.training:
        by_category.setdefault(row["category"], []).append(row)
    table = {category: best_on(rows) for category, rows in by_category.items()}
    return {
        "random": mean(mean(question.right.values()) for question in questions),
        "best_single": {"expert": best, "accuracy": mean(q.right[best] for q in questions)},
        "per_expert": {expert: mean(q.right[expert] for q in questions) for expert in dataset.EXPERTS},
        "true_category": {"accuracy": mean(q.right[table.get(q.category, best)] for q in questions),
                          "table": table},
        "oracle": mean(any(q.right.values()) for q in questions),
    }


def paired_interval(differences, seed=1):
    """95 % bootstrap interval of the mean of paired differences."""
    rng = random.Random(seed)
    count = len(differences)
    means = sorted(sum(rng.choices(differences, k=count)) / count for _ in range(RESAMPLES))
    return means[int(0.025 * RESAMPLES)], means[int(0.975 * RESAMPLES) - 1]


def recorded_replies(questions):
    """By prompt: a question that is there twice is answered with its first recording."""
    first = {}
    for question in questions:
        first.setdefault(question.prompt.strip(), question.replies)
    return first


def cost_of(answer):
    """One expert's answer says no cost: its tokens at its price."""
    if answer.cost_usd:
        return answer.cost_usd
    return answer.tokens * dataset.SIZES.get(answer.expert, 0) * dataset.USD_PER_BILLION / 1e6


def judge(run, questions, best):
    """One policy's answers: accuracy, what went wrong, what it cost in time."""
    recorded = recorded_replies(questions)
    answered = [(a, q) for a, q in zip(run.answers, questions) if a.status == 200]
    models = [(a, q) for a, q in answered if a.expert in dataset.EXPERTS]
    right = [dataset.grade(a.text, q.reference) for a, q in zip(run.answers, questions)]
    differences = [int(ok) - int(q.right[best]) for ok, q in zip(right, questions)]
    overhead = [a.overhead_ms for a, _ in answered]
    return {
        "accuracy": mean(right),
        "minus_best_single": mean(differences),
        "interval": paired_interval(differences),
        "lost": len(questions) - len(answered),
        "errors": sorted({a.error for a in run.answers if a.status != 200})[:5],
        "wrong_reply": sum(a.text != recorded[q.prompt.strip()][a.expert] for a, q in models),
        "by_tools": sum(a.expert not in dataset.EXPERTS for a, _ in answered),
        "skill_is_category": mean(a.skill == q.category for a, q in answered),
        "experts": dict(Counter(a.expert for a, _ in answered).most_common()),
        "calls": mean(a.calls for a, _ in answered),
        "usd_per_1000": 1000 * mean(cost_of(a) for a, _ in answered),
        "attempts": sum(a.attempts for a, _ in answered),
        "overhead_ms": {"p50": quantile(overhead, 0.5), "p99": quantile(overhead, 0.99)},
        "seconds": run.seconds,
    }


def percent(share):
    return f"{100 * share:.1f} %"


def print_baselines(facts):
    base = facts["baselines"]
    print(f"\n{facts['questions']} questions asked, {facts['training_rows']} other rows learnt from "
          f"in {facts['import_seconds']:.1f} s, ready after {facts['ready_seconds']:.1f} s")
    print("\nexperts, on the questions asked")
    for expert, accuracy in sorted(base["per_expert"].items(), key=lambda item: -item[1]):
        mark = "   best on the training rows" if expert == base["best_single"]["expert"] else ""
        print(f"  {expert:<28} {percent(accuracy):>7}{mark}")


def print_policies(facts):
    print("\npolicies, through POST /v1/chat/completions")
    print(f"  {'policy':<20} {'accuracy':>8}  {'minus best single (95 %)':<26} {'lost':>4} {'calls':>5} {'USD/1000':>8} "
          f"{'skill=subject':>13} {'overhead p50/p99':>17} {'wall':>6}")
    for name, one in facts["policies"].items():
        low, high = one["interval"]
        difference = f"{100 * one['minus_best_single']:+.1f} ({100 * low:+.1f} .. {100 * high:+.1f})"
        overhead = f"{one['overhead_ms']['p50']:.2f}/{one['overhead_ms']['p99']:.2f} ms"
        print(f"  {name:<20} {percent(one['accuracy']):>8}  {difference:<26} {one['lost']:>4} "
              f"{one['calls']:>5.2f} {one['usd_per_1000']:>8.3f} {percent(one['skill_is_category']):>13} {overhead:>17} "
              f"{one['seconds']:>4.1f} s")
    for name, one in facts["policies"].items():
        shares = ", ".join(f"{expert} {count}" for expert, count in one["experts"].items())
        print(f"\n  {name} asked: {shares}")


def markdown(facts):
    base, auto = facts["baselines"], facts["policies"]["auto"]
    low, high = auto["interval"]
    rows = [("a random expert (expectation)", base["random"]),
            (f"the best single expert ({base['best_single']['expert']})", base["best_single"]["accuracy"]),
            ("**moerge, `model: auto`**", auto["accuracy"]),
            ("the best expert of each question's true subject", base["true_category"]["accuracy"]),
            ("oracle: right if any expert is", base["oracle"])]
    lines = ["| who answers | right |", "|---|---|"]
    lines += [f"| {name} | {percent(accuracy)} |" for name, accuracy in rows]
    lines += ["", f"`auto` minus the best single expert: {100 * auto['minus_best_single']:+.1f} points "
              f"(95 % interval {100 * low:+.1f} to {100 * high:+.1f}); {auto['lost']} of "
              f"{facts['questions']} requests lost; moerge's own time per request "
              f"{auto['overhead_ms']['p50']:.2f} ms (median), {auto['overhead_ms']['p99']:.2f} ms (p99)."]
    return "\n".join(lines)


def print_report(facts):
    print_baselines(facts)
    print_policies(facts)
    print("\nfor the README\n")
    print(markdown(facts))
