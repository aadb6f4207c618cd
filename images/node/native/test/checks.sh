peers node1 10.1.110.102 10.1.110.107
peers node2 10.1.110.102 10.1.110.107
tunl0_configure node1 192.168.104.64 192.168.8.192/26 10.1.110.107 1440
tunl0_configure node2 192.168.8.192 192.168.104.64/26 10.1.110.102 1440
within 2 counter_is node1 routes 1
expect ping in_ns pod1 ping -c 2 -W 2 192.168.8.193
