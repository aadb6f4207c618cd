# What tunl0d has to do, seen from outside. Sourced by netns.sh.
echo "checks:"

unreachable() { ! in_ns pod1 ping -c 1 -W 0.3 192.168.8.193; }

has() { # FILE PATTERN
    grep -Eq "$2" "$1" || { cat "$1"; return 1; }
}

# --- the device as the ipip module's fallback device would be
in_ns node1 ip -d link show tunl0 >"$work/link"
expect "tunl0 is there: NOARP, MTU 1480, link/ipip" has "$work/link" 'tunl0: <[A-Z,]*NOARP[A-Z,]*> mtu 1480'
expect "its link type is ipip" has "$work/link" 'link/ipip'
refuse "it is down until somebody sets it up" grep -Eq '<[^>]*\bUP\b' "$work/link"
refuse "a second tunl0d is refused" in_ns node1 "$here/tunl0d" --foreground --peers "$work/none/peers"

# --- routes and peers
tunl0_configure node1 192.168.104.64 192.168.8.192/26 10.1.110.107 1440
tunl0_configure node2 192.168.8.192 192.168.104.64/26 10.1.110.102 1440
expect "the route is seen" within 2 counter_is node1 routes 1
refuse "no list: nobody is let in" in_ns pod1 ping -c 1 -W 0.3 192.168.8.193
expect "and that is counted" within 2 counter_is node2 rx_not_peer 1
peers node1 10.1.110.102 10.1.110.107
peers node2 10.1.110.102 10.1.110.107
expect "the list is read when it appears" within 2 counter_is node2 peers 2
expect "and on the other node" within 2 counter_is node1 peers 2
expect "pod to pod" in_ns pod1 ping -c 3 -i 0.05 -W 2 192.168.8.193
expect "node to remote pod, from the tunnel's address" in_ns node1 ping -c 1 -W 2 192.168.8.193
in_ns node1 ip route add 192.168.99.0/24 dev tunl0
refuse "a route without gateway leads nowhere" in_ns pod1 ping -c 1 -W 0.3 192.168.99.1
expect "and that is counted" within 2 counter_is node1 tx_no_route 1
in_ns node1 ip route add 10.1.110.99/32 via 10.1.110.99 dev tunl0 onlink
in_ns node1 ip route add 192.168.98.0/24 via 10.1.110.99 dev tunl0 onlink
refuse "a gateway that is itself behind tunl0" in_ns pod1 ping -c 1 -W 0.3 192.168.98.1
expect "ends as tx_loop" within 2 counter_is node1 tx_loop 1

# --- a route that moves, a peer that goes
in_ns node1 ip route replace 192.168.8.192/26 via 10.1.110.66 dev tunl0 proto bird onlink
expect "a replaced route is followed" within 2 unreachable
in_ns node1 ip route replace 192.168.8.192/26 via 10.1.110.107 dev tunl0 proto bird onlink
expect "and back" within 2 in_ns pod1 ping -c 1 -W 0.3 192.168.8.193
peers node2 10.1.110.107
expect "a peer taken from the list is not let in" within 2 unreachable
peers node2 10.1.110.102 10.1.110.107
expect "put back it is" within 2 in_ns pod1 ping -c 1 -W 0.3 192.168.8.193
rm "$work/node2.d/peers"
expect "a removed list lets nobody in" within 2 unreachable
peers node2 10.1.110.102 10.1.110.107
expect "the list again" within 2 in_ns pod1 ping -c 1 -W 0.3 192.168.8.193

# --- an intruder on the nodes' network
tunl0_configure intruder 192.168.66.1 192.168.8.192/26 10.1.110.107 1440
kill -USR1 "$(cat "$work/node2.pid")"
before=$(counter node2 rx_not_peer)
refuse "packets from outside the mesh do not get in" in_ns intruder ping -c 3 -i 0.05 -W 0.3 192.168.8.193
expect "each is counted" within 2 counter_is node2 rx_not_peer $((before + 3))

# --- on the wire, and netfilter
if have tcpdump; then
    in_ns node2 tcpdump -lnni ens192 -c 2 'ip proto 4' >"$work/dump" 2>"$work/dump.err" &
    dump=$!
    within 5 grep -q listening "$work/dump.err"
    in_ns pod1 ping -c 1 -W 2 192.168.8.193 >/dev/null
    wait $dump
    expect "on the wire as in Figure 16" has "$work/dump" \
        'IP 10\.1\.110\.102 > 10\.1\.110\.107: IP 192\.168\.104\.65 > 192\.168\.8\.193: ICMP echo request'
    in_ns node2 tcpdump -vlnni ens192 -c 2 'ip proto 4' >"$work/dump" 2>"$work/dump.err" &
    dump=$!
    within 5 grep -q listening "$work/dump.err"
    in_ns pod1 ping -c 1 -W 2 -t 9 -M "do" 192.168.8.193 >/dev/null
    wait $dump
    expect "TTL and DF outside as inside" has "$work/dump" 'ttl 8, id [0-9]+, offset 0, flags \[DF\], proto IPIP \(4\), length 104'
    refuse "no wrong checksum" grep -i 'bad cksum' "$work/dump"
else
    skip "the packet on the wire: tcpdump is not installed"
