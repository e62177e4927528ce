"""The programs of this benchmark: the replay of the recorded models, and moerge in front of it."""
import json
import re
import subprocess
import threading
import time
import urllib.error
import urllib.request

import dataset

START_SECONDS = 120
RECRUITERS = ("expected", "task-level", "best-single", "random")  # a policy each


def vote(seats, recruiter="expected", **options):
    return {"experts": seats, "recruiter": recruiter, "aggregate": "vote",
            "options": {f"vote.{name}": value for name, value in options.items()}}


def all_seats(seats):
    """All seats at once, to the end."""
    return vote(seats, at_once=seats, gain=0)


def cascade(target):
    return {"aggregate": "cascade", "max_fallbacks": 9, "options": {"cascade.target": target}}


# How several answers become one, by name.
AGGREGATES = {
    "vote-3": vote(3), "vote-4": vote(4), "vote-5": vote(5), "vote-10": vote(10),
    "vote-5-no-stop": all_seats(5), "top-3": all_seats(3), "all-10": all_seats(10),
    "sampling-5": vote(5, recruiter="sampling"),
    "cascade-80": cascade(0.8), "cascade-90": cascade(0.9), "cascade-100": cascade(1),
    "race-2": {"experts": 2, "aggregate": "race"},
}


class Program:
    """A moerge process that listens; `port` is read from its first line with an address."""

    def __init__(self, arguments, directory):
        self._process = subprocess.Popen(arguments, cwd=directory, text=True, errors="replace",
                                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self._listens = threading.Event()
        self._last_lines = []
        self.port = 0
        threading.Thread(target=self._read, daemon=True).start()
        self._listens.wait(START_SECONDS)
        if not self.port:
            self.stop()
            raise RuntimeError(f"{' '.join(arguments)} did not start:\n{''.join(self._last_lines)}")

    @property
    def pid(self):
        return self._process.pid

    def _read(self):
        for line in self._process.stdout:
            self._last_lines = self._last_lines[-20:] + [line]
            address = re.search(r"http://127\.0\.0\.1:(\d+)", line)
            if address and not self.port:
                self.port = int(address[1])
                self._listens.set()
        self._listens.set()

    def stop(self):
        self._process.terminate()
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()


def start_replay(moerge, data, directory):
    return Program([moerge, "replay", "--listen", "127.0.0.1:0", "--table", str(data / dataset.TABLE),
                    "--replies", str(data / dataset.REPLIES)], directory)


def priced():
    return [(name, size, round(size * dataset.USD_PER_BILLION, 6)) for name, size in dataset.SIZES.items()]


def configuration(replay_port, skills):
    """JSON is YAML. `skills`: None keeps the shipped ones; a list of names replaces them."""
    value = {
        "server": {"listen": "127.0.0.1:0"},
        "store": "sqlite:experts.db",
        "backends": [{"name": "replay", "base_url": f"http://127.0.0.1:{replay_port}/v1"}],
        "experts": [{"name": name, "backend": "replay", "model": name, "skills": {"general": 0.5},
                     "active_params": size, "price": {"input": price, "output": price}}
                    for name, size, price in priced()],
        "policies": [{"name": name, "recruiter": name} for name in RECRUITERS] +
                    [{"name": name, **recipe} for name, recipe in AGGREGATES.items()],
    }
    if skills is not None:
        value["skills"] = {"replace": True, "list": [{"name": name} for name in skills]}
    return json.dumps(value, indent=1)


def import_profile(moerge, table, directory):
    """`moerge profile import` into the store of moerge.yaml, before the server starts; its report."""
    done = subprocess.run([moerge, "profile", "import", str(table), "--config", "moerge.yaml", "--json"],
                          cwd=directory, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode != 0:
        raise RuntimeError(f"moerge profile import failed:\n{done.stderr}")
    return json.loads(done.stdout)


def start_moerge(moerge, directory):
    """A ready server, and how many seconds that took."""
    started = time.perf_counter()
    program = Program([moerge, "serve", "--config", "moerge.yaml"], directory)
    while time.perf_counter() - started < START_SECONDS:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{program.port}/ready", timeout=10).close()
            return program, time.perf_counter() - started
        except urllib.error.HTTPError:
            time.sleep(0.05)
    program.stop()
    raise RuntimeError("moerge did not become ready")
