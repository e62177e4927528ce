"""A model server of one model, as a process that moerge runs: model_process.py PORT MODEL.

What the model's name holds says how it behaves: "broken" ends at once, "slow" never gets ready, "stubborn" ignores TERM,
"parent" starts a process of its own. A prompt "die" ends it in the middle of a request, "hold" is never answered.
"""
import http.server
import json
import os
import signal
import subprocess
import sys
import threading

port, model = int(sys.argv[1]), sys.argv[2]


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def reply(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        if self.path == "/health":
            self.reply(503 if "slow" in model else 200, {"status": "ok"})
        else:
            self.reply(404, {"error": {"message": "no such address"}})

    def do_POST(self):
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        prompt = request["messages"][-1]["content"]
        if "die" in prompt:
            print("told to die", flush=True)
            os._exit(3)
        if "hold" in prompt:
            print("holding", flush=True)
            threading.Event().wait()
        self.reply(200, {
            "id": "c", "object": "chat.completion", "created": 1, "model": model,
            "choices": [{"index": 0, "finish_reason": "stop",
                         "message": {"role": "assistant", "content": f"{model} at {os.environ.get('PLACE', '')}"}}],
            "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}})


print(f"loading {model}", flush=True)
if "broken" in model:
    print("out of memory", file=sys.stderr, flush=True)
    sys.exit(7)
if "stubborn" in model:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
if "parent" in model:
    print(f"child {subprocess.Popen(['sleep', '600']).pid}", flush=True)
server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
server.daemon_threads = True
server.serve_forever()
