#!/bin/sh
# Makes the packages: package.sh JAVA_HOME JAR VERSION TARGET. Needs jlink, tar and, for the .deb, dpkg-deb.
set -eu
java_home=$1 jar=$2 version=$3 target=$4
dist=$(dirname "$(readlink -f "$0")")
name=caching-proxy-$version
rm -rf "$target"
mkdir -p "$target"

# The runtime: the modules of the jar, TLS with elliptic curves, and jcmd for diagnosis.
"$java_home/bin/jlink" --output "$target/runtime" --strip-debug --no-header-files --no-man-pages --add-modules \
  java.base,java.desktop,java.instrument,java.naming,java.net.http,java.security.jgss,java.sql,jdk.crypto.ec,jdk.jcmd,jdk.jfr,jdk.management,jdk.management.agent,jdk.unsupported,jdk.zipfs
"$target/runtime/bin/java" -Xshare:dump >/dev/null # its own classes, on which the archive of the launcher builds

# tar.gz: unpack it anywhere, and start bin/caching-proxy.
mkdir -p "$target/$name/bin" "$target/$name/lib"
cp "$dist/bin/caching-proxy" "$target/$name/bin/"
cp "$jar" "$target/$name/lib/caching-proxy.jar"
cp -r "$target/runtime" "$target/$name/runtime"
cp -r "$dist/caching-proxy.yaml" "$dist/systemd" "$dist/grafana" "$target/$name/"
cp "$dist/../../../LICENSE" "$target/$name/"
tar -C "$target" --owner=0 --group=0 -czf "$target/$name-linux-$(uname -m).tar.gz" "$name"

command -v dpkg-deb >/dev/null || exit 0
arch=$(dpkg --print-architecture)
root=$target/deb
mkdir -p "$root/DEBIAN" "$root/usr/bin" "$root/usr/lib" "$root/etc/caching-proxy" "$root/etc/default" \
  "$root/lib/systemd/system" "$root/usr/share/doc/caching-proxy" "$root/usr/share/bash-completion/completions"
cp -r "$target/$name" "$root/usr/lib/caching-proxy"
mv "$root/usr/lib/caching-proxy/grafana" "$root/usr/share/doc/caching-proxy/"
rm -r "$root/usr/lib/caching-proxy/systemd" "$root/usr/lib/caching-proxy/caching-proxy.yaml"
mv "$root/usr/lib/caching-proxy/LICENSE" "$root/usr/share/doc/caching-proxy/copyright"
ln -s ../lib/caching-proxy/bin/caching-proxy "$root/usr/bin/caching-proxy"
cp "$dist/caching-proxy.yaml" "$root/etc/caching-proxy/"
"$target/runtime/bin/java" -jar "$jar" completion > "$root/usr/share/bash-completion/completions/caching-proxy"
echo '# Options of the JVM: JAVA_OPTS=-Xmx2g' > "$root/etc/default/caching-proxy"
cp "$dist/systemd/caching-proxy.service" "$root/lib/systemd/system/"
cp "$dist"/debian/p* "$root/DEBIAN/"
printf '%s\n' /etc/caching-proxy/caching-proxy.yaml /etc/default/caching-proxy > "$root/DEBIAN/conffiles"
cat > "$root/DEBIAN/control" <<CONTROL
Package: caching-proxy
Version: $(echo "$version" | sed 's/-SNAPSHOT/~snapshot/')
Architecture: $arch
Maintainer: The caching-proxy authors <caching-proxy@localhost>
Section: web
Priority: optional
Depends: libc6, zlib1g, passwd
Recommends: systemd
Installed-Size: $(du -sk "$root" | cut -f1)
Description: HTTP cache and reverse proxy
 A shared HTTP cache (RFC 9111) in front of web servers, with rules per site and
 URL, request coalescing, load balancing, and storage in memory or in Redis.
CONTROL
dpkg-deb --root-owner-group -Zgzip -b "$root" "$target" >/dev/null
