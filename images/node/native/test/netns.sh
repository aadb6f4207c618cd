#!/bin/sh
# Two nodes, each with a pod behind it, in network namespaces of this host: the wiring Calico makes, with tunl0d in
# place of the kernel's ipip device. Root only. Leaves nothing behind; a run ends by itself within two minutes.
#
#   pod1 -- node1 -- bridge -- node2 -- pod2        intruder -- bridge
#
# usage: netns.sh [check|speed|all]
set -u
here=$(cd "$(dirname "$0")/.." && pwd)
. "$here/test/rig.sh"

what=${1:-all}
case $what in check | speed | all) ;; *) echo "usage: $0 [check|speed|all]" >&2; exit 2 ;; esac
[ "$(id -u)" = 0 ] || { echo "$0: needs root" >&2; exit 1; }
[ -x "$here/tunl0d" ] || { echo "$0: $here/tunl0d is missing; run make" >&2; exit 1; }

trap rig_down EXIT
trap 'exit 130' INT TERM
rig_up || exit 1
if [ "$what" = speed ]; then rig_connect; else . "$here/test/checks.sh"; fi
if [ "$what" != check ]; then . "$here/test/speed.sh"; fi
echo
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
