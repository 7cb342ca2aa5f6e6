"""Sends frames in turn at a rate, until killed: `python -m tests.lab.flooder INTERFACE RATE HEX...`."""

import socket
import sys
import time

TICK_SECONDS = 0.001
"""Between two bursts; at 10 frames a second most have none."""


def main() -> None:
    """Count what is due by the clock, so that a slow moment is made up for."""
    interface, rate, *texts = sys.argv[1:]
    frames = [bytes.fromhex(text) for text in texts]
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as out:
        out.bind((interface, 0))
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        begun, sent = time.monotonic(), 0
        while True:
            due = int((time.monotonic() - begun) * float(rate))
            for number in range(sent, due):
                out.send(frames[number % len(frames)])
            sent = max(sent, due)
            time.sleep(TICK_SECONDS)


if __name__ == "__main__":
    main()
