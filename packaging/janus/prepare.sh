#!/usr/bin/env bash
# Makes a configuration folder for Janus with fresh secrets, and beside it the file the hub reads them from (--janus-secrets).
# Usage: prepare.sh FOLDER ADDRESS [PORT] [RTP_PORTS]
#   ADDRESS    the address of this machine that browsers send their sound to
#   PORT       of the WebSocket for the hub, on loopback only (8188)
#   RTP_PORTS  UDP ports for sound, first-last (20000-20999): open these, and nothing else
# A folder that is there keeps its secrets; run it again to take over a new version's settings.
set -euo pipefail
umask 077
[ $# -ge 2 ] || { sed -n '2,7p' "$0" | sed 's/^# \?//' >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
folder=$1 address=$2 port=${3:-8188} ports=${4:-20000-20999}
library=$(dirname "$(dirname "$(dpkg -L janus | grep '/libjanus_audiobridge\.so' | head -1)")")
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
# What the hub uses, and nothing else, can be loaded.
for part in plugins/libjanus_audiobridge plugins/libjanus_videoroom transports/libjanus_websockets; do
  mkdir -p "$folder/$(dirname "$part")"
  ln -sf "$(ls "$library/$part".so* | head -1)" "$folder/$part.so"
done
secrets=$folder/hub.secrets
fresh() { head -c 32 /dev/urandom | base64 | tr -d '=+/\n'; }
[ -s "$secrets" ] || printf 'token_auth_secret = %s\nadmin_key = %s\n' "$(fresh)" "$(fresh)" > "$secrets"
value() { sed -n "s/^$1 = //p" "$secrets"; }
for file in "$here"/*.jcfg; do
  sed -e "s|@FOLDER@|$folder|" -e "s|@ADDRESS@|$address|" -e "s|@PORT@|$port|" -e "s|@RTP_PORTS@|$ports|" \
    -e "s|@TOKEN_AUTH_SECRET@|$(value token_auth_secret)|" -e "s|@ADMIN_KEY@|$(value admin_key)|" "$file" > "$folder/$(basename "$file")"
done
echo "janus -F $folder -C $folder/janus.jcfg"
