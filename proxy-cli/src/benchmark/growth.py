#!/usr/bin/env python3
"""Says whether hits become dearer as the cache fills, and whether small hits wait for large ones and slow readers.

  growth.py --java JAVA --jar JAR [--rounds N] [--only growth|beside]

Two instances, one that has stored a thousand responses of 1 KB and one that has a million, are asked in turns for any of
theirs. Then one instance is asked for 1 KB by 8 connections, alone, and beside clients that read slowly and clients that load
files of 64 MiB, which are not stored. It takes about 4 GB of memory.
"""

import argparse
import os
import re
import shutil
import statistics
import subprocess
import tempfile

import peers

HERE = os.path.dirname(os.path.abspath(__file__))
FEW, MANY = 1_000, 1_000_000
LARGE = "64m"


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


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--java", default="java")
    options.add_argument("--jar", required=True)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--only", choices=["growth", "beside"])
    given = options.parse_args()
    peers.check()
    dir = tempfile.mkdtemp(dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None)
    running = []
    try:
        peers.files(dir)
        running.append(peers.origin(dir))
        for number, memory in enumerate(["256MiB", "3GiB"]):
            running.append(peers.ours_with(dir, given.java, given.jar, number, memory))
        if given.only != "beside":
            growth(running[1], running[2], given.rounds)
        if given.only != "growth":
            running.append(peers.nginx(dir))
            for server in [running[1], running[3]]:
                print(server.name, end=": ")
                beside(server, given.rounds)
    finally:
        for server in set(running):
            server.stop()
        shutil.rmtree(dir, ignore_errors=True)


main()
