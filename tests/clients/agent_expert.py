"""A scripted expert that uses the tools it is given: what frameworks and agents are tried with.
Standard library only.

POST /v1/chat/completions: asked with tools, it calls one of them (see CALLS), in pieces if streamed;
once a tool has answered, it tells what the tool said; asked for JSON it gives an OBJECT; else TEXT.
POST /v1/embeddings: one VECTOR per text, as floats or base64. GET /requests: the bodies it got.
"""
import base64
import json
import re
import struct
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TEXT = "Canberra is the capital of Australia."
OBJECT = {"city": "Canberra", "country": "Australia"}
VECTOR = [0.25, -0.5, 1.0]
USAGE = {"prompt_tokens": 20, "completion_tokens": 7, "total_tokens": 27}
# What is called, by the names of tools, the first that there is; of agents, something harmless.
CALLS = [
    (r"weather", {"city": "Canberra"}),
    (r"final_result|capital", OBJECT),
    (r"list_directory|ls|list|listfiles", {"path": "FOLDER", "dirpath": "FOLDER"}),
    (r"bash|shell|run_shell_command|run_?terminal_?command",
     {"command": "ls FOLDER", "description": "looks into the folder"}),
]


def folder_in(messages):
    """The folder that the latest turn of the user's names: "... the folder /some/where"."""
    texts = [content_text(message["content"]) for message in messages if message["role"] == "user"]
    named = re.findall(r"the folder (/\S+?)[\"'.]?(?:\s|$)", "\n".join(texts))
    return named[-1] if named else "."


def call_for(body):
    """(name, arguments) of the call to make; None: it answers."""
    if not body.get("tools") or body.get("tool_choice") == "none":
        return None
    spoken = [message["role"] for message in body["messages"]]
    last_user = max(i for i, role in enumerate(spoken) if role == "user") if "user" in spoken else 0
    if "tool" in spoken[last_user:]:
        return None
    known = {tool["function"]["name"]: tool["function"].get("parameters", {})
             for tool in body["tools"] if tool["type"] == "function"}
    for pattern, arguments in CALLS:
        for name, parameters in known.items():
            if re.fullmatch(pattern, name.lower()):
                wanted = parameters.get("properties", {})
                folder = folder_in(body["messages"])
                return name, {key: value.replace("FOLDER", folder)
                              for key, value in arguments.items() if key in wanted}
    return None


def content_text(content):
    if isinstance(content, list):
        return "".join(part.get("text", "") for part in content)
    return content or ""


def text_for(body):
    tools = [message for message in body["messages"] if message["role"] == "tool"]
    if tools and body["messages"][-1]["role"] != "user":
        return "The tool said: " + content_text(tools[-1]["content"])
    if body.get("response_format", {}).get("type", "text") != "text":
        return json.dumps(OBJECT)
    return TEXT


class AgentHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "agent"

    def log_message(self, *_):
        pass

    def do_GET(self):
        self._send(self.server.requests)

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        with self.server.lock:
            self.server.requests.append({"path": self.path, "body": body})
        if self.path == "/v1/embeddings":
            return self._send(embeddings(body))
        call = call_for(body)
        self._stream(body, call) if body.get("stream") else self._send(completion(body, call))

    def _send(self, value):
        data = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _stream(self, body, call):
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("connection", "close")
        self.end_headers()
        self.close_connection = True
        for chunk in chunks(body, call):
            self.wfile.write(f"data: {json.dumps(chunk)}\n\n".encode())
        self.wfile.write(b"data: [DONE]\n\n")


def head(body, kind):
    return {"id": "chatcmpl-agent", "object": kind, "created": 1, "model": body["model"]}


def tool_call(call):
    return {"id": "call_agent1", "type": "function",
            "function": {"name": call[0], "arguments": json.dumps(call[1])}}


def completion(body, call):
    message = {"role": "assistant", "content": None if call else text_for(body)}
    if call:
        message["tool_calls"] = [tool_call(call)]
    choice = {"index": 0, "message": message, "finish_reason": "tool_calls" if call else "stop"}
    return {**head(body, "chat.completion"), "choices": [choice], "usage": USAGE}


def thirds(text):
    step = len(text) // 3 + 1
    return [text[i:i + step] for i in range(0, len(text), step)]


def deltas(body, call):
    yield {"role": "assistant", "content": None if call else ""}
    if not call:
        yield from ({"content": piece} for piece in thirds(text_for(body)))
        return
    whole = tool_call(call)
    pieces = thirds(whole["function"]["arguments"])
    whole["function"]["arguments"] = ""
    yield {"tool_calls": [{"index": 0, **whole}]}
    for piece in pieces:
        yield {"tool_calls": [{"index": 0, "function": {"arguments": piece}}]}


def chunks(body, call):
    start = head(body, "chat.completion.chunk")
    for delta in deltas(body, call):
        yield {**start, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]}
    finish = "tool_calls" if call else "stop"
    yield {**start, "choices": [{"index": 0, "delta": {}, "finish_reason": finish}]}
    if (body.get("stream_options") or {}).get("include_usage"):
        yield {**start, "choices": [], "usage": USAGE}


def embeddings(body):
    texts = body["input"] if isinstance(body["input"], list) else [body["input"]]
    vector = VECTOR
    if body.get("encoding_format") == "base64":
        vector = base64.b64encode(struct.pack(f"<{len(VECTOR)}f", *VECTOR)).decode()
    data = [{"object": "embedding", "index": i, "embedding": vector} for i in range(len(texts))]
    return {"object": "list", "model": body["model"], "data": data,
            "usage": {"prompt_tokens": len(texts), "total_tokens": len(texts)}}


def start():
    """A running server on a free port; server_port tells which."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), AgentHandler)
    server.daemon_threads = True
    server.lock = threading.Lock()
    server.requests = []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server
