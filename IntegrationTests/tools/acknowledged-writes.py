#!/usr/bin/env python3
"""Writes whose fate can be checked after a crash, through libnbd.

  acknowledged-writes.py write URI JOURNAL [ROUNDS]   write until the server goes away or ROUNDS are done; exit 0 either way
  acknowledged-writes.py check URI JOURNAL            compare the disk with the journal; exit 1 and name the blocks that are wrong

The disk is an array of 4 KiB blocks. Each round writes 32 random blocks at once, each filled with (round, block); then it flushes. The journal
gets a line before a round's writes are sent ("sent ROUND BLOCK...") and one after its flush was acknowledged ("flushed ROUND"). A block may
hold what the last flushed round wrote there, or anything sent to it later; nothing older, nothing torn within 4 KiB, nothing else.
"""
import random
import struct
import sys

import nbd

BLOCK = 4096
DEPTH = 32
BLOCKS = 2048  # few, so that blocks are written again and again


def content(round_number, block):
    return struct.pack(">QQ", round_number, block) * (BLOCK // 16)


def connect(uri):
    handle = nbd.NBD()
    handle.connect_uri(uri)
    return handle


def write(uri, journal, rounds):
    handle = connect(uri)
    chance = random.Random(1)
    with open(journal, "w", buffering=1) as log:
        for round_number in range(1, rounds + 1):
            blocks = chance.sample(range(BLOCKS), DEPTH)
            log.write(f"sent {round_number} {' '.join(map(str, blocks))}\n")
            try:
                cookies = [handle.aio_pwrite(nbd.Buffer.from_bytearray(bytearray(content(round_number, b))), b * BLOCK) for b in blocks]
                while cookies:
                    handle.poll(-1)
                    cookies = [c for c in cookies if not handle.aio_command_completed(c)]
                handle.flush()
            except nbd.Error as error:
                print(f"round {round_number}: {error.string}")
                return
            log.write(f"flushed {round_number}\n")
            if round_number == 20:
                print("under load", flush=True)


def check(uri, journal):
    sent, flushed = {}, 0
    with open(journal) as log:
        for line in log:
            word, *numbers = line.split()
            if word == "sent":
                for block in map(int, numbers[1:]):
                    sent.setdefault(block, []).append(int(numbers[0]))
            else:
                flushed = int(numbers[0])
    handle = connect(uri)
    wrong = 0
    for block in range(BLOCKS):
        found = handle.pread(BLOCK, block * BLOCK)
        rounds = sent.get(block, [])
        durable = max((r for r in rounds if r <= flushed), default=0)
        allowed = [r for r in rounds if r >= durable] or [0]
        if durable == 0 and 0 not in allowed:
            allowed.append(0)
        if not any(found == (content(r, block) if r else bytes(BLOCK)) for r in allowed):
            wrong += 1
            print(f"block {block}: found {struct.unpack('>QQ', found[:16])}, allowed rounds {allowed}")
    print(f"{flushed} rounds flushed, {wrong} blocks wrong")
    return 1 if wrong or flushed == 0 else 0


if __name__ == "__main__":
    if sys.argv[1] == "write":
        write(sys.argv[2], sys.argv[3], int(sys.argv[4]) if len(sys.argv) > 4 else 1_000_000)
    else:
        sys.exit(check(sys.argv[2], sys.argv[3]))
