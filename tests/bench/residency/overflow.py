#!/usr/bin/env python3
"""What a bound on each expert's share is worth where requests favour some experts, over real HTTP.

    overflow.py MOERGE [--table TABLE] [--requests 800] [--capacity 1.5]

Each expert is a backend of its own with a few places, served by `moerge replay`. Questions are drawn so that the experts
that moerge would choose for them follow a Zipf law. They are sent all at once (a step's straggler), and as they come by
chance at half of what all places can do. Three policies get the same questions: no bound, `balance.overflow: reroute` and
`refuse`. Nothing is asserted but that every request has one answer, and that each refused one says so and when to come
back."""
import argparse
import asyncio
import collections
import json
import pathlib
import random
import re
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "batch"))
from batch import Server, rows_of  # noqa: E402

MID_POOL = ["Meta-Llama-3_1-8B-Instruct", "Phi-3-mini-4k-instruct", "mathstral-7B", "Mixtral-8x7B-Instruct-v0.1", "Yi-34B",
            "c4ai-command-r-v01", "Qwen1.5-72B-Chat", "Meta-Llama-3-70B", "Qwen1.5-110B", "jamba-1.5-large"]


def configuration(folder, port, options):
    text = ["server: {listen: 127.0.0.1:0, threads: 1}", 'store: "memory:"', "backends:"]
    text += [f'  - {{name: "{name}", base_url: "http://127.0.0.1:{port}/v1", max_concurrency: {options.places}, '
             "max_queue: 100000, queue_timeout: 600s}" for name in MID_POOL]
    text.append("experts:")
    text += [f'  - {{name: "{name}", backend: "{name}", model: "{name}"}}' for name in MID_POOL]
    bound = f"balance.capacity: {options.capacity}, balance.window: {options.window}"
    text += ["policies:", "  - {name: none}", f"  - {{name: reroute, options: {{{bound}}}}}",
             f"  - {{name: refuse, options: {{{bound}, balance.overflow: refuse}}}}"]
    path = folder / "moerge.yaml"
    path.write_text("\n".join(text) + "\n")
    return path


async def ask(port, policy, row):
    """Status, headers and body of one request, and its seconds."""
    body = json.dumps({"model": f"moerge/{policy}", "messages": [{"role": "user", "content": row["prompt"]}]}).encode()
    begin = time.monotonic()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n"
                 b"content-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(body) + body)
    reply = await reader.read()
    writer.close()
    head, _, text = reply.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
    return int(lines[0].split()[1]), headers, text, time.monotonic() - begin


async def run(port, policy, rows, starts):
    begin = time.monotonic()

    async def later(row, start):
        await asyncio.sleep(max(0, start - (time.monotonic() - begin)))
        return await ask(port, policy, row)

    replies = await asyncio.gather(*(later(row, start) for row, start in zip(rows, starts)))
    return replies, time.monotonic() - begin


def summary(name, rows, replies, makespan):
    answered, right, refused = [], 0, 0
    load = collections.Counter()
    for row, (status, headers, text, seconds) in zip(rows, replies):
        if status == 200:
            expert = headers["x-moerge-expert"]
            load[expert] += 1
            right += row["scores"].get(expert, 0)
            answered.append(seconds)
        elif status == 429 and int(headers["retry-after"]) >= 1 and json.loads(text)["error"]["code"] == "capacity":
            refused += 1
        else:
            sys.exit(f"{status} {headers} {text[:300]}")
    if len(answered) + refused != len(rows):
        sys.exit(f"{len(rows) - len(answered) - refused} requests are lost")
    answered.sort()
    p99 = answered[int(0.99 * (len(answered) - 1))]
    print(f"  {name:8} {len(answered):5} answered, {refused:4} refused, busiest expert {max(load.values()):4}, "
          f"makespan {makespan:6.1f} s, p50 {answered[len(answered) // 2]:6.2f} s, p99 {p99:6.2f} s, "
          f"right {100 * right / len(answered):.1f} % of those answered, {100 * right / len(rows):.1f} % of all")
    return makespan, p99


