#!/usr/bin/env python3
"""What bursts and clients that do not read cost a server: resident memory after 1,500 bodies of 150 KB, the
kernel's memory for streams that nobody reads, and how soon an expert learns that their clients have left.

    server.py MOERGE memory | streams [COUNT]

Starts MOERGE with an expert of its own on loopback. Prints; asserts nothing. Wants `ss` (iproute2)."""
import asyncio
import json
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import time

ANSWER = json.dumps({
    "id": "x", "object": "chat.completion", "created": 1, "model": "m",
    "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "fine"}}],
    "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}}).encode()
EVENT = b"data: " + json.dumps({
    "id": "x", "object": "chat.completion.chunk", "created": 1, "model": "m",
    "choices": [{"index": 0, "delta": {"content": "y" * 4000}}]}).encode() + b"\n\n"
CONFIG = """
server: {listen: "127.0.0.1:0", threads: 2}
store: "sqlite:moerge.db"
backends: [{name: b, base_url: "http://127.0.0.1:%d/v1", max_concurrency: 4096, max_queue: 10000}]
experts: [{name: e, backend: b, model: m}]
"""


def head(content):
    return b"HTTP/1.1 200 OK\r\ncontent-type: " + content + b"\r\n"


class Expert:
    """Answers after half a second; a request for a stream gets one without an end."""

    def __init__(self):
        self.ended = []  # when the other side of a stream left

    async def start(self):
        self.server = await asyncio.start_server(self.serve, "127.0.0.1", 0, backlog=4096)
        return self.server.sockets[0].getsockname()[1]

    async def serve(self, reader, writer):
        try:
            while True:
                request = await reader.readuntil(b"\r\n\r\n")
                length = int(re.search(rb"content-length: *(\d+)", request, re.I).group(1))
                body = await reader.readexactly(length)
                if b'"stream":true' in body.replace(b" ", b""):
                    return await self.stream(reader, writer)
                await asyncio.sleep(0.5)
                writer.write(head(b"application/json") + b"content-length: %d\r\n\r\n" % len(ANSWER) + ANSWER)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def stream(self, reader, writer):
        async def watch():
            try:
                await reader.read()
            except ConnectionError:
                pass
            self.ended.append(time.monotonic())

        left = asyncio.create_task(watch())
        writer.write(head(b"text/event-stream") + b"transfer-encoding: chunked\r\n\r\n")
        try:
            while not left.done():
                writer.write(b"%x\r\n" % len(EVENT) + EVENT + b"\r\n")
                await writer.drain()
        except ConnectionError:
            pass
        await left


class Server:
    def __init__(self, binary, expert_port):
        self.folder = tempfile.TemporaryDirectory()
        folder = pathlib.Path(self.folder.name)
        (folder / "moerge.yaml").write_text(CONFIG % expert_port)
        self.log = folder / "log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen([pathlib.Path(binary).resolve(), "serve"], cwd=folder, stdout=log, stderr=log)
        for _ in range(600):
            time.sleep(0.1)
            if found := re.search(r"http://127\.0\.0\.1:(\d+)", self.log.read_text()):
                self.port = int(found.group(1))
                return
        raise SystemExit(self.log.read_text())

    def resident(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status).group(1)) / 1024

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self.folder.cleanup()


def request(prompt, stream=False):
    body = json.dumps({"model": "e", "stream": stream, "messages": [{"role": "user", "content": prompt}]}).encode()
    return (b"POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n"
            b"connection: close\r\ncontent-length: %d\r\n\r\n" % len(body)) + body


async def status_of(port, message):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(message)
    reply = await reader.read()
    writer.close()
    return int(reply[9:12] or 0)


async def memory(server):
    for _ in range(20):
        await status_of(server.port, request("hello"))
    await asyncio.sleep(12)
    idle = peak = server.resident()
    print(f"idle {idle:.0f} MB", flush=True)

    async def watch():
        nonlocal peak
        while True:
            peak = max(peak, server.resident())
            await asyncio.sleep(0.05)

    watching = asyncio.create_task(watch())
    message = request("word " * 30_000)
    for _ in range(3):
        statuses = await asyncio.gather(*(status_of(server.port, message) for _ in range(1500)))
        print(f"1500 x 150 KB: {statuses.count(200)} answered, peak {peak:.0f} MB", flush=True)
    watching.cancel()
    for seconds in range(10, 61, 10):
        await asyncio.sleep(10)
        print(f"{seconds} s later: {server.resident():.0f} MB, {server.resident() / idle:.2f} x idle", flush=True)


def kernel_memory(pid):
    """Megabytes that the kernel holds for the process's TCP connections, in both directions."""
    sockets = subprocess.run(["ss", "-tmnpOH"], capture_output=True, text=True, check=True).stdout
    held = 0
    for line in sockets.splitlines():
        if f"pid={pid}," in line and (memory := re.search(r"skmem:\(r(\d+),.*?,w(\d+),", line)):
            held += int(memory.group(1)) + int(memory.group(2))
    return held / 1e6


async def streams(server, expert, count):
    pid = server.process.pid
    clients = []
    for _ in range(count):
        client = socket.create_connection(("127.0.0.1", server.port))
        client.sendall(request("hello", stream=True))
        clients.append(client)
        await asyncio.sleep(0.01)
    held = -1.0
    while abs(kernel_memory(pid) - held) > 1:
        held = kernel_memory(pid)
        await asyncio.sleep(2)
    print(f"{count} streams that nobody reads: {held / count:.2f} MB in the kernel for each", flush=True)
    for client in clients:
        client.close()
    closed = time.monotonic()
    while len(expert.ended) < count:
        await asyncio.sleep(0.01)
    print(f"the expert sees the last of them end {1000 * (max(expert.ended) - closed):.0f} ms after the last close")


async def main():
    if len(sys.argv) < 3 or sys.argv[2] not in ("memory", "streams"):
        raise SystemExit(__doc__)
    expert = Expert()
    server = Server(sys.argv[1], await expert.start())
    try:
        await asyncio.sleep(8)  # what was trained at the start is given back by then
        if sys.argv[2] == "memory":
            await memory(server)
        else:
            await streams(server, expert, int(sys.argv[3]) if len(sys.argv) > 3 else 200)
    finally:
        server.stop()


asyncio.run(main())
