# Throughput and round trip through tunl0, beside those of the bridge alone. Sourced by netns.sh.
echo
echo "speed ($(nproc) processors):"

mbits() { # CLIENT SERVER ADDRESS ARGUMENTS... : of one TCP connection
    client=$1 server=$2 address=$3
    shift 3
    in_ns "$server" iperf3 -s -1 -p 5201 >"$work/iperf" 2>&1 &
    started="$started $!"
    within 5 in_ns "$server" sh -c 'ss -ltn | grep -q :5201'
    in_ns "$client" iperf3 -c "$address" -p 5201 -f m "$@" 2>&1 | awk '/receiver/ { for (i = 1; i < NF; i++) if ($(i + 1) ~ /bits/) print $i }' | tail -1
}

rtt() { # FROM ADDRESS : average in milliseconds
    in_ns "$1" ping -q -i 0.002 -c 500 "$2" | sed -n 's|^rtt [^=]*= [^/]*/\([^/]*\)/.*|\1|p'
}

echo "  round trip, bridge alone  $(rtt node1 10.1.110.107) ms"
echo "  round trip, pod to pod    $(rtt pod1 192.168.8.193) ms"
if have iperf3; then
    bridge=$(mbits node1 node2 10.1.110.107 -t 4)
    one=$(mbits pod1 pod2 192.168.8.193 -t 6)
    four=$(mbits pod1 pod2 192.168.8.193 -t 4 -P 4)
    back=$(mbits pod1 pod2 192.168.8.193 -t 4 -R)
    echo "  TCP, bridge alone         $bridge Mbit/s"
    echo "  TCP, pod to pod           $one Mbit/s"
    echo "  TCP, pod to pod, reverse  $back Mbit/s"
    echo "  TCP, pod to pod, 4 flows  $four Mbit/s"
    # The lab's own bound (npm run bench): at least a tenth of what the bridge gives.
    if awk "BEGIN { exit !(${one:-0} >= 0.1 * ${bridge:-0} && ${one:-0} > 0) }"; then
        pass "TCP over tunl0 is at least 0.1 of the bridge"
    else
        fail "TCP over tunl0 is at least 0.1 of the bridge" "$one against $bridge Mbit/s"
    fi
else
    skip "throughput: iperf3 is not installed"
fi
for node in node1 node2; do
    pid=$(cat "$work/$node.pid")
    echo "  tunl0d on $node: $(awk '/VmRSS/ { print $2 }' "/proc/$pid/status") kB resident, processor $(awk '{ print ($14 + $15) / 100 }' "/proc/$pid/stat") s"
    kill -USR1 "$pid" 2>/dev/null
done
