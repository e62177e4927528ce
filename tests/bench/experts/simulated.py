"""Simulated experts of known skill behind real HTTP: one server plays all of them. Standard library only.

The name of a model says who it is: `KIND KEY=VALUE ...`. It answers questions made by `question`, and
knows from the words of moerge's prompts what it is asked for. The same request gets the same answer,
except of drafts, which are drawn each time.

| kind | | |
|---|---|---|
| `skilled` | `p`, `id` | answers rightly with probability p, else one of the wrong options |
|           | `a` | having read others' answers it adopts the one that most of them give, with probability a |
| `author` | `v` | knows a right answer among those it reads with probability v, else writes what most say, |
|         |     | of equals the first; `v=first` writes the first one |
| `judge` | `edge` | says what is true with probability 0.5 + edge, each time it is asked |
|         | `bias` | says this letter, or the best score, whatever it reads |
| `hold` | `n`, `says` | keeps every call open until n of them are there, then answers with 8 KB |
"""
import asyncio
import collections
import json
import multiprocessing
import random
import re

OPTIONS = "ABCDE"
ROLES = (("SCORE: N", "score"), ("VERDICT: X", "verdict"), ("RANKING: X", "ranking"),
         ("A panel has answered", "viewpoints"), ("Another expert answers", "rebuttal"),
         ("Other models have answered", "read"), ("Several models have answered", "read"),
         ("Below stand drafts", "read"), ("Specialists were consulted", "read"))
QUOTE = re.compile(r"===== begin ([A-Z]+) \((\w+)\) =====\n(.*?)\n===== end \1 \(\2\) =====", re.S)
ANSWER = re.compile(r"answer is \(([A-E])\)")
NUMBER = re.compile(r"Question ([\w.-]+)/(\d+)")


def chance(*seed):
    return random.Random("|".join(map(str, seed)))


def truth(number):
    return chance("truth", number).choice(OPTIONS)


def question(scenario, number):
    return (f"Question {scenario}/{number}: which of these is it?\n"
            + "\n".join(f"{letter}. option {letter}" for letter in OPTIONS))


def skilled_answer(p, number, *seed):
    rng = chance("skill", number, *seed)
    right = truth(number)
    return right if rng.random() < p else rng.choice(OPTIONS.replace(right, ""))


def plurality(letters):
    """The answer that most give, of equals the one given first."""
    return max(letters, key=lambda letter: (letters.count(letter), -letters.index(letter)))


def stated(letter):
    return f"I have thought about it. The answer is ({letter})."


class Simulation:
    """What each model says. One thread."""

    def __init__(self):
        self._times = collections.Counter()

    def say(self, model, body):
        kind, *pairs = model.split()
        traits = dict(pair.split("=") for pair in pairs)
        text = "\n".join(message["content"] for message in body["messages"])
        scenario, number = NUMBER.search(text).groups()
        role = next((role for phrase, role in ROLES if phrase in text), "answer")
        quotes = [(label, ANSWER.search(said)) for label, _, said in QUOTE.findall(text)]
        quotes = [(label, found[1] if found else "") for label, found in quotes]
        time = self._time(scenario, number, model, role)
        drawn = [time] if "temperature" in body else []
        return getattr(self, "_" + kind)(traits, role, int(number), quotes, time, drawn)

    def _time(self, *key):
        """How often it was asked that."""
        self._times[key] += 1
        return self._times[key]

    def _skilled(self, traits, role, number, quotes, time, drawn):
        own = skilled_answer(float(traits["p"]), number, traits["id"], *drawn)
        read = [letter for _, letter in quotes if letter]
        if role != "read" or not read:
            return stated(own)
        most = collections.Counter(read).most_common(2)
        if len(most) > 1 and most[0][1] == most[1][1]:
            return stated(own)  # those that it reads are divided
        adopts = chance("adopts", number, traits["id"], time).random() < float(traits.get("a", 0))
        return stated(most[0][0] if adopts else own)

    def _author(self, traits, role, number, quotes, _time, _drawn):
        read = [letter for _, letter in quotes if letter]
        right = truth(number)
        sight = 0 if traits["v"] == "first" else float(traits["v"])
        sees = right in read and chance("sees", number).random() < sight
        letter = right if sees else read[0] if traits["v"] == "first" else plurality(read)
        if role == "viewpoints":
            return json.dumps({"agreed": [], "conflicting": [], "isolated": [], "answer": stated(letter)})
        return stated(letter)

    def _judge(self, traits, role, number, quotes, _time, _drawn):
        labels = [label for label, _ in quotes]
        if "bias" in traits:
            return {"score": "SCORE: 100", "verdict": f"VERDICT: {traits['bias']}",
                    "ranking": "RANKING: " + " > ".join(labels)}[role]
        rng = chance("judges", number, role, quotes)
        sees = rng.random() < 0.5 + float(traits["edge"])
        good = [label for label, letter in quotes if letter == truth(number)]
        bad = [label for label in labels if label not in good]
        if role == "score":
            return f"SCORE: {90 if bool(good) == sees else 10}"
        if role == "verdict":
            if len(good) != 1:
                return f"VERDICT: {rng.choice(labels)}"
            return f"VERDICT: {(good if sees else bad)[0]}"
        rng.shuffle(good)
        rng.shuffle(bad)
        return "RANKING: " + " > ".join(good + bad if sees else bad + good)


class Holder:
    """Calls that wait for each other."""

    def __init__(self):
        self.waiting = 0
        self._all = asyncio.Event()

    async def hold(self, count):
        self.waiting += 1
        if self.waiting >= count:
            self._all.set()
        await self._all.wait()


def completion(model, prompt_bytes, text):
    usage = {"prompt_tokens": prompt_bytes // 4, "completion_tokens": len(text) // 4 + 1}
    usage["total_tokens"] = sum(usage.values())
    message = {"role": "assistant", "content": text}
    return json.dumps({"id": "c", "object": "chat.completion", "created": 1, "model": model, "usage": usage,
                       "choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}).encode()


async def reply_to(simulation, holder, data):
    body = json.loads(data)
    model = body["model"]
    if model.startswith("hold"):
        traits = dict(pair.split("=") for pair in model.split()[1:])
        await holder.hold(int(traits["n"]))
        text = f"The answer is ({traits['says']}). " + "x" * (8192 - 20)
    else:
        text = simulation.say(model, body)
    return completion(model, len(data), text)


async def serve_connection(simulation, holder, reader, writer):
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            size = int(re.search(rb"(?i)content-length: *(\d+)", head)[1])
            body = await reply_to(simulation, holder, await reader.readexactly(size))
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
                         + str(len(body)).encode() + b"\r\n\r\n" + body)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


def run(port):
    async def serve():
        simulation, holder = Simulation(), Holder()
        server = await asyncio.start_server(
            lambda reader, writer: serve_connection(simulation, holder, reader, writer),
            "127.0.0.1", 0, backlog=4096)
        port.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(serve())


class Experts:
    """The server in a process of its own; `port` is where it listens."""

    def __init__(self):
        here, there = multiprocessing.Pipe()
        self._process = multiprocessing.Process(target=run, args=(there,), daemon=True)
        self._process.start()
        self.port = here.recv()

    def stop(self):
        self._process.terminate()
        self._process.join()
