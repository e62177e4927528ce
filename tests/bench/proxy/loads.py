"""The loads: wrk for plain requests, bench_stream_client for streams and idle connections."""

import http.client
import json
import os
import subprocess
import time

PROMPT = (
    "A rectangular garden is twice as long as it is wide, and a path of constant width runs "
    "around it on the outside. The path covers exactly as much ground as the garden itself. "
    "Find the width of the path in terms of the width of the garden, show every step of the "
    "derivation, and check the result by inserting it into the original condition. Then "
    "explain in two or three plain sentences, for a reader who has not seen quadratic "
    "equations before, why one of the two solutions of the equation has to be thrown away, "
    "and what would change if the path ran along only three of the four sides.")


def chat(stream):
    return json.dumps({
        "model": "auto", "stream": stream, "temperature": 0.2, "max_tokens": 512,
        "messages": [{"role": "system", "content": "You are a careful and concise assistant."},
                     {"role": "user", "content": PROMPT}]})


class Load:
    """Sends requests to one proxy on 127.0.0.1. `tools` is the folder of the built programs."""

    def __init__(self, children, folder, tools, core, port, headers):
        self.children, self.folder, self.tools, self.core = children, folder, tools, core
        self.port, self.headers = port, headers
        for name, stream in (("plain.json", False), ("stream.json", True)):
            with open(os.path.join(folder, name), "w") as file:
                file.write(chat(stream))

    def wrk(self, connections, seconds):
        script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "chat.lua")
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "20s",
                   "-s", script, "-H", "Content-Type: application/json"]
        for header in self.headers:
            command += ["-H", header]
        command += [f"http://127.0.0.1:{self.port}/v1/chat/completions", "--",
                    os.path.join(self.folder, "plain.json")]
        return self.last_line(self.start(command), seconds + 30)

    def streams(self, *options, timeout=90):
        return self.last_line(self.start(self.client("stream.json", *options)), timeout)

    def hold_idle(self, count):
        """Opens the connections; returns the process that holds them and what it says of them."""
        client = self.start(self.client("plain.json", "--idle", count), stdin=subprocess.PIPE)
        return client, json.loads(client.stdout.readline())

    def release_idle(self, client):
        client.stdin.close()
        client.stdin = None
        return self.last_line(client, 30)["still_open"]

    def client(self, body, *options):
        command = [os.path.join(self.tools, "bench_stream_client"), "--port", str(self.port),
                   "--body", os.path.join(self.folder, body)]
        for header in self.headers:
            command += ["--header", header]
        return command + [str(option) for option in options]

    def start(self, command, stdin=None):
        log = os.path.join(self.folder, "load.log")
        return self.children.start(command, self.core, log, stdin, subprocess.PIPE)

    def last_line(self, process, timeout):
        output, _ = process.communicate(timeout=timeout)
        lines = output.decode().strip().splitlines()
        if not lines or not lines[-1].startswith("{"):
            with open(os.path.join(self.folder, "load.log")) as file:
                raise SystemExit(f"{process.args[3]} failed: {output.decode()} {file.read()}")
        return json.loads(lines[-1])

    def answers(self, path=None):
        """Whether the proxy answers now: `path`, or else a chat request from the upstream."""
        try:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
            headers = dict(header.split(": ", 1) for header in self.headers)
            headers["Content-Type"] = "application/json"
            connection.request("GET" if path else "POST", path or "/v1/chat/completions",
                               None if path else chat(False), headers)
            response = connection.getresponse()
            text = response.read()
            return response.status == 200 and (path is not None or b"derivative" in text)
        except (OSError, http.client.HTTPException):
            return False

    def wait_until_answered(self, process, name, ready_path, limit):
        end = time.monotonic() + limit
        for path in ([ready_path] if ready_path else []) + [None]:
            while not self.answers(path):
                if process.poll() is not None or time.monotonic() > end:
                    raise SystemExit(f"{name} does not answer {path or 'chat requests'}; it says:\n"
                                     + tail(os.path.join(self.folder, "proxy.log")))
                time.sleep(0.05)


def tail(path):
    with open(path, errors="replace") as file:
        return "".join(file.readlines()[-20:])
