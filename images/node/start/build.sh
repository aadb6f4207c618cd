#!/bin/sh
# Makes NAME.blob for each line "NAME FLAG..." of flag-sets: a snapshot fits only the V8 flags it was made with.
set -eu
cd "$(dirname "$0")"

while read -r name flags; do
  # shellcheck disable=SC2086 # the words of the line are arguments
  {
    node $flags --snapshot-blob "$name.blob" --build-snapshot "$PWD/snapshot.cjs"
    # One that cannot be used is worth nothing: programs start without it.
    said=$(CHECK=ok node $flags --snapshot-blob "$name.blob" "$PWD/check.js" "$name") || said=
  }
  [ "$said" = "$name ok" ] || rm -f "$name.blob"
done <flag-sets

# V8 refuses a snapshot that was made on a processor with other features; lab-init compares.
grep -m 1 -E '^(flags|Features)' /proc/cpuinfo >cpu || : >cpu
