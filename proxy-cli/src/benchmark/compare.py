#!/usr/bin/env python3
"""Measures this proxy beside nginx, Varnish, HAProxy and bare Jetty on this machine, and prints tables for the guide.

  compare.py --java JAVA --jar JAR --classpath TEST-CLASSPATH [--rounds N] [--seconds S] [--only WORD]

Every round asks each server in turn, each scenario on its own; the tables have the medians of the rounds. The load comes
from wrk and h2load over 64 connections on the same machine. CPU is user and system time of all processes of a server,
divided by the requests that it answered. Differences under 20 % are noise on a machine that others use too.
"""

import argparse
import os
import re
import shutil
import statistics
import subprocess
import tempfile
import time

import peers

HERE = os.path.dirname(os.path.abspath(__file__))
BROWSER = ["Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
           "Accept-Encoding: gzip, deflate, br, zstd", "Accept-Language: en-GB,en;q=0.9,de;q=0.8", "Connection: keep-alive",
           "Cookie: theme=dark; session=0123456789abcdef", "Referer: http://localhost/", "Sec-Fetch-Dest: document",
           "Sec-Fetch-Mode: navigate", "Sec-Fetch-Site: same-origin", "Upgrade-Insecure-Requests: 1",
           "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36"]
CACHES = ["nginx", "varnish", "haproxy", "ours"]


class Scenario:
    def __init__(self, name, path, servers, headers=(), script=None, scheme="http", connections=64, who=None, paths=None):
        self.name, self.path, self.servers = name, path, servers
        self.headers, self.script, self.scheme, self.connections = headers, script, scheme, connections
        self.who = who or {}
        """Who stands in for a server of the table."""
        self.paths = paths or {}
        """Other paths, by server."""
        self.patience = 2 if scheme != "http" or who else 1
        """How many times as long as others a JVM takes to become fast at it, which does not do the like before."""

    def head(self):
        return self.name.startswith("HEAD")


def scenarios():
    hits = [Scenario(f"hit, {size}", f"/{size}.txt", CACHES + ["jetty"]) for size in peers.SIZES]
    some = ["nginx", "ours"]
    return hits + [
        Scenario("304, 1k", "/1k.txt", some, ["If-None-Match: {etag}"]),
        Scenario("206 of 1 KB in 100k", "/100k.txt", some, ["Range: bytes=1024-2047"]),
        Scenario("HEAD, 1k", "/1k.txt", some),
        Scenario("hit, browser's headers", "/1k.txt", some, BROWSER),
        Scenario("hit, Vary", "/vary/1k.txt", some, ["Accept-Encoding: gzip, deflate, br, zstd"]),
        Scenario("hit, query", "/1k.txt?page=2&sort=name&order=desc", some),
        Scenario("hit, 50 rules", "/1k.txt", some, who={"ours": "ours with rules"}),
        Scenario("hit, metrics", "/1k.txt", some, who={"ours": "ours with admin"}),
        Scenario("hit, 10,000 connections", "/1k.txt", some, connections=10_000),
        Scenario("hit, TLS", "/1k.txt", some, scheme="https", who={"ours": "ours with TLS"}),
        Scenario("hit, HTTP/2 (h2c, 8 streams)", "/1k.txt", some, scheme="h2c"),
        Scenario("hit of the filter beside a servlet, 1k", "/1k.txt", ["jetty", "ours"], who={"jetty": "servlet", "ours": "filter"}),
        Scenario("hit of the filter beside a servlet, 10k", "/10k.txt", ["jetty", "ours"], who={"jetty": "servlet", "ours": "filter"}),
        Scenario("miss, no-store", "/nostore/1k.txt", CACHES + ["jetty"]),
        Scenario("miss, no-store, 10k", "/nostore/10k.txt", CACHES + ["jetty"]),
        Scenario("miss, no-store, 1m", "/nostore/1m.txt", CACHES + ["jetty"]),
        Scenario("miss, no-store, HTTP/2 (h2c, 8 streams)", "/nostore/1k.txt", some, scheme="h2c"),
        Scenario("miss, no-store, 64m", "/nostore/64m.txt", ["nginx", "haproxy", "ours"], connections=8),
        Scenario("miss, no-store, https origin", "/nostore/1k.txt", some, who={"ours": "ours to TLS"}, paths={"nginx": "/nostore/tls/1k.txt"}),
        Scenario("POST of 1k", "/post", ["nginx", "haproxy", "ours"], script="post.lua"),
        Scenario("304 from the origin", "/validate/1k.txt", ["ours"]),
        Scenario("miss, stored", "/1k.txt", CACHES + ["jetty"], script="unique.lua"),
        Scenario("miss, stored, 10k", "/10k.txt", CACHES + ["jetty"], script="unique.lua"),
        Scenario("miss, stored, 1m", "/1m.txt", ["nginx", "haproxy", "ours"], script="unique.lua"),
        Scenario("mix of 90 % hits, 1 to 100 KB", "/", CACHES, script="mix.lua"),
    ]


