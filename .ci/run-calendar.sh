#!/bin/bash
# Starts Radicale on 127.0.0.1:5232 with sample rooms, and the demo hub beside it. Both end together.
set -eu
folder=$(pwd)/.build/calendar
mkdir -p "$folder"
printf 'hub:sample\n' > "$folder/users"
cat > "$folder/config" <<CONFIG
[server]
hosts = 127.0.0.1:5232
[auth]
type = htpasswd
htpasswd_filename = $folder/users
htpasswd_encryption = plain
delay = 0
[rights]
type = owner_only
[storage]
filesystem_folder = $folder/collections
[web]
type = none
CONFIG
radicale --config "$folder/config" &
calendar=$!
trap 'kill $calendar 2>/dev/null || true' EXIT
for _ in $(seq 100); do
  curl -s -o "$folder/answer" http://127.0.0.1:5232/ && break
  kill -0 $calendar
  sleep 0.1
done
for file in bookings/*.ics; do
  room=$(basename "$file" .ics)
  place=http://127.0.0.1:5232/hub/$room
  # 409 where it exists: then it keeps what is in it.
  made=$(curl -s -o "$folder/answer" -w '%{http_code}' -u hub:sample -X MKCALENDAR "$place/")
  [ "$made" = 201 ] || continue
  curl -sf -u hub:sample -X PUT -H 'Content-Type: text/calendar; charset=utf-8' -T "$file" "$place/" > "$folder/answer"
done
HUB_CALENDAR=hub:sample "$BUILD/hub" serve --world worlds/innovation-hub.json --bookings bookings/radicale.json \
  --data "$folder/data" --host "$HOST" --port "$PORT" &
hub=$!
trap 'kill $hub $calendar 2>/dev/null || true' EXIT
wait $hub
