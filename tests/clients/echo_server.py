"""An expert that answers with what it was asked: tests see what moerge passes on. Standard library only.

POST /v1/chat/completions answers with the received body and headers as JSON text in the message; the
model "drip" streams words for ever, so that a client has time to leave. GET /left/ID says whether the
request of that x-request-id was abandoned before its end.
"""
import base64
import json
import struct
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PAUSE = 0.02  # between two words of "drip"


class Abandoned:
    """Which requests' clients have left. Any thread."""

    def __init__(self):
        self._lock = threading.Condition()
        self._ids = set()

    def add(self, request_id):
        with self._lock:
            self._ids.add(request_id)
            self._lock.notify_all()

    def wait_for(self, request_id, patience):
        with self._lock:
            return self._lock.wait_for(lambda: request_id in self._ids, patience)


class EchoHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "echo"

    def log_message(self, *_):
        pass

    def do_GET(self):
        if not self.path.startswith("/left/"):
            return self._send({"error": {"message": "GET /left/ID"}}, 404)
        left = self.server.abandoned.wait_for(self.path.removeprefix("/left/"), 10)
        self._send({"left": left})

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        headers = {key.lower(): value for key, value in self.headers.items()}
        if self.path == "/v1/embeddings":
            return self._send(embeddings(body))
        if self.path == "/v1/completions":
            return self._send(text_completion(body))
        if body["model"] == "drip":
            return self._drip(headers.get("x-request-id", ""))
        text = json.dumps({"body": body, "headers": headers})
        self._stream(text) if body.get("stream") else self._send(completion(body, text))

    def _send(self, value, status=200):
        data = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _begin_stream(self):
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("connection", "close")
        self.end_headers()
        self.close_connection = True

    def _event(self, delta, finish_reason=None):
        choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
        chunk = {"id": "chatcmpl-echo", "object": "chat.completion.chunk", "created": 1,
                 "model": "echo", "choices": [choice]}
        self.wfile.write(f"data: {json.dumps(chunk)}\n\n".encode())

    def _stream(self, text):
        self._begin_stream()
        half = len(text) // 2
        for piece in (text[:half], text[half:]):
            self._event({"content": piece})
        self._event({}, "stop")
        self.wfile.write(b"data: [DONE]\n\n")

    def _drip(self, request_id):
        try:
            self._begin_stream()
            while True:
                self._event({"content": "drip "})
                time.sleep(PAUSE)
        except OSError:
            self.server.abandoned.add(request_id)


def completion(body, text):
    message = {"role": "assistant", "content": text}
    return {"id": "chatcmpl-echo", "object": "chat.completion", "created": 1, "model": body["model"],
            "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 3, "completion_tokens": 5, "total_tokens": 8},
            "system_fingerprint": "fp_echo"}


def embeddings(body):
    texts = body["input"] if isinstance(body["input"], list) else [body["input"]]
    vectors = [[float(len(text)), 0.5] for text in texts]
    if body.get("encoding_format") == "base64":
        vectors = [base64.b64encode(struct.pack("<2f", *vector)).decode() for vector in vectors]
    data = [{"object": "embedding", "index": i, "embedding": vector}
            for i, vector in enumerate(vectors)]
    return {"object": "list", "model": body["model"], "data": data,
            "usage": {"prompt_tokens": 1, "total_tokens": 1}}


def text_completion(body):
    return {"id": "cmpl-echo", "object": "text_completion", "created": 1, "model": body["model"],
            "choices": [{"index": 0, "text": body["prompt"] + "!", "finish_reason": "length"}]}


def start():
    """A running server on a free port; server_port tells which."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), EchoHandler)
    server.daemon_threads = True
    server.abandoned = Abandoned()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server
