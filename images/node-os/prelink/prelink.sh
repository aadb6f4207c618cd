#!/bin/sh
# Binds libnode's symbols to itself (prelink.mjs). Whatever goes wrong, node stays as Debian has it.
set -eu
cd "$(dirname "$0")"
[ "$(uname -m)" = x86_64 ] || exit 0
library=$(ldd /usr/bin/node | awk '$1 ~ /^libnode/ { print $3 }')
[ -n "$library" ] || exit 0
library=$(readlink -f "$library")
cp -p "$library" /tmp/libnode
if node prelink.mjs "$library" /usr/bin/node && [ "$(node check.mjs)" = ok ]; then
  rm /tmp/libnode
else
  mv /tmp/libnode "$library"
fi