fi
if have iptables && in_ns node1 iptables -L -n >/dev/null 2>&1; then
    for node in node1 node2; do
        in_ns $node iptables -I OUTPUT -p 4
        in_ns $node iptables -I INPUT -p 4
        in_ns $node iptables -t mangle -I POSTROUTING -p 4 -o ens192
        in_ns $node iptables -t mangle -I PREROUTING -p 4 -i ens192
    done
    in_ns node1 iptables -I FORWARD -o tunl0
    in_ns node2 iptables -I FORWARD -i tunl0
    in_ns pod1 ping -c 1 -W 2 192.168.8.193 >/dev/null
    hit() { in_ns "$1" iptables -t "$2" -nvxL "$3" 1 | awk '{ exit !($1 > 0) }'; }
    expect "outer packet at OUTPUT" hit node1 filter OUTPUT
    expect "outer packet at POSTROUTING" hit node1 mangle POSTROUTING
    expect "outer packet at PREROUTING" hit node2 mangle PREROUTING
    expect "outer packet at INPUT" hit node2 filter INPUT
    expect "inner packet at FORWARD, out of tunl0" hit node1 filter FORWARD
    expect "inner packet at FORWARD, in from tunl0" hit node2 filter FORWARD
    in_ns node1 iptables -I OUTPUT -p 4 -j DROP
    refuse "a DROP rule in OUTPUT drops the outer packet" in_ns pod1 ping -c 1 -W 0.3 192.168.8.193
    expect "and that is counted" within 2 counter_is node1 tx_denied 1
    in_ns node1 iptables -D OUTPUT -p 4 -j DROP
else
    skip "netfilter hooks: iptables is not installed or the kernel has no filter table"
fi

# --- sizes
ping_df() { in_ns pod1 ping -c 1 -W 0.5 -M "do" -s "$1" 192.168.8.193 >"$work/ping" 2>&1; }
for mtu in 1440 1480; do
    in_ns node1 ip link set tunl0 mtu $mtu
    in_ns node2 ip link set tunl0 mtu $mtu
    in_ns pod1 ip route flush cache
    expect "MTU $mtu: a packet of that size with DF passes" ping_df $((mtu - 28))
    refuse "MTU $mtu: one byte more does not" ping_df $((mtu - 27))
    expect "MTU $mtu: the sender is told" has "$work/ping" "[Ff]rag needed.*mtu ?= ?$mtu"
    expect "MTU $mtu: the daemon follows" has "$work/node1.log" "MTU $mtu"
done
expect "inner fragments pass" in_ns pod1 ping -c 2 -i 0.05 -W 2 -M dont -s 8000 192.168.8.193
expect "inner fragments of 65507 bytes pass" in_ns pod1 ping -c 1 -W 2 -M dont -s 65507 192.168.8.193
expect "IP options inside pass" in_ns pod1 ping -c 1 -W 2 -R 192.168.8.193
for node in node1 node2; do in_ns $node ip link set ens192 mtu 1400; done
in_ns pod1 ip route flush cache
refuse "a path smaller than the tunnel, DF: not sent" ping_df 1400
expect "the sender is told the path's MTU less 20" has "$work/ping" '[Ff]rag needed.*mtu ?= ?1380'
expect "that is counted" within 2 counter_is node1 tx_too_big 1
in_ns pod1 ip route flush cache
expect "a path smaller than the tunnel, no DF: outer fragments" in_ns pod1 ping -c 1 -W 2 -M dont -s 1400 192.168.8.193
expect "that is counted" within 2 counter_is node1 tx_fragmented 1
for node in node1 node2; do in_ns $node ip link set ens192 mtu 1500; done
in_ns pod1 ip route flush cache

# --- TCP: bytes arrive as they were sent, through segmentation and coalescing
if have python3; then
    for mtu in 1480 1440; do
        in_ns node1 ip link set tunl0 mtu $mtu
        in_ns node2 ip link set tunl0 mtu $mtu
        in_ns pod1 ip route flush cache
        expect "TCP, MTU $mtu: 64 MiB arrive as sent, in super-packets" tcp_copy
    done
    expect "super-packets were cut" within 2 counter_is node1 tx_super 1
    expect "segments were joined" within 2 counter_is node2 rx_super 1
else
    skip "TCP content: python3 is not installed"
fi

# --- the daemon itself
expect "counters reach their file without a signal" within 3 grep -Eq '^rx_packets [1-9]' "$work/node2.stats"
tunl0_stop node2
code=$?
expect "SIGTERM ends it with exit code 0" test "$code" = 0
refuse "the device goes with it" in_ns node2 ip link show tunl0
tunl0_start node2
tunl0_configure node2 192.168.8.192 192.168.104.64/26 10.1.110.102 1440
expect "started again it goes on" within 3 in_ns pod1 ping -c 1 -W 0.3 192.168.8.193
in_ns intruder ip link del tunl0
wait "$(cat "$work/intruder.pid")"
code=$?
expect "a deleted device ends it with exit code 1" test "$code" = 1
expect "and it says so" has "$work/intruder.log" 'tunl0 was deleted'
in_ns intruder "$here/tunl0d" --peers "$work/intruder.d/peers" 2>>"$work/intruder.log"
code=$?
pid=$(ip netns pids "$rig-intruder")
started="$started $pid"
expect "without --foreground it returns 0" test "$code" = 0
expect "when the device is there" in_ns intruder ip link show tunl0
expect "and goes on in the background, without capabilities" grep -q '^CapEff:.0000000000000000' "/proc/$pid/status"
