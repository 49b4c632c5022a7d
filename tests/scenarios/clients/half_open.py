"""Opens N connections that never finish their request, asks M times meanwhile; prints counts as JSON."""

import json
import socket
import sys
import urllib.request

half_open, requests = int(sys.argv[1]), int(sys.argv[2])
connections = []
for _ in range(half_open):
    connection = socket.create_connection(("169.254.169.254", 80), timeout=5)
    connection.sendall(b"GET /latest/meta-data/instance-id HTTP/1.1\r\n")
    connections.append(connection)

answered = 0
for _ in range(requests):
    with urllib.request.urlopen("http://169.254.169.254/latest/meta-data/instance-id", timeout=5) as answer:
        answered += answer.read() == b"aws-vault"


def is_open(connection):
    try:
        return connection.recv(1) != b""
    except ConnectionError:
        return False
    except TimeoutError:
        return True


print(json.dumps({"answered": answered, "open": sum(map(is_open, connections))}))
