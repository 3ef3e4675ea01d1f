"""The origin and the caches in front of it, as processes on the loopback interface: nginx, Varnish, HAProxy, bare Jetty, this proxy."""

import os
import shutil
import signal
import socket
import subprocess
import time

ORIGIN = 18000
# Where nginx speaks TLS and HTTP/2, counted from its port; so does the origin.
TLS, H2C = 100, 200
ADMIN = ORIGIN + 20
NEEDED = {"nginx": "nginx-light", "varnishd": "varnish", "haproxy": "haproxy", "wrk": "wrk",
          "h2load": "nghttp2-client", "ab": "apache2-utils", "openssl": "openssl"}
SIZES = {"1k": 1 << 10, "10k": 10 << 10, "100k": 100 << 10, "1m": 1 << 20}
LARGE = {"64m": 64 << 20}

NGINX = """
error_log {dir}/{name}.err crit; pid {dir}/{name}.pid; worker_processes {workers}; daemon off;
events {{ worker_connections 16384; multi_accept on; }}
http {{
  access_log off; tcp_nodelay on; keepalive_requests 1000000000; keepalive_timeout 600s; types {{ text/plain txt; }}
  open_file_cache max=10000 inactive=1h; open_file_cache_valid 1h; output_buffers 2 512k;
  client_body_temp_path {dir}/t1; proxy_temp_path {dir}/t2; fastcgi_temp_path {dir}/t3; uwsgi_temp_path {dir}/t4; scgi_temp_path {dir}/t5;
  {servers}
}}
"""
ORIGIN_SERVERS = """
  ssl_certificate {dir}/cert.pem; ssl_certificate_key {dir}/key.pem; ssl_protocols TLSv1.3;
  server {{ listen 127.0.0.1:{port} backlog=4096; listen 127.0.0.1:{tls} ssl backlog=4096; root {dir}/www;
    location / {{ add_header Cache-Control "public, max-age=3600"; }}
    location /nostore/ {{ alias {dir}/www/; add_header Cache-Control no-store; }}
    location /validate/ {{ alias {dir}/www/; add_header Cache-Control no-cache; }}
    location /post {{ add_header Cache-Control no-store; return 200 "{kilobyte}"; }}
    location /vary/ {{ alias {dir}/www/; add_header Cache-Control "public, max-age=3600"; add_header Vary Accept-Encoding; }} }}
"""
CACHE_SERVERS = """
  proxy_cache_path {dir}/cache levels=1:2 keys_zone=c:128m inactive=1h max_size=4g use_temp_path=off;
  upstream o {{ server 127.0.0.1:{origin}; keepalive 64; keepalive_requests 1000000000; }}
  upstream o_tls {{ server 127.0.0.1:{origin_tls}; keepalive 64; keepalive_requests 1000000000; }}
  ssl_certificate {dir}/cert.pem; ssl_certificate_key {dir}/key.pem; ssl_protocols TLSv1.3;
  server {{
    listen 127.0.0.1:{port} backlog=4096 reuseport;
    listen 127.0.0.1:{tls} ssl backlog=4096 reuseport;
    listen 127.0.0.1:{h2c} http2 backlog=4096 reuseport; http2_max_requests 1000000000;
    proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $host;
    proxy_buffers 16 64k; proxy_buffer_size 16k; proxy_busy_buffers_size 128k;
    location / {{ proxy_pass http://o; proxy_cache c; proxy_cache_lock on; add_header X-Cache $upstream_cache_status; }}
    # with a lock, nginx forwards what it cannot store one after the other
    location /nostore/ {{ proxy_pass http://o; proxy_cache c; add_header X-Cache $upstream_cache_status; }}
    location /nostore/tls/ {{ proxy_pass https://o_tls/nostore/; proxy_ssl_protocols TLSv1.3; proxy_cache c; add_header X-Cache $upstream_cache_status; }}
    location /post {{ proxy_pass http://o; add_header X-Cache $upstream_cache_status; }} }}
"""
VARNISH = """
vcl 4.1;
backend default {{ .host = "127.0.0.1"; .port = "{origin}"; }}
sub vcl_deliver {{ set resp.http.X-Cache = "MISS"; if (obj.hits > 0) {{ set resp.http.X-Cache = "HIT"; }} }}
"""
HAPROXY = """
global
  nbthread 2
  maxconn 8192
  tune.bufsize 32768
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  http-reuse always
cache c
  total-max-size 1024
  max-object-size 4000000
  max-age 3600
  process-vary on
frontend f
  bind 127.0.0.1:{port}
  http-request cache-use c
  http-response cache-store c
  default_backend b
backend b
  server o 127.0.0.1:{origin}
"""


