"""Sends every question to a running moerge, several at once. Standard library only."""
import http.client
import json
import threading
import time
from dataclasses import dataclass, field


@dataclass
class Answer:
    status: int = 0  # 0: no reply
    text: str = ""
    expert: str = ""
    skill: str = ""
    attempts: int = 0
    overhead_ms: float = 0.0
    calls: int = 0  # of experts, where several gave the answer
    cost_usd: float = 0.0
    tokens: int = 0
    seconds: float = 0.0
    error: str = ""


@dataclass
class Run:
    answers: list = field(default_factory=list)  # in the order of the questions
    seconds: float = 0.0


def ask(connection, model, prompt, moerge=None):
    body = {"model": model, "messages": [{"role": "user", "content": prompt}]}
    body = json.dumps(body if moerge is None else {**body, "moerge": moerge})
    started = time.perf_counter()
    connection.request("POST", "/v1/chat/completions", body, {"content-type": "application/json"})
    reply = connection.getresponse()
    data = reply.read()
    answer = Answer(status=reply.status, seconds=time.perf_counter() - started)
    if reply.status != 200:
        answer.error = data.decode("utf-8", "replace")[:500]
        return answer
    value = json.loads(data)
    answer.text = value["choices"][0]["message"]["content"]
    aggregate = value["moerge"].get("aggregate", {})
    answer.calls, answer.cost_usd = aggregate.get("calls", 1), aggregate.get("cost_usd", 0.0)
    answer.tokens = value.get("usage", {}).get("total_tokens", 0)
    answer.expert = reply.getheader("x-moerge-expert", "")
    answer.skill = reply.getheader("x-moerge-skill", "")
    answer.attempts = int(reply.getheader("x-moerge-attempts", 0))
    answer.overhead_ms = float(reply.getheader("x-moerge-overhead-ms", 0))
    return answer


def ask_all(port, model, prompts, concurrency, moerge=None):
    """A request that fails is not sent again: it is lost. `moerge`: the object of that name in each."""
    answers = [None] * len(prompts)
    todo = iter(range(len(prompts)))
    lock = threading.Lock()

    def work():
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        while True:
            with lock:
                index = next(todo, None)
            if index is None:
                return connection.close()
            try:
                answers[index] = ask(connection, model, prompts[index], moerge)
            except (OSError, http.client.HTTPException, ValueError, KeyError) as error:
                answers[index] = Answer(error=f"{type(error).__name__}: {error}")
                connection.close()

    threads = [threading.Thread(target=work) for _ in range(concurrency)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Run(answers, time.perf_counter() - started)
