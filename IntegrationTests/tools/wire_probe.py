"""A small client of stock bricks and glusterd, for calls that no stock client sends. Its calls are laid out by hand, not by the
project's encoder; what the stock programs answer, and what they call back, is recorded by record-wire.py."""
import os
import socket
import struct
import time
import uuid

DUMP, HANDSHAKE, PORTMAP, FOPS = (123451501, 1), (14398633, 2), (34123456, 1), (1298437, 400)
ROOT = bytes(15) + b"\1"
NULL_DICT = struct.pack(">IiI", 0, -1, 0)
INT, UINT, TEXT, RAW, GFID = 2, 3, 5, 6, 7


def u32(v): return struct.pack(">I", v & 0xffffffff)
def i64(v): return struct.pack(">q", v)
def opaque(b): b = b.encode() if isinstance(b, str) else b; return u32(len(b)) + b + bytes(-len(b) % 4)


def gfx(pairs):
    body = b""
    for key, kind, value in pairs:
        body += opaque(key.encode() + b"\0") + u32(kind) + (value if kind == GFID else i64(value) if kind in (INT, UINT) else opaque(value))
    return u32(len(body)) + u32(len(pairs)) + u32(len(pairs)) + body


def blob(pairs):
    out = struct.pack(">i", len(pairs))
    for key, value in pairs.items():
        value = value.encode() + b"\0"
        out += struct.pack(">ii", len(key), len(value)) + key.encode() + b"\0" + value
    return opaque(out)


def flock(kind, start, length, owner): return u32(kind) + u32(0) + i64(start) + i64(length) + u32(77) + opaque(owner)


