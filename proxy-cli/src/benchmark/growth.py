#!/usr/bin/env python3
"""Says whether hits become dearer as the cache fills, and whether they wait for other clients.

  growth.py --java JAVA --jar JAR [--rounds N] [--only growth|beside|idle|page]

growth: two instances, one that has stored a thousand responses of 1 KB and one that has a million, are asked in turns for any of
theirs; it takes about 4 GB of memory. beside: 8 connections ask for 1 KB, alone, and beside clients that read slowly and clients
that load files of 64 MiB, which are not stored. idle: 64 connections ask for 1 KB, alone, and beside 10,000 connections of which
half are idle and half send a request slowly. page: 64 connections ask for 1 KB while the dashboard is open in Chromium, and
while it is not.
"""

import argparse
import os
import re
import resource
import select
import shutil
import socket
import statistics
import subprocess
import tempfile
import threading
import time

import peers

HERE = os.path.dirname(os.path.abspath(__file__))
FEW, MANY = 1_000, 1_000_000
LARGE = "64m"
OTHERS = 10_000


def wrk(server, seconds, *more, path="/1k.txt", connections=64):
    """Requests, and the 99th percentile of their time in milliseconds."""
    url = f"http://127.0.0.1:{server.port}{path}"
    out = subprocess.run(["wrk", "-t2", f"-c{connections}", f"-d{seconds}s", "--latency", *more[:2], url, *more[2:]],
                         capture_output=True, text=True).stdout
    bad = re.search(r"Non-2xx.*|Socket errors.*", out)
    if bad:
        print(f"  {server.name}: {bad[0]}", flush=True)
    number, unit = re.search(r"99%\s+([\d.]+)(\w+)", out).groups()
    return int(re.search(r"(\d+) requests in", out)[1]), float(number) * {"us": 1e-3, "ms": 1, "s": 1e3}[unit]


def any_of(server, count, seconds):
    before = server.cpu()
    requests, _ = wrk(server, seconds, "-s", f"{HERE}/known.lua", "--", str(count))
    return requests / seconds, (server.cpu() - before) / requests * 1e6


