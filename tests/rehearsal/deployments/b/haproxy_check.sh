#!/bin/sh
if ! pidof haproxy >/dev/null; then
    service haproxy restart
    sleep 1
    pidof haproxy >/dev/null || service keepalived stop
fi