class Server:
    """A running process, and where it listens."""

    def __init__(self, name, command, port, log):
        self.name, self.port = name, port
        if self._listens(port):
            raise SystemExit(f"{name}: another process listens on port {port}, and would answer in its place")
        with open(log, "wb") as out:
            self.process = subprocess.Popen(command, stdout=out, stderr=out, start_new_session=True)
        try:
            self._await(port, log)
        except SystemExit:
            self.stop()
            raise

    @staticmethod
    def _listens(port):
        with socket.socket() as s:
            return s.connect_ex(("127.0.0.1", port)) == 0

    def _await(self, port, log):
        for _ in range(300):
            if self.process.poll() is not None:
                raise SystemExit(f"{self.name} ended at its start: {open(log).read().strip()[-400:]}")
            if self._listens(port):
                return
            time.sleep(0.1)
        raise SystemExit(f"{self.name} does not listen on {port}")

    def pids(self):
        """This process and all that it started."""
        children = {}
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                stat = open(f"/proc/{pid}/stat").read()
            except OSError:
                continue
            children.setdefault(int(stat[stat.rindex(")") + 2:].split()[1]), []).append(int(pid))
        found, todo = [], [self.process.pid]
        while todo:
            pid = todo.pop()
            found.append(pid)
            todo += children.get(pid, [])
        return found

    def cpu(self):
        """Seconds of processor time so far."""
        ticks = 0
        for pid in self.pids():
            try:
                stat = open(f"/proc/{pid}/stat").read()
            except OSError:
                continue
            fields = stat[stat.rindex(")") + 2:].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def rss(self):
        """Resident memory in MB."""
        return sum(int(line.split()[1]) for pid in self.pids() for line in open(f"/proc/{pid}/status")
                   if line.startswith("VmRSS")) / 1024

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()


def check():
    """Ends with a sentence if something is not installed."""
    os.environ["PATH"] += ":/usr/sbin"
    missing = [package for command, package in NEEDED.items() if not shutil.which(command)]
    if missing:
        raise SystemExit("not installed: " + " ".join(missing))


def _write(path, text):
    with open(path, "w") as file:
        file.write(text)
    return path


def files(dir):
    """What the origin serves, and a certificate."""
    for name in ["www", "cache", "varnish"]:
        os.makedirs(f"{dir}/{name}", mode=0o777)
    os.chmod(dir, 0o755)
    os.chmod(f"{dir}/cache", 0o777)
    for name, size in {**SIZES, **LARGE}.items():
        text = os.urandom(size).hex()[:size]
        _write(f"{dir}/www/{name}.txt", text)
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-days", "2", "-subj", "/CN=localhost", "-keyout", f"{dir}/key.pem", "-out", f"{dir}/cert.pem"],
                   check=True, capture_output=True)


def _nginx(dir, name, port, workers, servers):
    config = NGINX.format(dir=dir, name=name, workers=workers,
                          servers=servers.format(dir=dir, port=port, tls=port + TLS, h2c=port + H2C, origin=ORIGIN,
                                                 origin_tls=ORIGIN + TLS, kilobyte="x" * 1024))
    path = _write(f"{dir}/{name}.conf", config)
    return Server(name, ["nginx", "-c", path, "-e", f"{dir}/{name}.err"], port, f"{dir}/{name}.log")


def origin(dir):
    return _nginx(dir, "origin", ORIGIN, 1, ORIGIN_SERVERS)


def nginx(dir):
    return _nginx(dir, "nginx", ORIGIN + 1, 2, CACHE_SERVERS)


