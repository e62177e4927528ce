"""The proxies under test: how each is configured and started, with one worker or thread each."""

import os
import shutil


class Proxy:
    """`prepare` writes what the proxy reads into a folder and returns the command to start it."""

    ready_path = None  # to be answered with 200 before any load, where the proxy has such a page
    warm_up = 1  # seconds of load before the measured one
    start_limit = 30.0  # seconds until the first answer

    def headers(self, upstream_port):
        del upstream_port
        return ["Authorization: Bearer none"]

    def missing(self):
        """Null, or what is to be done so that the proxy can be started."""
        if shutil.which(self.name):
            return None
        return f"{self.name} is not installed: tests/bench/proxy/run.sh installs it"


class Nginx(Proxy):
    name = "nginx"

    def prepare(self, folder, port, upstream_port):
        user = "user root;" if os.geteuid() == 0 else ""
        write(folder, "nginx.conf", NGINX % {
            "user": user, "folder": folder, "port": port, "upstream": upstream_port})
        return ["nginx", "-p", folder, "-c", f"{folder}/nginx.conf", "-e", f"{folder}/error.log"]


class Haproxy(Proxy):
    name = "haproxy"

    def prepare(self, folder, port, upstream_port):
        write(folder, "haproxy.cfg", HAPROXY % {"port": port, "upstream": upstream_port})
        return ["haproxy", "-db", "-f", f"{folder}/haproxy.cfg"]


class Portkey(Proxy):
    name = "portkey"
    warm_up = 5  # JavaScript is compiled while it runs

    def __init__(self, modules):
        self.server = os.path.join(modules, "@portkey-ai/gateway/build/start-server.js")

    def headers(self, upstream_port):
        return super().headers(upstream_port) + [
            "x-portkey-provider: openai",
            f"x-portkey-custom-host: http://127.0.0.1:{upstream_port}/v1"]

    def missing(self):
        if os.path.exists(self.server) and shutil.which("node"):
            return None
        return "Portkey's gateway is not installed: tests/bench/proxy/run.sh installs it"

    def prepare(self, folder, port, upstream_port):
        del folder, upstream_port
        return ["node", self.server, "--headless", f"--port={port}"]


class Litellm(Proxy):
    name = "litellm"
    ready_path = "/health/liveliness"
    warm_up = 10
    start_limit = 120.0  # it imports for many seconds

    def __init__(self, environment):
        self.command = os.path.join(environment, "bin", "litellm")

    def missing(self):
        if os.access(self.command, os.X_OK):
            return None
        return "LiteLLM is not installed: tests/bench/proxy/run.sh installs it"

    def prepare(self, folder, port, upstream_port):
        write(folder, "litellm.yaml", LITELLM % {"upstream": upstream_port})
        return ["env", "LITELLM_LOCAL_MODEL_COST_MAP=True",
                "LITELLM_DANGEROUSLY_PERMIT_WEAK_OR_UNSET_MASTER_KEY=true",  # as all the others
                self.command, "--config", f"{folder}/litellm.yaml", "--host", "127.0.0.1", "--port", str(port),
                "--num_workers", "1", "--telemetry", "False"]


class Moerge(Proxy):
    name = "moerge"
    ready_path = "/ready"

    def __init__(self, binary):
        self.binary = os.path.abspath(binary)

    def missing(self):
        if os.access(self.binary, os.X_OK):
            return None
        return (f"there is no moerge at {self.binary}: build it with "
                "`cmake --preset release && cmake --build --preset release`, name another one with "
                "--moerge PATH, or leave it out with --only nginx,haproxy,portkey,litellm")

    def prepare(self, folder, port, upstream_port):
        experts = "\n".join(expert(*one) for one in EXPERTS)
        write(folder, "moerge.yaml", MOERGE % {
            "folder": folder, "port": port, "upstream": upstream_port, "experts": experts})
        return [self.binary, "serve", "--config", f"{folder}/moerge.yaml"]


def write(folder, name, text):
    with open(os.path.join(folder, name), "w") as file:
        file.write(text)


def expert(name, skills):
    declared = ", ".join(f"{skill}: {strength}" for skill, strength in skills.items())
    return f"  - {{name: {name}, backend: up, model: m, skills: {{{declared}}}}}"


NGINX = """
%(user)s
worker_processes 1;
daemon off;
pid %(folder)s/nginx.pid;
events { worker_connections 19000; }
http {
  access_log off;
  client_body_temp_path %(folder)s/body;
  proxy_temp_path %(folder)s/proxy;
  fastcgi_temp_path %(folder)s/fastcgi;
  uwsgi_temp_path %(folder)s/uwsgi;
  scgi_temp_path %(folder)s/scgi;
  client_body_buffer_size 128k;
  keepalive_requests 1000000000;
  keepalive_timeout 300s;
  upstream up {
    server 127.0.0.1:%(upstream)d;
    keepalive 4096;
    keepalive_requests 1000000000;
    keepalive_timeout 300s;
  }
  server {
    listen 127.0.0.1:%(port)d backlog=4096;
    location / {
      proxy_pass http://up;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_buffering off;
    }
  }
}
"""

HAPROXY = """
global
  nbthread 1
  maxconn 9000
defaults
  mode http
  option http-keep-alive
  option http-no-delay
  http-reuse always
  timeout connect 5s
  timeout client 300s
  timeout server 300s
  timeout http-keep-alive 300s
frontend in
  bind 127.0.0.1:%(port)d backlog 4096
  default_backend out
backend out
  server up 127.0.0.1:%(upstream)d pool-max-conn 4096
"""

LITELLM = """
model_list:
  - model_name: auto
    litellm_params: {model: openai/m, api_base: "http://127.0.0.1:%(upstream)d/v1", api_key: none}
"""

MOERGE = """
server: {listen: 127.0.0.1:%(port)d, threads: 1}
store: sqlite:%(folder)s/moerge.db
tools: off
backends:
  - {name: up, protocol: openai, base_url: http://127.0.0.1:%(upstream)d/v1, max_concurrency: 4096}
experts:
%(experts)s
policies:
  - {name: auto, classifier: lexical, experts: 1, aggregate: first}
"""

EXPERTS = [
    ("generalist", {"general": 0.6}),
    ("mathematician", {"algebra": 0.9, "general": 0.3}),
    ("programmer", {"python": 0.9, "general": 0.3}),
    ("physicist", {"physics": 0.9, "algebra": 0.6, "general": 0.3}),
    ("lawyer", {"law": 0.9, "general": 0.4}),
    ("historian", {"history": 0.9, "law": 0.4, "general": 0.4}),
    ("engineer", {"physics": 0.7, "python": 0.7, "general": 0.4}),
    ("scholar", {"history": 0.7, "physics": 0.5, "general": 0.5}),
    ("analyst", {"algebra": 0.7, "python": 0.6, "law": 0.5, "general": 0.4}),
    ("novice", {"general": 0.2}),
]
