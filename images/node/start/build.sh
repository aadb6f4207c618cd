#!/bin/sh
# Makes NAME.blob for each line "NAME FLAG..." of flag-sets: a snapshot fits only the V8 flags it was made with.
set -eu
cd "$(dirname "$0")"

# Modules to have in the snapshot: see snapshot.cjs.
MODULES='child_process crypto diagnostics_channel dns dns/promises fs/promises net os querystring stream/promises
string_decoder timers/promises url zlib _http_agent _http_incoming'

# One that cannot be used is worth nothing: programs start without it.
make() {
  name=$1
  export PRELOAD="$2"
  shift 2
  node "$@" --snapshot-blob "$name.blob" --build-snapshot "$PWD/snapshot.cjs" 2>"$name.log" &&
    said=$(CHECK=ok node "$@" --snapshot-blob "$name.blob" "$PWD/check.js" "$name") && [ "$said" = "$name ok" ] &&
    rm -f "$name.log" && return
  cat "$name.log" >&2
  rm -f "$name.blob" "$name.log"
  return 1
}

while read -r name flags; do
  # shellcheck disable=SC2086 # the words of the line are arguments
  make "$name" "$(echo $MODULES)" $flags || make "$name" '' $flags || :
done <flag-sets

# V8 refuses a snapshot that was made on a processor with other features; lab-init compares.
grep -m 1 -E '^(flags|Features)' /proc/cpuinfo >cpu || : >cpu
