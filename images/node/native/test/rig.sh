# The namespaces of netns.sh, and its few words. Sourced.
rig=tunl0test$$
work=$(mktemp -d "/tmp/$rig.XXXXXX")
passed=0 failed=0 skipped=0 started=

in_ns() { # NAMESPACE COMMAND...
    ns=$1
    shift
    timeout 60 ip netns exec "$rig-$ns" "$@"
}

pass() { passed=$((passed + 1)); echo "ok       $1"; }
fail() { failed=$((failed + 1)); echo "FAILED   $1"; [ -z "${2-}" ] || printf '%s\n' "$2" | sed 's/^/         /'; }
skip() { skipped=$((skipped + 1)); echo "SKIPPED  $1"; }
have() { command -v "$1" >/dev/null 2>&1; }

expect() { # NAME COMMAND... : its exit code decides
    name=$1
    shift
    if out=$("$@" 2>&1); then pass "$name"; else fail "$name" "$out"; fi
}

refuse() { # NAME COMMAND... : it has to fail
    name=$1
    shift
    if out=$("$@" 2>&1); then fail "$name" "$out"; else pass "$name"; fi
}

within() { # SECONDS COMMAND... : until it succeeds
    end=$(($(date +%s) + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        [ "$(date +%s)" -le "$end" ] || return 1
        sleep 0.02
    done
}

counter() { # NODE NAME : asks for the counters, prints one
    sed -n "s/^$2 //p" "$work/$1.stats"
}

counter_is() { # NODE NAME MINIMUM
    kill -USR1 "$(cat "$work/$1.pid")" 2>/dev/null
    value=$(counter "$1" "$2")
    [ "${value:-0}" -ge "$3" ]
}

peers() { # NODE ADDRESS... : as Felix writes the list, by a rename
    node=$1
    shift
    printf '%s\n' "$@" >"$work/$node.d/peers.new"
    mv "$work/$node.d/peers.new" "$work/$node.d/peers"
}

tunl0_start() { # NODE
    : >"$work/$1.ready"
    ip netns exec "$rig-$1" "$here/tunl0d" --foreground --peers "$work/$1.d/peers" --stats "$work/$1.stats" \
        --ready-fd 3 3>"$work/$1.ready" 2>>"$work/$1.log" &
    echo $! >"$work/$1.pid"
    started="$started $!"
    within 5 grep -q ready "$work/$1.ready"
}

tunl0_stop() { # NODE
    pid=$(cat "$work/$1.pid")
    kill "$pid" && wait "$pid"
}

tunl0_configure() { # NODE ADDRESS REMOTE_BLOCK GATEWAY MTU : what Felix and BIRD do
    in_ns "$1" ip link set tunl0 mtu "$5" up
    in_ns "$1" ip addr add "$2/32" dev tunl0
    in_ns "$1" ip route add "$3" via "$4" dev tunl0 proto bird onlink
}

tcp_copy() { # 64 MiB from pod1 to pod2, compared by hash
    rm -f "$work/sum"
    in_ns pod2 python3 "$here/test/tcp.py" receive 7000 >"$work/sum" &
    receiver=$!
    within 5 grep -q listening "$work/sum" || return 1
    sent=$(in_ns pod1 python3 "$here/test/tcp.py" send 7000 192.168.8.193) || return 1
    wait $receiver
    [ "$(tail -1 "$work/sum")" = "$sent" ] || { echo "sent $sent, received $(tail -1 "$work/sum")"; return 1; }
}

attach() { # NAMESPACE ADDRESS/LENGTH : to the bridge
    ip -n "$rig-br" link add "$1" type veth peer name ens192 netns "$rig-$1"
    ip -n "$rig-br" link set "$1" master br0 up
    in_ns "$1" ip addr add "$2" dev ens192
    in_ns "$1" ip link set ens192 up
    in_ns "$1" ip link set lo up
}

pod() { # POD NODE ADDRESS MTU : as the calico plugin wires one
    ip -n "$rig-$2" link add cali0 type veth peer name eth0 netns "$rig-$1"
    ip -n "$rig-$2" link set cali0 address ee:ee:ee:ee:ee:ee mtu "$4" up
    in_ns "$2" sh -c 'echo 1 >/proc/sys/net/ipv4/conf/cali0/proxy_arp; echo 0 >/proc/sys/net/ipv4/neigh/cali0/proxy_delay'
    in_ns "$2" ip route add "$3/32" dev cali0
    in_ns "$1" ip link set lo up
    in_ns "$1" ip link set eth0 mtu "$4" up
    in_ns "$1" ip addr add "$3/32" dev eth0
    in_ns "$1" ip route add 169.254.1.1 dev eth0
    in_ns "$1" ip route add default via 169.254.1.1 dev eth0
}

rig_up() {
    for ns in br node1 node2 pod1 pod2 intruder; do ip netns add "$rig-$ns" || return 1; done
    ip -n "$rig-br" link add br0 type bridge
    ip -n "$rig-br" link set br0 up
    attach node1 10.1.110.102/24
    attach node2 10.1.110.107/24
    attach intruder 10.1.110.66/24
    for node in node1 node2 intruder; do
        mkdir "$work/$node.d"
        in_ns $node sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'
        # Proxy ARP answers for 169.254.1.1 only where a route leads there.
        in_ns $node ip route add default via 10.1.110.1
        tunl0_start $node || { cat "$work/$node.log"; echo "tunl0d did not start on $node"; return 1; }
    done
    pod pod1 node1 192.168.104.65 1500
    pod pod2 node2 192.168.8.193 1500
}

rig_connect() { # what the checks do step by step
    tunl0_configure node1 192.168.104.64 192.168.8.192/26 10.1.110.107 1440
    tunl0_configure node2 192.168.8.192 192.168.104.64/26 10.1.110.102 1440
    for node in node1 node2; do peers $node 10.1.110.102 10.1.110.107; done
    for node in node1 node2; do within 2 counter_is $node peers 2 && within 2 counter_is $node routes 1 || return 1; done
}

rig_down() {
    for pid in $started; do kill "$pid" 2>/dev/null; done
    wait
    for ns in pod1 pod2 node1 node2 intruder br; do ip netns del "$rig-$ns" 2>/dev/null; done
    rm -rf "$work"
}