class Probe:
    def __init__(self, host, port):
        self.socket = socket.create_connection((host, port))
        self.socket.settimeout(10)
        self.xid = 1

    def credential(self, owner):
        now = time.time_ns()
        return u32(390040) + opaque(u32(77) + u32(0) + u32(0) + u32(0x1f) + u32(now % 10**9) + i64(now // 10**9) + u32(1) + u32(0) + opaque(owner))

    def send(self, program, procedure, body=b"", owner=b"prober-1"):
        self.xid += 1
        record = u32(self.xid) + u32(0) + u32(2) + u32(program[0]) + u32(program[1]) + u32(procedure) + self.credential(owner) + u32(0) + u32(0) + body
        self.socket.sendall(u32(0x80000000 | len(record)) + record)
        return self.xid

    def exactly(self, count):
        data = b""
        while len(data) < count:
            more = self.socket.recv(count - len(data))
            if not more:
                raise EOFError("closed")
            data += more
        return data

    def receive(self, xid):
        """The body of the reply to that call; calls of the peer are skipped (the capture has them)."""
        while True:
            record = self.exactly(struct.unpack(">I", self.exactly(4))[0] & 0x7fffffff)
            if record[:8] == u32(xid) + u32(1):
                return record[24:]

    def call(self, program, procedure, body=b"", owner=b"prober-1"):
        return self.receive(self.send(program, procedure, body, owner))

    def drain(self, seconds):
        self.socket.settimeout(seconds)
        try:
            while True:
                self.exactly(struct.unpack(">I", self.exactly(4))[0] & 0x7fffffff)
        except (TimeoutError, EOFError):
            pass
        self.socket.settimeout(10)

    def login(self, brick):
        self.call(DUMP, 1, struct.pack(">Q", 1))
        self.call(HANDSHAKE, 1, blob({"remote-subvolume": brick, "process-uuid": "PROBE-%s" % uuid.uuid4(), "fops-version": "1298437"}))
        return self

    def create(self, name):
        gfid = uuid.uuid4().bytes
        reply = self.call(FOPS, 23, ROOT + u32(2) + u32(0o644) + u32(0) + opaque(name) + gfx([("gfid-req", GFID, gfid)]))
        size = struct.unpack_from(">I", reply, 8)[0]
        return gfid, struct.unpack_from(">q", reply, 20 + size + 148)[0]


def brick_of(host, volume, path):
    """A probe logged in to a brick, whose port glusterd tells."""
    return Probe(host, struct.unpack(">4i", Probe(host, 24007).call(PORTMAP, 1, opaque(path)))[3]).login(path)


def management(host, volume):
    """Portmap, handshake and other calls of glusterd that clients seldom or never send."""
    p = Probe(host, 24007)
    p.call(DUMP, 2)
    p.call(PORTMAP, 1, opaque("/no/such/brick"))
    p.call(PORTMAP, 4, opaque("probe-service") + u32(61111) + u32(os.getpid()))
    p.call(PORTMAP, 5, opaque("probe-service") + u32(61111) + u32(0))
    p.call(HANDSHAKE, 6, blob({"flags": "1", "volname": volume}))
    p.call(HANDSHAKE, 5, u32(1) + blob({"volname": "no-such-volume"}))
    p.call(HANDSHAKE, 7, blob({"volname": volume}))
    p.call(HANDSHAKE, 2, u32(1) + opaque("no-such-volume") + blob({"min-op-version": "1", "max-op-version": "100000"}))
    p.call((999, 1), 0)             # PROG_UNAVAIL
    p.call((PORTMAP[0], 9), 1)      # PROG_MISMATCH
    p.call(HANDSHAKE, 3)            # PROC_UNAVAIL
    p.call(DUMP, 2, owner=b"o" * 91)  # AUTH_ERROR: one group and an owner of 91 bytes


def brick(host, volume, path):
    """Fops that no stock client sends in ordinary life, failures, and the calls back from a brick."""
    p = brick_of(host, volume, path)
    other = brick_of(host, volume, path)
    name = "probe-%d" % os.getpid()
    gfid, fd = p.create(name)
    p.call(FOPS, 13, gfid + i64(fd) + i64(0) + u32(11) + u32(0) + NULL_DICT + b"hello world")
    p.call(FOPS, 12, gfid + i64(fd) + i64(6) + u32(100) + u32(0) + NULL_DICT)
    p.call(FOPS, 12, gfid + i64(9999) + i64(0) + u32(10) + u32(0) + NULL_DICT)
    p.call(FOPS, 12, gfid + i64(-2) + i64(0) + u32(5) + u32(0) + NULL_DICT)
    p.call(FOPS, 1, uuid.uuid4().bytes + NULL_DICT)
    p.call(FOPS, 1, b"garbage!")
    p.call(FOPS, 10, gfid + i64(900) + NULL_DICT)
    p.call(FOPS, 22, gfid + u32(4) + NULL_DICT)
    p.call(FOPS, 39, gfid + i64(fd) + bytes(144) + u32(0o100600) + u32(1) + NULL_DICT)
    target, target_fd = p.create(name + "-copy")
    p.call(FOPS, 56, gfid + target + i64(fd) + i64(target_fd) + i64(0) + i64(3) + u32(5) + u32(0) + NULL_DICT)
    p.call(FOPS, 41, target + i64(target_fd) + NULL_DICT)
    p.call(FOPS, 5, ROOT + opaque(name + "-copy") + u32(0) + NULL_DICT)
    p.call(FOPS, 45, gfid + i64(fd) + i64(0) + i64(512) + NULL_DICT)
    p.call(FOPS, 46, gfid + i64(fd) + i64(0) + i64(512) + NULL_DICT)
    p.call(FOPS, 48, gfid + i64(fd) + i64(0) + u32(1) + NULL_DICT)
    p.call(FOPS, 48, gfid + i64(fd) + i64(1 << 30) + u32(0) + NULL_DICT)
    counters = "trusted.afr.probe-client-0"
    p.call(FOPS, 33, gfid + u32(0) + gfx([(counters, RAW, u32(1) + u32(0) + u32(0))]) + NULL_DICT)
    p.call(FOPS, 34, gfid + i64(fd) + u32(4) + gfx([(counters, RAW, bytes(12))]) + NULL_DICT)
    p.call(FOPS, 36, gfid + i64(fd) + u32(0) + gfx([("user.probe", RAW, b"value")]) + NULL_DICT)
    p.call(FOPS, 35, gfid + i64(fd) + u32(1) + opaque("user.probe") + NULL_DICT)
    p.call(FOPS, 35, gfid + i64(fd) + u32(0) + opaque("") + NULL_DICT)
    p.call(FOPS, 43, gfid + i64(fd) + opaque("user.probe") + NULL_DICT)
    p.call(FOPS, 43, gfid + i64(fd) + opaque("user.probe") + NULL_DICT)
    p.call(FOPS, 37, gfid + i64(fd) + i64(0) + u32(512) + u32(0) + NULL_DICT)
    p.call(FOPS, 37, gfid + i64(9999) + i64(0) + u32(512) + u32(0) + NULL_DICT)
    p.call(FOPS, 47, u32(1) + NULL_DICT)
    p.call(FOPS, 26, gfid + i64(fd) + u32(1) + u32(1) + flock(1, 0, 100, b"prober-1") + NULL_DICT)
    p.call(FOPS, 26, gfid + i64(fd) + u32(0) + u32(1) + flock(1, 50, 10, b"prober-2") + NULL_DICT, owner=b"prober-2")
    p.call(FOPS, 26, gfid + i64(fd) + u32(1) + u32(1) + flock(1, 50, 10, b"prober-2") + NULL_DICT, owner=b"prober-2")
    p.call(FOPS, 51, gfid + NULL_DICT)
    # SETACTIVELK (52) and NAMELINK (54) kill a 10.3 brick: never sent.
    p.call(FOPS, 53, uuid.uuid4().bytes + u32(0o100644) + NULL_DICT)
    p.call(FOPS, 55)
    p.call(FOPS, 49)
    p.call(FOPS, 0)
    lease = bytes(range(16))
    p.call(FOPS, 50, gfid + u32(1) + u32(1) + lease + u32(0) + gfx([("lease-id", RAW, lease)]))
    # Directories.
    reply = p.call(FOPS, 20, ROOT + NULL_DICT)
    directory = struct.unpack_from(">q", reply, 20)[0]
    p.call(FOPS, 28, ROOT + i64(directory) + i64(0) + u32(300) + NULL_DICT)
    p.call(FOPS, 21, ROOT + i64(directory) + u32(1) + NULL_DICT)
    p.call(FOPS, 32, ROOT + i64(directory) + u32(2) + u32(1) + i64(1) + opaque("entry") + opaque("probe-domain") + NULL_DICT)
    p.call(FOPS, 42, ROOT + i64(directory) + gfx([]))
    # Another client waits for locks of this one: contention is called back.
    lock = u32(1) + flock(1, 0, 0, b"prober-1") + opaque("probe-domain") + NULL_DICT
    p.call(FOPS, 29, gfid + u32(1) + lock)
    other.send(FOPS, 29, gfid + u32(2) + lock, owner=b"prober-2")
    entry = u32(1) + i64(1) + opaque("entry") + opaque("probe-domain") + NULL_DICT
    p.call(FOPS, 31, ROOT + u32(0) + entry)
    other.send(FOPS, 31, ROOT + u32(0) + entry, owner=b"prober-2")
    p.drain(3)
    # Handshake calls of bricks that current clients do not send.
    p.call(HANDSHAKE, 3)
    p.call(HANDSHAKE, 4, opaque("probe") + u32(7))
    p.call(HANDSHAKE, 2, u32(0) + opaque("v") + opaque(b""))
    other.socket.close()
    p.call(FOPS, 41, gfid + i64(fd) + NULL_DICT)
    p.call(FOPS, 5, ROOT + opaque(name) + u32(0) + NULL_DICT)
    refused = Probe(host, p.socket.getpeername()[1])
    refused.call(FOPS, 1, ROOT + NULL_DICT)  # before the login: GARBAGE_ARGS
    refused.call(HANDSHAKE, 1, blob({"remote-subvolume": "/no/such/brick", "process-uuid": "PROBE-x", "fops-version": "1298437"}))


def leases(host, volume, path):
    """With features.leases on: a lease is granted, and recalled when another client writes."""
    p, other = brick_of(host, volume, path), brick_of(host, volume, path)
    name = "lease-%d" % os.getpid()
    gfid, fd = p.create(name)
    p.call(FOPS, 41, gfid + i64(fd) + NULL_DICT)
    lease = bytes(range(16))
    with_lease = gfx([("lease-id", RAW, lease)])
    reply = p.call(FOPS, 11, gfid + u32(0) + with_lease)
    p.call(FOPS, 50, gfid + u32(2) + u32(1) + lease + u32(0) + with_lease)
    p.call(FOPS, 50, gfid + u32(1) + u32(1) + lease + u32(0) + with_lease)
    other.send(FOPS, 11, gfid + u32(2) + gfx([("lease-id", RAW, b"other-lease-id!!")]))
    p.drain(3)
    p.call(FOPS, 50, gfid + u32(3) + u32(1) + lease + u32(0) + with_lease)
    p.call(FOPS, 41, gfid + reply[20:28] + NULL_DICT)
    p.call(FOPS, 5, ROOT + opaque(name) + u32(0) + NULL_DICT)
