#!/usr/bin/env bash
# Installs the Debian packages named on the command line that are missing; says what it does; sudo only if not root.
# RUNLEVEL=1: servers among them (Radicale, coturn, Janus) are for the tests, which start their own; none is started here.
set -euo pipefail
missing=()
for package in "$@"; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q '^install ok installed$' || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0
asRoot=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || { echo "These Debian packages are missing and need root to install: ${missing[*]}" >&2; exit 1; }
  asRoot=(sudo)
fi
echo "Installing Debian packages: ${missing[*]}"
"${asRoot[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -qq
"${asRoot[@]}" env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
