"""What is measured: each stage starts a fresh upstream and proxy and returns its numbers."""

import contextlib
import os
import socket
import subprocess
import tempfile

import loads
import processes

PACE_US = 10_000        # between two events of a stream in the paced stage
SPREAD_MS = 1_000       # how long such a stream takes; they begin evenly over that time
SLOW_PACE_US = 100_000  # the same with thousands of streams at once


class Bench:
    def __init__(self, tools, connections, seconds, idle, streams):
        self.tools, self.connections, self.seconds = tools, connections, seconds
        self.idle_count, self.stream_count = idle, streams
        self.proxy_core, self.load_core = processes.two_cores()

    def plain(self, proxy):
        with self.running(proxy) as (load, pid):
            load.wrk(self.connections, proxy.warm_up)
            result, cpu = with_cpu(pid, lambda: load.wrk(self.connections, self.seconds))
            memory = processes.memory_kb(pid)
        answered = result["requests"]
        return {
            **for_each(answered, plain_cpu_us=1e6 * cpu),
            "plain_per_second": answered / result["seconds"],
            **where_any(answered, plain_p50_us=result["p50_us"], plain_p99_us=result["p99_us"]),
            "plain_busy": 100 * cpu / result["seconds"],
            "plain_failed": result["failed"],
            "resident_mb": memory["resident"] / 1024,
            "private_mb": memory["private"] / 1024,
        }

    def burst(self, proxy):
        result, cpu = self.stream_run(proxy, 0, self.connections, 0)
        return {
            **for_each(result["chunks"], burst_cpu_us=1e6 * cpu),
            "burst_per_second": result["chunks_per_second"],
            **for_each(result["reads"], burst_per_read=result["chunks"]),
            "burst_busy": 100 * cpu / result["seconds"],
            "burst_failed": result["failed"],
        }

    def paced(self, proxy):
        result, cpu = self.stream_run(proxy, PACE_US, 100, SPREAD_MS)
        return {
            **for_each(result["chunks"], paced_cpu_us=1e6 * cpu),
            "paced_per_second": result["chunks_per_second"],
            **for_each(result["reads"], paced_per_read=result["chunks"]),
            **where_any(result["chunks"], paced_first_p50_us=result["first_byte_p50_us"],
                        paced_first_p99_us=result["first_byte_p99_us"]),
            "paced_failed": result["failed"],
        }

    def stream_run(self, proxy, pace_us, connections, spread_ms):
        with self.running(proxy, "--pace-us", pace_us) as (load, pid):
            load.streams("--connections", connections, "--seconds", proxy.warm_up)
            return with_cpu(pid, lambda: load.streams(
                "--connections", connections, "--spread-ms", spread_ms,
                "--seconds", self.seconds + spread_ms // 1000))

    def idle(self, proxy):
        with self.running(proxy) as (load, pid):
            load.wrk(self.connections, proxy.warm_up)
            before = processes.memory_kb(pid)
            client, result = load.hold_idle(self.idle_count)
            after = processes.memory_kb(pid)
            still_open = load.release_idle(client)
        return {
            "idle_kb_each": (after["private"] - before["private"]) / self.idle_count,
            "idle_open": still_open,
            "idle_failed": result["failed"],
        }

    def many(self, proxy):
        with self.running(proxy, "--pace-us", SLOW_PACE_US) as (load, pid):
            result = load.streams("--streams", self.stream_count, "--timeout", 60)
            memory = processes.memory_kb(pid)
        return {
            "many_at_once": result["most_concurrent"],
            "many_failed": result["failed"],
            "many_first_p50_us": result["first_byte_p50_us"],
            "many_first_p99_us": result["first_byte_p99_us"],
            "many_resident_mb": memory["resident"] / 1024,
        }

    @contextlib.contextmanager
    def running(self, proxy, *upstream_options):
        """The proxy in front of an upstream; yields its load and its process id."""
        with tempfile.TemporaryDirectory(prefix="moerge-bench-") as folder, \
                processes.Children() as children:
            upstream_port = self.start_upstream(children, folder, *upstream_options)
            port = free_port()
            process = children.start(proxy.prepare(folder, port, upstream_port), self.proxy_core,
                                     os.path.join(folder, "proxy.log"))
            load = loads.Load(children, folder, self.tools, self.load_core, port,
                              proxy.headers(upstream_port))
            load.wait_until_answered(process, proxy.name, proxy.ready_path, proxy.start_limit)
            processes.settle(process.pid)
            yield load, process.pid

    def start_upstream(self, children, folder, *options):
        command = [os.path.join(self.tools, "bench_upstream")] + [str(one) for one in options]
        upstream = children.start(command, self.load_core, os.path.join(folder, "upstream.log"),
                                  stdout=subprocess.PIPE)
        words = upstream.stdout.readline().split()
        if len(words) != 2:
            raise SystemExit("the upstream does not start: "
                             + loads.tail(os.path.join(folder, "upstream.log")))
        return int(words[1])

    def check_client(self):
        """A benchmark that took a cut stream for a whole one would praise a broken proxy."""
        for options, wanted in ((("--cut", 40), 10), (("--cut", 100), 10), ((), 0)):
            with tempfile.TemporaryDirectory(prefix="moerge-bench-") as folder, \
                    processes.Children() as children:
                port = self.start_upstream(children, folder, *options)
                load = loads.Load(children, folder, self.tools, self.load_core, port, [])
                failed = load.streams("--streams", 10)["failed"]
            if failed != wanted:
                raise SystemExit(f"the stream client counts {failed} failed streams of 10 where "
                                 f"{wanted} are; its numbers are worth nothing")


def where_any(count, **measures):
    """Nothing where a slow proxy on a busy machine has answered nothing in time: the table has a dash."""
    return measures if count else {}


def for_each(count, **totals):
    return where_any(count, **{name: total / max(1, count) for name, total in totals.items()})


def with_cpu(pid, load):
    before = processes.cpu_seconds(pid)
    result = load()
    return result, processes.cpu_seconds(pid) - before


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
