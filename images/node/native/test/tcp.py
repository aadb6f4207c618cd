"""One TCP connection of 64 MiB: `tcp.py receive PORT` or `tcp.py send PORT ADDRESS`; each prints the SHA-256 it saw."""

import hashlib
import random
import socket
import sys


def receive(port):
    with socket.create_server(("", port)) as server:
        server.settimeout(20)
        print("listening", flush=True)
        connection, _ = server.accept()
        seen = hashlib.sha256()
        with connection:
            connection.settimeout(20)
            while data := connection.recv(1 << 20):
                seen.update(data)
    print(seen.hexdigest())


def send(port, address):
    numbers = random.Random(1)
    block = numbers.randbytes(1 << 20)
    seen = hashlib.sha256()
    with socket.create_connection((address, port), 20) as connection:
        left = 64 << 20
        while left:
            # Odd sizes, so that segments begin and end anywhere.
            part = block[: min(left, numbers.randrange(1, 1 << 18))]
            connection.sendall(part)
            seen.update(part)
            left -= len(part)
    print(seen.hexdigest())


if sys.argv[1] == "receive":
    receive(int(sys.argv[2]))
else:
    send(int(sys.argv[2]), sys.argv[3])
