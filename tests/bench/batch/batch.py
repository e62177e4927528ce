#!/usr/bin/env python3
"""What a batch costs moerge, and how often experts are loaded for it, over real HTTP.

    batch.py MOERGE lines [--lines 100000]
        many lines with experts that answer at once: lines a second of wall time and of CPU time,
        memory, the speed of upload and download; with --votes 3 each line is a vote of three
    batch.py MOERGE grouped [--questions 2000] [--experts 16] [--table TABLE]
        experts that share one slot, three of them asked for each question: loads and makespan, next
        to the bound and to arrival order

Experts are `moerge replay`. Nothing is asserted but that every line is answered once."""
import argparse
import gzip
import http.client
import itertools
import json
import math
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

TICK = os.sysconf("SC_CLK_TCK")
BOUNDARY = "0123456789abcdef"


class Server:
    """A moerge command that listens, with its output in a file."""

    def __init__(self, name, folder, *arguments):
        self.log = folder / f"{name}.log"
        self.process = subprocess.Popen(arguments, stdout=self.log.open("w"), stderr=subprocess.STDOUT,
                                        cwd=folder)
        while not (found := re.search(r"http://127\.0\.0\.1:(\d+)", self.log.read_text())):
            if self.process.poll() is not None:
                sys.exit(f"{name} ended: {self.log.read_text()}")
            time.sleep(0.01)
        self.port = int(found[1])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def threads(self):
        """CPU seconds of each thread so far, by its id."""
        spent = {}
        for task in pathlib.Path(f"/proc/{self.process.pid}/task").iterdir():
            fields = (task / "stat").read_text().rpartition(")")[2].split()
            spent[task.name] = (int(fields[11]) + int(fields[12])) / TICK
        return spent

    def memory(self, field):
        """A field of /proc/PID/status, in MB."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(rf"{field}:\s+(\d+)", status)[1]) * 1024 / 1e6

    def call(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=3600)
        connection.request(method, path, body, headers or {"content-type": "application/json"})
        reply = connection.getresponse()
        text = reply.read()
        if reply.status != 200:
            sys.exit(f"{method} {path}: {reply.status} {text[:300]}")
        return json.loads(text)

    def upload(self, path):
        def pieces():
            yield (f'--{BOUNDARY}\r\ncontent-disposition: form-data; name="purpose"\r\n\r\nbatch\r\n'
                   f'--{BOUNDARY}\r\ncontent-disposition: form-data; name="file"; filename="in.jsonl"'
                   "\r\n\r\n").encode()
            with path.open("rb") as file:
                while piece := file.read(1 << 20):
                    yield piece
            yield f"\r\n--{BOUNDARY}--\r\n".encode()

        return self.call("POST", "/v1/files", pieces(),
                         {"content-type": f"multipart/form-data; boundary={BOUNDARY}"})["id"]

    def download(self, file, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=3600)
        connection.request("GET", f"/v1/files/{file}/content")
        reply = connection.getresponse()
        with path.open("wb") as out:
            while piece := reply.read(1 << 20):
                out.write(piece)

    def run_batch(self, file):
        """A batch to its end; and when it was validated, in seconds after its begin."""
        begin = time.monotonic()
        batch = self.call("POST", "/v1/batches", json.dumps({
            "input_file_id": file, "endpoint": "/v1/chat/completions", "completion_window": "24h"}))
        checked = None
        while batch["status"] not in ("completed", "failed", "expired", "cancelled"):
            time.sleep(0.05)
            batch = self.call("GET", f"/v1/batches/{batch['id']}")
            if checked is None and batch["in_progress_at"]:
                checked = time.monotonic() - begin
        return batch, time.monotonic() - begin, checked


def configuration(folder, experts, port, backend="", server="", expert=""):
    text = [f"server: {{listen: 127.0.0.1:0{server}}}",
            f'store: "sqlite:{folder}/moerge.db"', "backends:",
            f'  - {{name: gpu, base_url: "http://127.0.0.1:{port}/v1"{backend}}}', "experts:"]
    text += [f"  - {{name: {name}, backend: gpu, model: {name}{expert}}}" for name in experts]
    path = folder / "moerge.yaml"
    path.write_text("\n".join(text) + "\n")
    return path


def check(lines, path):
    """Every line is answered once."""
    seen = set()
    with path.open() as file:
        for text in file:
            seen.add(re.search(r'"custom_id":"([^"]+)"', text)[1])
    count = sum(1 for _ in path.open())
    if len(seen) != lines or count != lines:
        sys.exit(f"{count} lines of {len(seen)} requests, not {lines}")


def lines(options, folder):
    experts = [f"e{i}" for i in range(options.votes)]
    model = "moerge/polled" if options.votes > 1 else experts[0]
    table = folder / "table.jsonl"
    table.write_text(json.dumps({"id": "q", "prompt": "What is six times seven?", "reference": "42",
                                 "answers": {e: "42" for e in experts},
                                 "scores": {e: 1 for e in experts}}) + "\n")
    source = folder / "in.jsonl"
    with source.open("w") as out:
        for i in range(options.lines):
            out.write(json.dumps({"custom_id": f"line-{i}", "method": "POST", "url": "/v1/chat/completions",
                                  "body": {"model": model, "messages": [
                                      {"role": "user", "content": "What is six times seven?"}]}}) + "\n")
    with Server("replay", folder, options.moerge, "replay", "--table", str(table), "--threads", "1",
                "--listen", "127.0.0.1:0") as replay:
        yaml = configuration(folder, experts, replay.port, ", max_concurrency: 256",
                             f", threads: {options.threads}", ", skills: {general: 0.5}")
        with yaml.open("a") as out:
            out.write(f"policies:\n  - {{name: polled, experts: {max(options.votes, 1)}, aggregate: vote, "
                      "options: {vote.numbers: median}}\n")
        with Server("moerge", folder, options.moerge, "serve", "--config", str(yaml)) as moerge:
            idle = moerge.memory("VmRSS")
            begin = time.monotonic()
            file = moerge.upload(source)
            uploaded = time.monotonic() - begin
            after_upload = moerge.memory("VmHWM")
            before = moerge.threads()
            batch, wall, checked = moerge.run_batch(file)
            spent = {task: cpu - before.get(task, 0) for task, cpu in moerge.threads().items()}
            most = moerge.memory("VmHWM")
            begin = time.monotonic()
            output = folder / "out.jsonl"
            moerge.download(batch["output_file_id"], output)
            downloaded = time.monotonic() - begin
            end = moerge.memory("VmHWM")
    print(json.dumps(batch["request_counts"]))
    check(options.lines, output)
    cpu = sum(spent.values())
    megabytes = source.stat().st_size / 1e6
    print(f"upload            {megabytes:.0f} MB in {uploaded:.2f} s, {megabytes / uploaded:.0f} MB/s")
    print(f"checked after     {checked:.2f} s")
    print(f"done after        {wall:.1f} s, {options.lines / wall:.0f} lines/s, other programs on these cores")
    print(f"CPU time          {cpu:.1f} s, {1e6 * cpu / options.lines:.0f} us a line: "
          f"{2 * options.lines / cpu:.0f} lines/s on two cores")
    print(f"busiest thread    {max(spent.values()):.1f} s: at most {options.lines / max(spent.values()):.0f} lines/s")
    print("by thread         " + ", ".join(f"{each:.1f}" for each in sorted(spent.values(), reverse=True)
                                           if each >= 0.05) + " s")
    megabytes = output.stat().st_size / 1e6
    print(f"download          {megabytes:.0f} MB in {downloaded:.2f} s, {megabytes / downloaded:.0f} MB/s")
    print(f"resident          {idle:.0f} MB idle, at most {after_upload:.0f} with the upload, {most:.0f} with the "
          f"batch, {end:.0f} with the download")


def rows_of(table, count):
    opener = gzip.open if table.suffix == ".gz" else open
    with opener(table, "rt") as file:
        return [json.loads(text) for text in itertools.islice(file, count)]


class Pool:
    """So many of a table's models: the questions that are asked, and others that say how good they are."""

    def __init__(self, table, questions, experts, folder):
        rows = rows_of(table, 2 * questions)
        self.names = sorted({name for row in rows for name in row["scores"]})[:experts]
        for row in rows:
            for field in ("scores", "answers"):
                row[field] = {name: row[field][name] for name in self.names if name in row[field]}
        self.asked = rows[:questions]
        self.train = self.write(folder / "train.jsonl", rows[questions:])
        self.table = self.write(folder / "table.jsonl", self.asked)

    @staticmethod
    def write(path, rows):
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        return path


