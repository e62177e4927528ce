#!/usr/bin/env python3
"""llama.cpp's server (PyPI xllamacpp) with one model on a free port; prints its address.

usage: serve.py MODEL.gguf NAME [CONTEXT [IDLE_SECONDS [PORT]]]   (unloads itself after that long; 0:
never)
"""
import signal
import sys

import xllamacpp


def main():
    model, name, context, idle, port = (*sys.argv[1:], *["2048", "0", "0"][len(sys.argv) - 3:])
    params = xllamacpp.CommonParams()
    params.model.path = model
    params.model_alias = {name}
    params.hostnames = ["127.0.0.1"]
    params.port = int(port)
    params.n_ctx = int(context)
    params.n_parallel = 1
    params.endpoint_metrics = True
    params.endpoint_slots = True
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
    if int(idle):
        params.sleep_idle_seconds = int(idle)
    server = xllamacpp.Server(params)
    print(server.listening_address, flush=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    signal.pause()


if __name__ == "__main__":
    main()