def growth(small, large, rounds):
    for server, count in [(small, FEW), (large, MANY)]:
        asked = 0
        while asked < count:  # from the beginning each time: what is stored is quickly passed over
            asked = wrk(server, min(120, 5 + count // 8_000), "-s", f"{HERE}/known.lua", "--", str(count), "fill")[0]
    for server, count in [(small, FEW), (large, MANY)]:
        any_of(server, count, 10)
    runs = [[any_of(small, FEW, 4), any_of(large, MANY, 4)] for _ in range(rounds)]
    few, many = ([statistics.median(run[i][j] for run in runs) for j in (0, 1)] for i in (0, 1))
    print(f"hits among {FEW:,}: {few[0]:,.0f} req/s ({few[1]:.1f} µs); among {MANY:,}: {many[0]:,.0f} ({many[1]:.1f}); "
          f"{many[0] / few[0]:.2f} × req/s; resident {small.rss():.0f} and {large.rss():.0f} MB", flush=True)


def beside(server, rounds):
    url = f"http://127.0.0.1:{server.port}/nostore/{LARGE}.txt"
    wrk(server, 10, connections=8)
    alone, mixed, moved = [], [], 0
    for _ in range(rounds):
        alone.append(wrk(server, 4, connections=8)[1])
        others = [subprocess.Popen(["curl", "-s", "--limit-rate", "64k", "-m", "6", "-o", "/dev/null", url]) for _ in range(32)]
        others += [subprocess.Popen(["sh", "-c", f"while :; do curl -s -o /dev/null -w '%{{size_download}}\\n' {url}; done"],
                                    stdout=subprocess.PIPE, start_new_session=True) for _ in range(4)]
        mixed.append(wrk(server, 4, connections=8)[1])
        for other in others:
            if other.stdout:
                os.killpg(other.pid, 15)
                moved += sum(int(line) for line in other.stdout.read().split() if line.isdigit())
            else:
                other.terminate()
            other.wait()
    print(f"p99 of hits alone {statistics.median(alone):.2f} ms, beside 32 slow readers and 4 loaders of 64 MiB "
          f"{statistics.median(mixed):.2f} ms; {moved / rounds / 4 / 2**20:,.0f} MiB/s of those", flush=True)


class Others:
    """Ten thousand connections: half idle after one request, half in the middle of a request head, of which a byte is sent every three seconds."""

    def __init__(self, port):
        self.sockets = []
        for number in range(OTHERS):
            client = socket.create_connection(("127.0.0.1", port))
            client.sendall(b"GET /1k.txt HTTP/1.1\r\nHost: a\r\n" + (b"X-Slow: " if number % 2 else b"\r\n"))
            self.sockets.append(client)
        for client in self.sockets[::2]:
            client.recv(65536)
        self.ended = threading.Event()
        self.trickle = threading.Thread(target=self._trickle)
        self.trickle.start()

    def _trickle(self):
        slow = self.sockets[1::2]
        while True:
            for number in range(0, len(slow), 100):
                for client in slow[number:number + 100]:
                    try:
                        client.send(b"x")
                    except OSError:
                        pass  # counted at the end
                if self.ended.wait(3 * 100 / len(slow)):
                    return

    def close(self):
        """How many were still open."""
        self.ended.set()
        self.trickle.join()
        poll = select.poll()
        for client in self.sockets:
            poll.register(client, select.POLLIN)
        closed = {descriptor for descriptor, _ in poll.poll(0)}
        for client in self.sockets:
            client.close()
        return OTHERS - len(closed)


def throughput(server, seconds):
    before = server.cpu()
    requests, _ = wrk(server, seconds)
    return requests / seconds, (server.cpu() - before) / requests * 1e6


def idle(server, rounds):
    resource.setrlimit(resource.RLIMIT_NOFILE, (OTHERS + 1_000, max(OTHERS + 1_000, resource.getrlimit(resource.RLIMIT_NOFILE)[1])))
    throughput(server, 15)
    alone, beside, opened = [], [], []
    for _ in range(rounds):
        alone.append(throughput(server, 4))
        others = Others(server.port)
        time.sleep(5)  # all are open
        beside.append(throughput(server, 4))
        opened.append(others.close())
        time.sleep(1)  # the connections end
    ratio("alone", alone, f"beside {OTHERS:,} idle or slow connections, {min(opened):,} of them open at the end,", beside)


def page(server, rounds, dir):
    throughput(server, 15)
    closed, opened = [], []
    for _ in range(rounds):
        closed.append(throughput(server, 4))
        browser = subprocess.Popen(["chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", f"--user-data-dir={dir}/chromium",
                                    "--remote-debugging-port=0", f"http://127.0.0.1:{peers.ADMIN}/"],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        time.sleep(8)  # it loads, and becomes quiet
        opened.append(throughput(server, 4))
        os.killpg(browser.pid, 15)
        browser.wait()
        time.sleep(1)
    ratio("dashboard closed", closed, "open", opened)


def ratio(first, one, second, other):
    a, b = ([statistics.median(run[i] for run in runs) for i in (0, 1)] for runs in (one, other))
    print(f"hits {first} {a[0]:,.0f} req/s ({a[1]:.1f} µs), {second} {b[0]:,.0f} ({b[1]:.1f}): {b[0] / a[0]:.2f} × req/s, "
          f"{b[1] / a[1]:.2f} × CPU", flush=True)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--java", default="java")
    options.add_argument("--jar", required=True)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--only", choices=["growth", "beside", "idle", "page"])
    given = options.parse_args()
    peers.check()
    dir = tempfile.mkdtemp(dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None)
    running = []
    try:
        peers.files(dir)
        running.append(peers.origin(dir))
        chosen = [given.only] if given.only else ["growth", "beside", "idle", "page"]
        jar = given.java, given.jar

        def start(server):
            running.append(server)
            return server

        if "growth" in chosen:
            growth(*(start(peers.ours_with(dir, *jar, number, memory)) for number, memory in enumerate(["256MiB", "3GiB"])), given.rounds)
        if set(chosen) & {"beside", "idle"}:
            for server in [start(peers.ours(dir, *jar)), start(peers.nginx(dir))]:
                if "beside" in chosen:
                    print(server.name, end=": ")
                    beside(server, given.rounds)
                if "idle" in chosen:
                    print(server.name, end=": ")
                    idle(server, given.rounds)
        if "page" in chosen:
            page(start(peers.ours_with_admin(dir, *jar)), given.rounds, dir)
    finally:
        for server in running:
            server.stop()
        shutil.rmtree(dir, ignore_errors=True)


main()