def load(server, scenario, seconds, etag):
    """Requests per second and CPU microseconds per request."""
    scheme = "https" if scenario.scheme == "https" else "http"
    offset = {"http": 0, "https": peers.TLS, "h2c": peers.H2C}[scenario.scheme] if server.name == "nginx" else 0
    url = f"{scheme}://127.0.0.1:{server.port + offset}{scenario.paths.get(server.name, scenario.path)}"
    headers = [part for header in scenario.headers for part in ("-H", header.format(etag=etag))]
    if scenario.scheme == "h2c":
        command = ["h2load", "-c64", "-m8", "-t2", f"-D{seconds}", url]
    elif scenario.head():  # wrk and h2load wait for a body
        command = ["ab", "-q", "-k", "-i", "-c64", f"-t{seconds}", "-n100000000", url]
    else:
        script = ["-s", f"{HERE}/{scenario.script}"] if scenario.script else []
        command = ["wrk", "-t2", f"-c{scenario.connections}", f"-d{seconds}s", *script, *headers, url]
    before, begun = server.cpu(), time.monotonic()
    out = subprocess.run(command, capture_output=True, text=True).stdout
    elapsed, cpu = time.monotonic() - begun, server.cpu() - before
    answered = re.search(r"requests: \d+ total, .* (\d+) done|(\d+) requests in|Complete requests: +(\d+)", out)
    requests = int(next(filter(None, answered.groups())))
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)|Socket errors: .*|[1-9]\d* failed|Failed requests: +[1-9]\d*", out)
    if bad or not requests:
        print(f"  {scenario.name}, {server.name}: {bad[0] if bad else 'no answer'}", flush=True)
    return requests / elapsed, cpu / max(requests, 1) * 1e6


def table(results, names):
    print("| req/s (CPU µs per request) | " + " | ".join(names) + " | beside nginx | beside HAProxy | beside Jetty |")
    print("|---" * (len(names) + 4) + "|")
    for scenario, by in results.items():
        median = {n: tuple(statistics.median(run[i] for run in runs) for i in (0, 1)) for n, runs in by.items()}
        cells = [f"{median[n][0]:,.0f} ({median[n][1]:.1f})" if n in median else "" for n in names]
        ratios = [f"{median['ours'][0] / median[n][0]:.2f} × req/s, {median['ours'][1] / median[n][1]:.2f} × CPU" if median.get(n, (0,))[0] else ""
                  for n in ("nginx", "haproxy", "jetty")]
        print(f"| {scenario} | " + " | ".join(cells + ratios) + " |")


def starts(dir, given):
    """How each server is started."""
    jar = given.java, given.jar
    classes = given.java, given.classpath
    return {
        "nginx": lambda: peers.nginx(dir),
        "varnish": lambda: peers.varnish(dir),
        "haproxy": lambda: peers.haproxy(dir),
        "jetty": lambda: peers.jetty(dir, *classes),
        "ours": lambda: peers.ours(dir, *jar),
        "ours with admin": lambda: peers.ours_with_admin(dir, *jar),
        "ours with rules": lambda: peers.ours_with_rules(dir, *jar),
        "ours with TLS": lambda: peers.ours_with_tls(dir, *jar),
        "ours to TLS": lambda: peers.ours_to_tls(dir, *jar),
        "servlet": lambda: peers.servlet(dir, *classes),
        "filter": lambda: peers.filtered(dir, *classes),
    }


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--java", default="java")
    options.add_argument("--jar", required=True)
    options.add_argument("--classpath", required=True)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--seconds", type=int, default=4)
    options.add_argument("--warm", type=int, default=20)
    options.add_argument("--only", default="")
    given = options.parse_args()
    peers.check()
    dir = tempfile.mkdtemp(dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None)
    running = []
    try:
        peers.files(dir)
        running.append(peers.origin(dir))
        chosen = [s for s in scenarios() if given.only in s.name]
        needed = {s.who.get(name, name) for s in chosen for name in s.servers}
        for name, start in starts(dir, given).items():
            if name in needed:
                running.append(start())
        compare({server.name: server for server in running}, chosen, given)
    finally:
        for server in running:
            server.stop()
        shutil.rmtree(dir, ignore_errors=True)


def compare(servers, chosen, given):
    head = subprocess.run(["curl", "-sI", f"http://127.0.0.1:{peers.ORIGIN}/1k.txt"], capture_output=True, text=True).stdout
    etag = re.search(r"(?i)etag: (.*)", head)[1].strip()

    def at(name, scenario):
        return servers[scenario.who.get(name, name)]

    for scenario in chosen:
        for name in scenario.servers:
            if scenario.scheme == "http":  # a HEAD or a condition alone leaves nothing in the cache
                subprocess.run(["curl", "-s", "-o", os.devnull, f"http://127.0.0.1:{at(name, scenario).port}{scenario.path}"])
            load(at(name, scenario), scenario, scenario.patience * given.warm if name in ("ours", "jetty") else 1, etag)
    results = {scenario.name: {} for scenario in chosen}
    for _ in range(given.rounds):
        for scenario in chosen:
            for name in scenario.servers:
                results[scenario.name].setdefault(name, []).append(load(at(name, scenario), scenario, given.seconds, etag))
    print(f"\n{time.strftime('%Y-%m-%d')}, {os.cpu_count()} cores, medians of {given.rounds} rounds of {given.seconds} s\n")
    table(results, ["nginx", "varnish", "haproxy", "jetty", "ours"])
    print("\nresident memory, MB: " + ", ".join(f"{name} {server.rss():.0f}" for name, server in servers.items()))


main()