def decide(moerge, row):
    return moerge.call("POST", "/v1/route", json.dumps({
        "model": "moerge/none", "messages": [{"role": "user", "content": row["prompt"]}]}))


def prepare(moerge, profile, row):
    """With the experts' profiles, and the classifier trained."""
    moerge.call("POST", "/api/v1/profiles/import?source=bench", profile, {"content-type": "application/x-ndjson"})
    while any("not trained" in note for note in decide(moerge, row)["demand"]["notes"]):
        time.sleep(0.1)


def by_choice(moerge, rows):
    """The rows by the expert that moerge would choose for each."""
    groups = collections.defaultdict(list)
    for row in rows:
        groups[decide(moerge, row)["candidates"][0]["expert"]].append(row)
    return groups


def zipf(groups, count, generator):
    """Rows whose experts follow a Zipf law, the expert with the most rows first."""
    experts = sorted((name for name in groups if name in MID_POOL and len(groups[name]) >= 10), key=lambda name: -len(groups[name]))
    weights = [1 / (i + 1) for i in range(len(experts))]
    drawn = [generator.choice(groups[name]) for name in generator.choices(experts, weights, k=count)]
    print(f"{count} requests; {len(experts)} experts are chosen of {len(MID_POOL)}, the first for "
          f"{100 * weights[0] / sum(weights):.0f} %")
    return drawn


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("moerge", type=lambda text: str(pathlib.Path(text).resolve()))
    parser.add_argument("--table", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parents[3]
                        / "../shared/data/mmlu_pro_train.jsonl.gz", help="results of real models")
    parser.add_argument("--requests", type=int, default=800)
    parser.add_argument("--capacity", type=float, default=1.5, help="balance.capacity")
    parser.add_argument("--window", type=int, default=100, help="balance.window")
    parser.add_argument("--places", type=int, default=4, help="calls at once of each expert")
    parser.add_argument("--latency-ms", type=int, default=250)
    parser.add_argument("--load", type=float, default=0.5, help="arrivals, as a share of what all places can do")
    options = parser.parse_args()
    generator = random.Random(17)
    rows = rows_of(options.table, 8000)
    asked, train = rows[:2000], rows[2000:]
    rate = options.load * len(MID_POOL) * options.places / (options.latency_ms / 1000)
    with tempfile.TemporaryDirectory(prefix="moerge-overflow-") as name:
        folder = pathlib.Path(name)
        (folder / "table.jsonl").write_text("".join(json.dumps(row) + "\n" for row in asked))
        profile = "".join(json.dumps(row) + "\n" for row in train).encode()
        replay = Server("replay", folder, options.moerge, "replay", "--table", "table.jsonl", "--listen", "127.0.0.1:0",
                        "--latency-ms", str(options.latency_ms))
        drawn = None
        with replay:
            yaml = configuration(folder, replay.port, options)
            results = {}
            for policy in ("none", "reroute", "refuse"):
                with Server("moerge", folder, options.moerge, "serve", "--config", str(yaml)) as moerge:
                    prepare(moerge, profile, asked[0])
                    if drawn is None:
                        drawn = zipf(by_choice(moerge, asked), options.requests, generator)
                        gaps = [generator.expovariate(rate) for _ in drawn]
                        poisson = [sum(gaps[:i]) for i in range(len(gaps))]
                    for kind, starts in (("at once", [0] * len(drawn)), (f"{rate:.0f} a second", poisson)):
                        replies, makespan = asyncio.run(run(moerge.port, policy, drawn, starts))
                        print(f"{kind}:")
                        results[kind, policy] = summary(policy, drawn, replies, makespan)
            for kind in dict.fromkeys(kind for kind, _ in results):
                none, reroute = results[kind, "none"], results[kind, "reroute"]
                print(f"{kind}: reroute against no bound: makespan {none[0] / reroute[0]:.2f} x, p99 {none[1] / reroute[1]:.2f} x")


if __name__ == "__main__":
    main()
