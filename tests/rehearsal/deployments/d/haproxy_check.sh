#!/bin/bash
count=$(ps -ef | grep haproxy | grep -v grep | wc -l)
if [ "$count" = 0 ]; then
    /usr/local/haproxy/sbin/haproxy -f /etc/haproxy/haproxy.cfg
    sleep 2
    pgrep haproxy || killall keepalived
fi