def grouped(options, folder):
    if not options.table.exists():
        sys.exit(f"{options.table} is not there: --table names a results table")
    pool = Pool(options.table, options.questions, options.experts, folder)
    source = folder / "in.jsonl"
    with source.open("w") as out:
        for i, row in enumerate(pool.asked):
            out.write(json.dumps({"custom_id": f"line-{i}", "method": "POST", "url": "/v1/chat/completions",
                                  "body": {"model": "moerge/three", "messages": [
                                      {"role": "user", "content": row["prompt"]}]}}) + "\n")
    backend = f", max_concurrency: {options.concurrency}, residency: {{kind: llama_swap, slots: 1}}"
    replay = [options.moerge, "replay", "--table", str(pool.table), "--threads", "1", "--listen",
              "127.0.0.1:0", "--slots", "1", "--load-ms", str(options.load_ms), "--latency-ms",
              str(options.latency_ms)]
    with Server("replay", folder, *replay) as device:
        yaml = configuration(folder, pool.names, device.port, backend)
        with yaml.open("a") as out:
            out.write("policies:\n  - {name: three, recruiter: sampling, experts: 3, aggregate: vote, "
                      "options: {vote.gain: 0}}\n")
        with Server("moerge", folder, options.moerge, "serve", "--config", str(yaml)) as moerge:
            moerge.call("POST", "/api/v1/profiles/import?source=bench", pool.train.read_bytes(),
                        {"content-type": "application/x-ndjson"})
            file = moerge.upload(source)
            batch, wall, _ = moerge.run_batch(file)
            output = folder / "out.jsonl"
            moerge.download(batch["output_file_id"], output)
            residency = moerge.call("GET", "/api/v1/residency")
    check(options.questions, output)
    calls = {one["expert"]: one["answered"] for one in batch["moerge"]["experts"]}
    loads = sum(model["loads"] for model in residency["data"][0]["models"])
    # All calls of an expert with every place taken to the last of them, and one load each.
    rounds = sum(math.ceil(count / options.concurrency) for count in calls.values())
    bound = (len(calls) * options.load_ms
             + sum(calls.values()) * options.latency_ms / options.concurrency) / 1000
    whole = (len(calls) * options.load_ms + rounds * options.latency_ms) / 1000
    print(f"{options.questions} questions, {sum(calls.values())} calls of {len(calls)} experts of {options.experts}; "
          f"one slot, {options.load_ms} ms a load, {options.latency_ms} ms a call, {options.concurrency} at once")
    print(f"grouped           {loads} loads, {wall:.1f} s: {wall / bound:.3f} x the bound of {bound:.1f} s "
          f"(loads, and all places taken all the time), {wall / whole:.3f} x {whole:.1f} s (whole rounds)")
    order = arrival_order(output, options)
    print("calls             " + ", ".join(str(count) for count in sorted(calls.values(), reverse=True)))
    print(f"in arrival order  {order[0]} loads, {order[1]:.0f} s: {order[1] / bound:.1f} x the bound "
          "(computed: one line after the other, the calls of each side by side by expert, LRU)")
    print(f"discussion        {order[2]} loads, {order[3]:.0f} s: three rounds of the same experts in "
          "arrival order with four slots, LRU (computed)")


