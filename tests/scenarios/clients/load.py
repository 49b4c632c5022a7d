"""REQUESTS from THREADS with IDLE connections open; prints counts and times as JSON.

With a thread for each request all of them ask at the same moment.
"""

import collections
import json
import os
import socket
import sys
import threading
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlparse

url = os.environ["AWS_CONTAINER_CREDENTIALS_FULL_URI"]
headers = {"Authorization": os.environ["AWS_CONTAINER_AUTHORIZATION_TOKEN"]}
requests, threads, idle = (int(argument) for argument in sys.argv[1:4])
address = (urlparse(url).hostname, urlparse(url).port)
together = threading.Barrier(threads) if threads == requests else None
connections = [socket.create_connection(address) for _ in range(idle)]


def ask(_):
    if together:
        together.wait()
    start = time.monotonic()
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as answer:
            key = json.loads(answer.read())["AccessKeyId"]
            return answer.status, key, time.monotonic() - start
    except urllib.error.URLError as error:
        return getattr(error, "code", "torn"), None, time.monotonic() - start


with ThreadPoolExecutor(threads) as pool:
    results = list(pool.map(ask, range(requests)))
times = sorted(seconds * 1000 for _, _, seconds in results)
print(json.dumps({
    "statuses": collections.Counter(str(status) for status, _, _ in results),
    "keys": sorted({key for _, key, _ in results if key}),
    "milliseconds": {"p50": times[len(times) // 2], "p99": times[len(times) * 99 // 100 - 1], "max": times[-1]},
}))
