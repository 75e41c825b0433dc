#!/bin/bash
# Becomes a fresh machine: Debian 12 as it was installed, with Node, the repository in /opt/jetbus, and this machine's way to
# the registries of packages. It runs in namespaces of its own, and everything that it writes is in memory, so that nothing
# is left of it when it is killed.
#
#     unshare --mount --net --pid --fork --kill-child --mount-proc machine.sh DEBIAN CHECKOUT NODE NPM USER_NPMRC GLOBAL_NPMRC
set -euo pipefail
debian=$1 checkout=$2 node=$3 npm=$4 user_npmrc=$5 global_npmrc=$6

mount -t tmpfs tmpfs /run
mkdir /run/{written,work,root}
cd /run/written
mkdir -p etc/apt/apt.conf.d etc/ssl/certs etc/systemd/system opt/jetbus root usr/local/{bin,etc,share}

# Where packages come from here, and how they are reached; whom to trust, Debian knows itself.
apt-get indextargets --format 'deb $(REPO_URI) $(RELEASE) $(COMPONENT)' | sort -u |
  grep -E ' bookworm(-updates|-security)? main$' > etc/apt/sources.list ||
  { echo "This machine's apt has no sources of Debian 12." >&2 && exit 1; }
apt-config dump | { grep -E '^Acquire::(https?|Check|Retries|ForceIPv|Proxy)' || true; } > etc/apt/apt.conf.d/90machine
if [ -e /etc/apt/auth.conf.d ]; then cp -a /etc/apt/auth.conf.d etc/apt; fi
cp /etc/ssl/certs/ca-certificates.crt etc/ssl/certs
cp -a /usr/local/share/ca-certificates usr/local/share
if [ -e "$user_npmrc" ]; then cp "$user_npmrc" root/.npmrc; fi
if [ -e "$global_npmrc" ]; then cp "$global_npmrc" usr/local/etc/npmrc; fi
ln -s ../lib/node_modules/npm/bin/npm-cli.js usr/local/bin/npm

echo tryton > etc/hostname
cat /etc/hosts - > etc/hosts <<< '127.0.1.1 tryton'
# slirp4netns answers for names there.
echo 'nameserver 10.0.2.3' > etc/resolv.conf
ln -s /dev/null etc/systemd/system/systemd-networkd-wait-online.service

# What a clone would have, with what is not committed yet.
git -C "$checkout" ls-files -co --exclude-standard -z |
  (cd "$checkout" && while read -rd '' file; do if [ -e "$file" ]; then printf '%s\0' "$file"; fi; done) |
  tar -C "$checkout" --create --null --files-from - --owner 0 --group 0 | tar --extract -C opt/jetbus

mount -t overlay overlay -o "lowerdir=$debian,upperdir=/run/written,workdir=/run/work" /run/root
exec systemd-nspawn --quiet --directory=/run/root --machine=tryton --register=no --keep-unit --console=read-only \
  --bind-ro="$node:/usr/local/bin/node" --bind-ro="$npm:/usr/local/lib/node_modules/npm" --boot -- --show-status=true
