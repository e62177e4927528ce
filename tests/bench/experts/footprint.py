"""What a vote of three costs moerge itself: time beyond the experts', and memory while 1,000 of them wait.
Standard library only."""
import asyncio
import http.client
import json
import time

import client
import simulated
from report import quantile

VOTERS = ("v1", "v2", "v3")
HOLDERS = ("h1", "h2", "h3")
REQUESTS = 3000
CONCURRENT = 1000
ANSWER_BYTES = 8192


def experts():
    """(model, skill) by name; those that are held disagree, so that all three answers are waited for."""
    voters = {name: (f"skilled p=0.6 id={name}", 0.6) for name in VOTERS}
    held = {name: (f"hold n={len(HOLDERS) * CONCURRENT} says={letter}", 0.6)
            for name, letter in zip(HOLDERS, simulated.OPTIONS)}
    return voters | held


def policies():
    vote = {"classifier": "none", "aggregate": "vote", "experts": 3, "max_fallbacks": 0}
    return [{"name": "footprint", **vote, "options": {"vote.gain": "0", "vote.at_once": "3"}}]


def times(port):
    """Of votes one after the other: moerge's own time as it reports it, and what a client sees besides
    asking one of the experts by name."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    votes, direct = [], []
    for number in range(REQUESTS):
        prompt = simulated.question("footprint", number)
        votes.append(client.ask(connection, "moerge/footprint", prompt, {"experts": VOTERS}))
        direct.append(client.ask(connection, VOTERS[0], prompt))
    connection.close()
    assert all(answer.status == 200 for answer in votes + direct)
    overhead = [answer.overhead_ms for answer in votes]
    return {"requests": REQUESTS,
            "overhead_p50_ms": quantile(overhead, 0.5), "overhead_p99_ms": quantile(overhead, 0.99),
            "vote_p50_ms": 1000 * quantile([answer.seconds for answer in votes], 0.5),
            "direct_p50_ms": 1000 * quantile([answer.seconds for answer in direct], 0.5)}


def memory_of(pid, field):
    with open(f"/proc/{pid}/status", encoding="ascii") as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith(field)) / 1024


async def held_vote(port, number):
    body = json.dumps({"model": "moerge/footprint", "moerge": {"experts": HOLDERS},
                       "messages": [{"role": "user", "content": simulated.question("held", number)}]})
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
                 f"Connection: close\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
    reply = await asyncio.wait_for(reader.read(), 60)
    writer.close()
    return reply.startswith(b"HTTP/1.1 200") and len(reply) > ANSWER_BYTES


async def held_votes(port):
    return sum(await asyncio.gather(*(held_vote(port, number) for number in range(CONCURRENT))))


def memory(server):
    """RSS in MB before 1,000 votes whose 3,000 calls are all open at once, and at its highest."""
    time.sleep(0.5)  # what was asked before is over
    with open(f"/proc/{server.pid}/clear_refs", "w", encoding="ascii") as highest:
        highest.write("5")
    before = memory_of(server.pid, "VmRSS")
    answered = asyncio.run(held_votes(server.port))
    peak = memory_of(server.pid, "VmHWM")
    return {"requests": CONCURRENT, "answered": answered, "before_mb": before, "peak_mb": peak}


def measure(server):
    return {"time": times(server.port), "memory": memory(server)}


def print_report(facts):
    spent, held = facts["time"], facts["memory"]
    print(f"moerge itself, a vote of 3 beyond the experts it waits for, {spent['requests']} requests one after the "
          f"other: p50 {spent['overhead_p50_ms']:.2f} ms, p99 {spent['overhead_p99_ms']:.2f} ms; a client waits "
          f"{spent['vote_p50_ms']:.2f} ms, for one of the experts by name {spent['direct_p50_ms']:.2f} ms")
    print(f"memory of moerge, {held['requests']} votes at once with {3 * held['requests']} open calls and answers of "
          f"8 KB ({held['answered']} answered): {held['before_mb']:.0f} MB before, {held['peak_mb']:.0f} MB at the "
          f"peak, {held['peak_mb'] - held['before_mb']:.0f} MB more\n")
