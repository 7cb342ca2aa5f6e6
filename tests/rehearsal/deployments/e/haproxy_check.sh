#!/bin/bash
if [ ${ps -C haproxy --no-header | wc -l} -eq 0 ]; then
    systemctl start haproxy
    sleep 3
    systemctl stop keepalived
fi
