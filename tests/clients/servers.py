"""Starts and stops the programs that the client tests talk to. Standard library only."""
import json
import os
import re
import subprocess
import threading
import urllib.error
import urllib.request

START_SECONDS = 60


class Program:
    """A moerge process. Its first line with an address says where it listens; all lines are kept."""

    def __init__(self, arguments, environment=None, directory=None):
        self._process = subprocess.Popen(arguments, env={**os.environ, **(environment or {})},
                                         cwd=directory, text=True, stdout=subprocess.PIPE,
                                         stderr=subprocess.STDOUT)
        self.lines = []
        self.url = None
        self._listens = threading.Event()
        threading.Thread(target=self._read, daemon=True).start()
        self._listens.wait(START_SECONDS)
        if self.url is None:
            self.stop()
            raise RuntimeError(f"{' '.join(arguments)} did not start:\n{''.join(self.lines)}")

    def _read(self):
        for line in self._process.stdout:
            self.lines.append(line)
            address = re.search(r"http://127\.0\.0\.1:(\d+)", line)
            if address and self.url is None:
                self.url = address[0]
                self._listens.set()
        self._listens.set()

    def stop(self):
        """Ends it politely; gives the exit code."""
        self._process.terminate()
        try:
            return self._process.wait(START_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()


def call(url, key=None, body=None, method=None, headers=None):
    """One request; (status, parsed body)."""
    headers = {"content-type": "application/json", **(headers or {})}
    if key:
        headers["authorization"] = f"Bearer {key}"
    data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    request = urllib.request.Request(url, data, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=120) as reply:
            return reply.status, json.loads(reply.read())
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


def wait_ready(program):
    """Until the classifiers are trained."""
    for _ in range(20 * START_SECONDS):
        if call(program.url + "/ready")[0] == 200:
            return
        threading.Event().wait(0.05)
    raise RuntimeError(f"{program.url} is not ready:\n{''.join(program.lines)}")