def varnish(dir):
    config = _write(f"{dir}/varnish.vcl", VARNISH.format(origin=ORIGIN))
    command = ["varnishd", "-F", "-a", f"127.0.0.1:{ORIGIN + 2}", "-f", config, "-s", "malloc,2g", "-n", f"{dir}/varnish",
               "-j", "none", "-T", "none", "-p", "thread_pools=2", "-p", "thread_pool_min=100", "-p", "timeout_idle=60"]
    return Server("varnish", command, ORIGIN + 2, f"{dir}/varnish.log")


def haproxy(dir):
    config = _write(f"{dir}/haproxy.cfg", HAPROXY.format(port=ORIGIN + 3, origin=ORIGIN))
    return Server("haproxy", ["haproxy", "-db", "-f", config], ORIGIN + 3, f"{dir}/haproxy.log")


def jetty(dir, java, classpath):
    command = [java, "-cp", classpath, "io.cachingproxy.benchmark.BareJetty", str(ORIGIN + 4), f"http://127.0.0.1:{ORIGIN}"]
    return Server("jetty", command, ORIGIN + 4, f"{dir}/jetty.log")


def _in_a_servlet_context(name, dir, java, classpath, port, *filter):
    command = [java, "-cp", classpath, "io.cachingproxy.benchmark.BareServlet", str(port), *filter]
    return Server(name, command, port, f"{dir}/{name}.log")


def servlet(dir, java, classpath):
    return _in_a_servlet_context("servlet", dir, java, classpath, ORIGIN + 7)


def filtered(dir, java, classpath):
    return _in_a_servlet_context("filter", dir, java, classpath, ORIGIN + 8, "filter")


def _origin():
    return "--origin", f"http://127.0.0.1:{ORIGIN}"


def _ours(name, dir, java, jar, port, *options):
    return _started(name, dir, java, jar, port, "--no-admin", *_origin(), *options)


def _started(name, dir, java, jar, port, *options):
    command = [java, "-jar", jar, "--port", str(port), *options]
    return Server(name, command, port, f"{dir}/{port}.log")


def ours(dir, java, jar):
    return _ours("ours", dir, java, jar, ORIGIN + 5)


def ours_with(dir, java, jar, number, memory):
    """One of several, that may keep so much."""
    return _ours(f"ours with {memory}", dir, java, jar, ORIGIN + 10 + number, "--memory", memory, "--default-ttl", "1h")


def ours_with_admin(dir, java, jar):
    """With the admin listener, and thereby with metrics."""
    return _started("ours with admin", dir, java, jar, ORIGIN + 9, "--admin-port", str(ADMIN), *_origin())


def ours_with_rules(dir, java, jar):
    """With fifty rules, of which three match."""
    kinds = ["{{name: r{0}, match: {{path: /products/category-{0}/**}}, ttl: {0}m}}",
             "{{name: r{0}, match: {{path: /shop-{0}/**, cookie: {{session: '*'}}}}, bypass: true}}",
             "{{name: r{0}, match: {{path: '/**.{{css,js,woff{0}}}'}}, ttl: {0}h}}"]
    rules = [kinds[i % len(kinds)].format(i) for i in range(47)]
    rules += ["{name: texts, match: {path: '/**.txt'}, ttl: 1h}", "{name: tracking, key: {query: {drop: [utm_*]}}}",
              "{name: browsers, match: {method: GET}, browser-ttl: 1m}"]
    config = _write(f"{dir}/rules.yaml", "rules:\n" + "".join(f"  - {rule}\n" for rule in rules))
    return _ours("ours with rules", dir, java, jar, ORIGIN + 11, "--config", config)


def ours_to_tls(dir, java, jar):
    """In front of the origin's TLS port."""
    config = _write(f"{dir}/tls.yaml", f"origins: {{default: {{servers: ['https://localhost:{ORIGIN + TLS}'], tls: {{ca: {dir}/cert.pem}}}}}}\n"
                                       "sites: [{hosts: ['*'], origin: default}]\n")
    return _started("ours to TLS", dir, java, jar, ORIGIN + 12, "--no-admin", "--config", config)


def ours_with_tls(dir, java, jar):
    return _ours("ours with TLS", dir, java, jar, ORIGIN + 6, "--tls-cert", f"{dir}/cert.pem", "--tls-key", f"{dir}/key.pem")