def arrival_order(output, options):
    """Loads and seconds where each line is done before the next: with one slot, and three rounds with four."""
    def run(slots, rounds):
        loaded, loads, time_ms = [], 0, 0
        for experts in asked:
            for _ in range(rounds):
                missing = 0
                for expert in experts:
                    if expert in loaded:
                        loaded.remove(expert)
                    else:
                        missing += 1
                        loads += 1
                        if len(loaded) == slots:
                            loaded.pop(0)
                    loaded.append(expert)
                    time_ms += options.latency_ms if slots == 1 else 0
                time_ms += missing * options.load_ms + (options.latency_ms if slots > 1 else 0)
        return loads, time_ms / 1000

    asked = []
    with output.open() as file:
        for text in sorted(file, key=lambda text: int(re.search(r'"custom_id":"line-(\d+)"', text)[1])):
            asked.append(json.loads(text)["response"]["body"]["moerge"]["aggregate"]["experts"])
    return (*run(1, 1), *run(4, 3))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("moerge", type=lambda text: str(pathlib.Path(text).resolve()))
    parser.add_argument("what", choices=["lines", "grouped"])
    parser.add_argument("--lines", type=int, default=100_000)
    parser.add_argument("--votes", type=int, default=1, help="experts that each line asks")
    parser.add_argument("--threads", type=int, default=2, help="event loops of moerge")
    parser.add_argument("--questions", type=int, default=2000)
    parser.add_argument("--experts", type=int, default=16)
    parser.add_argument("--table", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parents[3]
                        / "../shared/data/mmlu_pro_train.jsonl.gz", help="results of real models")
    parser.add_argument("--load-ms", type=int, default=2000)
    parser.add_argument("--latency-ms", type=int, default=500)
    parser.add_argument("--concurrency", type=int, default=16)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="moerge-batch-") as folder:
        {"lines": lines, "grouped": grouped}[options.what](options, pathlib.Path(folder))


if __name__ == "__main__":
    main()
