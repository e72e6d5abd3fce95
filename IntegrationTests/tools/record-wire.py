#!/usr/bin/env python3
"""Records what stock GlusterFS programs say to each other, as test vectors for the wire codecs.

Runs inside a scratch gluster node of its own (a network and mount namespace with glusterd on 10.77.0.1, as gluster-lab makes it):

    gluster-lab exec python3 record-wire.py --root LAB_ROOT --out UnitTests/Wire/Vectors

Makes volumes, drives them with stock clients (FUSE mounts, qemu-img, qemu-io, self-heal daemon, rebalance) and with wire_probe.py, captures
the loopback interface with tcpdump, takes the TCP streams and RPC records apart, pairs calls with replies, keeps a small selection of each
procedure, and writes one JSON file per session. Host name and the volumes' login names are blotted out with text of the same length.
Needs: tcpdump, glusterfs-client, qemu-utils, qemu-block-extra, attr. Standard library only.
"""
import argparse
import ctypes
import errno
import fcntl
import json
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import time
import xml.etree.ElementTree as ET

import wire_probe

HOST = "10.77.0.1"
PER_PROCEDURE = 3           # kept per session, procedure and outcome, when they differ in their keys
LARGEST = 6000              # bytes of a record worth keeping, unless there is no smaller one
PROGRAMS = {123451501: "dump", 14398633: "handshake", 34123456: "portmap", 1298437: "fops", 52743234: "callback", 999: "unknown"}


def sh(*command, check=True):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
    if check and done.returncode:
        raise RuntimeError("%s: %s" % (" ".join(command), done.stdout))
    return done.stdout


def gluster(*arguments, check=True):
    return sh("gluster", "--mode=script", *arguments, check=check)


# ---- from a capture to records ---------------------------------------------------------------------------------------

def streams(pcap):
    """(time, flow, bytes) in order, for every TCP flow of a little-endian classic pcap of Ethernet frames."""
    data = open(pcap, "rb").read()
    at, expected, waiting = 24, {}, {}
    while at + 16 <= len(data):
        seconds, micros, length = struct.unpack_from("<3I", data, at)
        frame, at = data[at + 16:at + 16 + length], at + 16 + length
        if frame[12:14] != b"\x08\x00" or frame[23] != 6:
            continue
        ip = frame[14:14 + struct.unpack_from(">H", frame, 16)[0]]
        tcp = ip[(ip[0] & 15) * 4:]
        source, target, sequence = struct.unpack_from(">HHI", tcp)
        body = tcp[(tcp[12] >> 4) * 4:]
        flow = (ip[12:16], source, ip[16:20], target)
        if tcp[13] & 2:     # SYN: a new connection under these ports
            expected[flow], waiting[flow] = (sequence + 1) & 0xffffffff, {}
            yield seconds + micros / 1e6, flow, None
            continue
        if not body or flow not in expected:
            continue
        waiting[flow][sequence] = body
        while expected[flow] in waiting[flow]:
            piece = waiting[flow].pop(expected[flow])
            expected[flow] = (expected[flow] + len(piece)) & 0xffffffff
            yield seconds + micros / 1e6, flow, piece


def records(pcap):
    """(flow, connection number, RPC record); a connection that does not begin with plausible RPC is dropped."""
    buffers, numbers, count = {}, {}, 0
    for _, flow, piece in streams(pcap):
        if piece is None:
            count += 1
            buffers[flow], numbers[flow] = b"", count
            continue
        if buffers.get(flow) is None:
            continue
        buffers[flow] += piece
        while buffers[flow] is not None and len(buffers[flow]) >= 12:
            mark, _, direction = struct.unpack_from(">3I", buffers[flow])
            length = mark & 0x7fffffff
            if not mark >> 31 or direction > 1:
                buffers[flow] = None
                break
            if len(buffers[flow]) < 4 + length:
                break
            yield flow, numbers[flow], buffers[flow][4:4 + length]
            buffers[flow] = buffers[flow][4 + length:]


def exchanges(pcap):
    """Calls with their replies, in the order of the calls."""
    found, open_calls = [], {}
    for flow, number, record in records(pcap):
        xid, direction = struct.unpack_from(">2I", record)
        if direction == 0:
            _, program, version, procedure = struct.unpack_from(">4I", record, 8)
            if program not in PROGRAMS:
                continue
            item = {"program": program, "version": version, "procedure": procedure, "call": record, "reply": None}
            found.append(item)
            open_calls[(flow, number, xid)] = item
        else:
            back = (flow[2], flow[3], flow[0], flow[1])
            for key in [k for k in open_calls if k[0] == back and k[2] == xid]:
                open_calls.pop(key)["reply"] = record
    return found


# ---- what is worth keeping -------------------------------------------------------------------------------------------

def keys_of(record):
    """What makes a record different from others of its procedure: its dictionary keys, and the name that is not UTF-8."""
    return frozenset(k for k in re.findall(rb"[a-z][a-zA-Z0-9_.:-]{3,80}(?=\0)|\xffytes", record) if b"." in k or b"-" in k or b"\xff" in k)


def outcome(reply):
    if reply is None:
        return "none"
    head = struct.unpack_from(">%dI" % (min(len(reply), 32) // 4), reply)
    if head[2] != 0:
        return "denied %d" % head[3]
    if head[5] != 0:
        return "refused %d" % head[5]
    if len(head) < 8 or head[6] < 0x80000000:
        return "ok" if len(head) < 8 or head[7] > 200 else "ok %d" % head[7] if head[7] else "ok"
    return "failed %d" % head[7]


def select(found, seen):
    """A few exchanges of each procedure and outcome whose keys were not seen before, in this session or an earlier one."""
    groups = {}
    for item in found:
        if item["program"] == 1298437 and item["version"] != 400 or (item["reply"] is None and item["program"] != 52743234):
            continue
        groups.setdefault((item["program"], item["procedure"], outcome(item["reply"])), []).append(item)
    chosen = []
    for kind, group in groups.items():
        size = lambda i: len(i["call"]) + len(i["reply"] or b"")
        group.sort(key=size)
        kept = []
        for item in group:
            shape = (kind, keys_of(item["call"]), keys_of(item["reply"] or b""))
            if shape in seen or (kept and size(item) > LARGEST):
                continue
            seen.add(shape)
            kept.append(item)
        # The plainest, the richest, and something in between.
        if len(kept) > PER_PROCEDURE:
            kept = [kept[round(i * (len(kept) - 1) / (PER_PROCEDURE - 1))] for i in range(PER_PROCEDURE)]
        chosen += kept
    return [i for i in found if any(i is c for c in chosen)]


def secrets_of(found):
    """Values of username and password in logins, and the host's name."""
    words = {b":" + socket.gethostname().encode()}
    for item in found:
        if item["program"] == 14398633 and item["procedure"] == 1:
            for key in (b"username\0", b"password\0"):
                at = item["call"].find(key)
                if at >= 0:
                    length = struct.unpack_from(">i", item["call"], at - 4)[0]
                    words.add(item["call"][at + len(key):at + len(key) + length - 1])
    return sorted((w for w in words if len(w) > 2), key=len, reverse=True)


def save(path, session, description, found, secrets):
    def blot(record):
        if record is None:
            return None
        for word in secrets:
            mask = word[:1] + (b"host" * len(word))[:len(word) - 1] if word[:1] == b":" else re.sub(rb"[0-9a-zA-Z]", b"0", word)
            record = record.replace(word, mask)
        return record.hex()
    lines = []
    for item in found:
        entry = {"program": PROGRAMS[item["program"]], "version": item["version"], "procedure": item["procedure"], "outcome": outcome(item["reply"]),
                 "call": blot(item["call"]), "reply": blot(item["reply"])}
        lines.append(json.dumps(entry))
    with open(path, "w") as out:
        out.write('{"session": %s, "description": %s, "exchanges": [\n%s\n]}\n' % (json.dumps(session), json.dumps(description), ",\n".join(lines)))


class Recorder:
    def __init__(self, root, out):
        self.root, self.out, self.all, self.seen = root, out, [], set()

    def session(self, name, description, action):
        pcap = "%s/tmp/%s.pcap" % (self.root, name)
        dump = subprocess.Popen(["tcpdump", "-i", "lo", "-Z", "root", "-s", "0", "-B", "65536", "-U", "-w", pcap, "tcp"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        dump.stderr.readline()  # "listening on ..."
        try:
            action()
            time.sleep(1.5)
        finally:
            dump.send_signal(signal.SIGINT)
            dump.communicate()
        found = exchanges(pcap)
        self.all.append((name, description, found, select(found, self.seen)))
        print("%-14s %6d exchanges, %4d kept" % (name, len(found), len(self.all[-1][3])), flush=True)

    def write(self):
        secrets = sorted({w for _, _, found, _ in self.all for w in secrets_of(found)}, key=len, reverse=True)
        for name, description, _, kept in self.all:
            save(os.path.join(self.out, name + ".json"), name, description, kept, secrets)
        seen = {(i["program"], i["procedure"]) for _, _, _, kept in self.all for i in kept}
        print("fops without a vector:", [p for p in range(1, 57) if (1298437, p) not in seen])
        print("others:", sorted((PROGRAMS[a], b) for a, b in seen if a != 1298437))


# ---- sessions --------------------------------------------------------------------------------------------------------

class Lab:
    def __init__(self, root):
        self.root = root

    def volume(self, name, shape, count, **options):
        gluster("volume", "stop", name, "force", check=False)
        gluster("volume", "delete", name, check=False)
        base = "%s/bricks/%s" % (self.root, name)
        sh("rm", "-rf", base)
        os.makedirs(base)
        gluster("volume", "create", name, *shape.split(), *["%s:%s/b%d" % (HOST, base, i) for i in range(count)], "force")
        for key, value in options.items():
            gluster("volume", "set", name, key.replace("__", ".").replace("_", "-"), value)
        gluster("volume", "start", name)

    def brick(self, volume, index):
        return "%s/bricks/%s/b%d" % (self.root, volume, index)

    def mount(self, volume, tag, *options):
        path = "%s/tmp/%s-%s" % (self.root, volume, tag)
        os.makedirs(path, exist_ok=True)
        sh("mount", "-t", "glusterfs", *[x for o in options for x in ("-o", o)], "%s:/%s" % (HOST, volume), path)
        return path

    def kill_brick(self, volume, index):
        for node in ET.fromstring(gluster("volume", "status", volume, "--xml")).iter("node"):
            if node.findtext("path") == self.brick(volume, index):
                os.kill(int(node.findtext("pid")), 9)
        time.sleep(1)
        pidfile = "/run/gluster/vols/%s/%s%s.pid" % (volume, HOST, self.brick(volume, index).replace("/", "-"))
        if os.path.exists(pidfile):
            os.unlink(pidfile)


def attempt(action, *arguments):
    """What the file system refuses is as good a vector as what it grants."""
    try:
        return action(*arguments)
    except OSError as error:
        if error.errno in (errno.ENOTCONN, errno.EIO):
            raise
        return None


def use_files(mount):
    """Every operation a program can ask a FUSE mount for."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.fallocate.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.c_long, ctypes.c_long]
    base = mount + "/d"
    os.mkdir(base, 0o750)
    name = base + "/file"
    fd = os.open(name, os.O_CREAT | os.O_RDWR | os.O_EXCL, 0o640)
    os.pwrite(fd, b"The quick brown fox", 0)
    os.fsync(fd)
    os.pwrite(fd, b"jumps", 5000)
    os.fdatasync(fd)
    os.fstat(fd)
    os.fchmod(fd, 0o600)
    os.fchown(fd, 1, 1)
    os.ftruncate(fd, 9000)
    for mode, offset, length in ((0, 0, 12000), (1, 0, 20000), (3, 0, 512), (16, 512, 512)):
        libc.fallocate(fd, mode, offset, length)
    attempt(os.lseek, fd, 0, os.SEEK_HOLE)
    attempt(os.lseek, fd, 0, os.SEEK_DATA)
    attempt(os.lseek, fd, 1 << 30, os.SEEK_DATA)
    os.setxattr(fd, "user.fd", b"one")
    os.getxattr(fd, "user.fd")
    os.listxattr(fd)
    os.removexattr(fd, "user.fd")
    other = os.open(name, os.O_RDWR)
    fcntl.flock(fd, fcntl.LOCK_EX)
    attempt(fcntl.flock, other, fcntl.LOCK_SH | fcntl.LOCK_NB)
    fcntl.flock(fd, fcntl.LOCK_UN)
    fcntl.lockf(fd, fcntl.LOCK_EX, 100, 10)
    child = os.fork()
    if child == 0:
        lock = struct.pack("hhqqi4x", fcntl.F_WRLCK, 0, 0, 0, 0)
        fcntl.fcntl(other, fcntl.F_GETLK, lock)
        attempt(fcntl.lockf, other, fcntl.LOCK_EX | fcntl.LOCK_NB, 100, 10)
        os._exit(0)
    os.waitpid(child, 0)
    fcntl.lockf(fd, fcntl.LOCK_UN, 100, 10)
    os.close(other)
    copy = os.open(base + "/copy", os.O_CREAT | os.O_RDWR, 0o644)
    attempt(os.copy_file_range, fd, copy, 19, 0, 0)
    os.close(copy)
    os.close(fd)
    sh("sh", "-c", "echo 3 > /proc/sys/vm/drop_caches", check=False)
    with open(name, "rb") as f:
        f.read(64)
    direct = os.open(name, os.O_RDONLY | os.O_DIRECT)
    attempt(os.preadv, direct, [bytearray(64)], 0)
    attempt(os.preadv, direct, [bytearray(64)], 11990)
    os.close(direct)
    os.setxattr(name, "user.a", b"hello", os.XATTR_CREATE)
    attempt(os.setxattr, name, "user.a", b"again", os.XATTR_CREATE)
    os.getxattr(name, "user.a")
    attempt(os.getxattr, name, "user.absent")
    os.listxattr(name)
    os.removexattr(name, "user.a")
    attempt(os.removexattr, name, "user.a")
    attempt(os.getxattr, mount, "trusted.glusterfs.pathinfo")
    attempt(os.getxattr, name, "glusterfs.gfid.string")
    attempt(os.setxattr, name, "trusted.io-stats-dump", b"/tmp/none")
    os.symlink("file", base + "/link")
    os.readlink(base + "/link")
    os.link(name, base + "/hard")
    os.mknod(base + "/pipe", 0o010644)
    os.mknod(base + "/device", 0o020600, os.makedev(1, 3))
    open(base + "/b\udcffytes", "w").close()
    os.mkdir(base + "/sub")
    os.rename(base + "/hard", base + "/sub/moved")
    os.rename(base + "/copy", base + "/file2")
    os.rename(base + "/sub", base + "/sub2")
    os.chmod(name, 0o644)
    os.chown(name, 2, 2)
    os.utime(name, (1, 2))
    os.truncate(name, 100)
    attempt(os.access, name, os.R_OK)
    os.statvfs(mount)
    attempt(os.stat, base + "/absent")
    directory = os.open(base, os.O_RDONLY)
    os.fsync(directory)
    os.close(directory)
    os.listdir(base)
    sh("ls", "-la", base)
    attempt(os.rmdir, base)
    attempt(os.mkdir, base)
    for entry in ("/sub2/moved", "/link", "/pipe", "/device", "/file2", "/b\udcffytes"):
        os.unlink(base + entry)
    os.rmdir(base + "/sub2")
    os.unlink(name)
    os.rmdir(base)


def use_fuse(lab, volume, *options):
    mount = lab.mount(volume, "fuse", *options)
    try:
        use_files(mount)
    finally:
        sh("umount", mount)


def as_user(mount):
    """A plain user with several groups, and one who may not."""
    sh("chmod", "1777", mount)
    sh("setpriv", "--reuid=1234", "--regid=1234", "--groups=1234,2001,2002,2003", "sh", "-c", "echo text > %s/user; cat %s/user; chown 0 %s/user; rm %s/user" % ((mount,) * 4), check=False)


def heal(lab):
    """One brick of three is away while files change; the self-heal daemon brings it back."""
    mount = lab.mount("wrep3", "heal")
    os.mkdir(mount + "/h")
    with open(mount + "/h/changed", "wb") as f:
        f.write(b"a" * 300000)
    open(mount + "/h/gone", "w").close()
    lab.kill_brick("wrep3", 0)
    with open(mount + "/h/changed", "r+b") as f:
        f.seek(150000)
        f.write(b"b")
    os.chmod(mount + "/h/changed", 0o600)
    os.setxattr(mount + "/h/changed", "user.healed", b"yes")
    os.unlink(mount + "/h/gone")
    with open(mount + "/h/new", "w") as f:
        f.write("new")
    os.symlink("new", mount + "/h/link")
    os.mkdir(mount + "/h/dir")
    gluster("volume", "start", "wrep3", "force")
    time.sleep(5)
    gluster("volume", "heal", "wrep3", check=False)
    deadline = time.time() + 60
    while time.time() < deadline:
        if not re.search(r"Number of entries: [1-9]", gluster("volume", "heal", "wrep3", "info", check=False)):
            break
        time.sleep(2)
    sh("umount", mount)


def two_writers(lab):
    """Two clients of a replicated volume write one file: eager locks meet."""
    one, two = lab.mount("wrep3", "one"), lab.mount("wrep3", "two")
    a = os.open(one + "/shared", os.O_CREAT | os.O_RDWR)
    b = os.open(two + "/shared", os.O_RDWR)
    for i in range(3):
        os.pwrite(a, b"one", 0)
        os.fsync(a)
        os.pwrite(b, b"two", 3)
        os.fsync(b)
    os.close(a)
    os.close(b)
    sh("umount", one)
    sh("umount", two)


def notices(lab):
    """Cache invalidation between two clients, a changed volfile, a state dump that glusterd asks for."""
    one, two = lab.mount("wsingle", "one"), lab.mount("wsingle", "two")
    with open(one + "/watched", "w") as f:
        f.write("first")
    with open(two + "/watched") as f:
        f.read()
    os.listdir(two)
    with open(one + "/watched", "a") as f:
        f.write("second")
    os.chmod(one + "/watched", 0o600)
    os.setxattr(one + "/watched", "user.n", b"v")
    os.rename(one + "/watched", one + "/renamed")
    os.unlink(one + "/renamed")
    gluster("volume", "set", "wsingle", "performance.cache-size", "16MB")
    time.sleep(2)
    for line in sh("pgrep", "-f", "glusterfs.*wsingle-one").split():
        gluster("volume", "statedump", "wsingle", "client", "%s:%s" % (HOST, line), check=False)
    time.sleep(1)
    sh("umount", one)
    sh("umount", two)


def qemu(volume):
    url = "gluster://%s/%s/disk.img" % (HOST, volume)
    sh("qemu-img", "create", "-f", "raw", url, "8M")
    sh("qemu-img", "info", url)
    sh("qemu-io", "-f", "raw", "-c", "write -P 7 0 512", "-c", "read 0 512", "-c", "write -z 4096 4096", "-c", "discard 8192 4096", "-c", "flush", url, check=False)
    sh("qemu-io", "-f", "raw", "-t", "none", "-c", "write -P 7 0 512", "-c", "read 0 512", url, check=False)
    sh("qemu-img", "resize", "-f", "raw", url, "16M", check=False)


def thin(lab):
    """The stock thin client over the stock gfproxyd."""
    gluster("volume", "set", "wsingle", "config.gfproxyd", "enable")
    time.sleep(5)
    mount = "%s/tmp/thin" % lab.root
    os.makedirs(mount, exist_ok=True)
    sh("glusterfs", "--thin-client", "--volfile-server=" + HOST, "--volfile-id=wsingle", mount)
    time.sleep(1)
    try:
        with open(mount + "/thin", "w") as f:
            f.write("thin")
        os.listdir(mount)
        os.unlink(mount + "/thin")
    finally:
        sh("umount", mount)
    gluster("volume", "set", "wsingle", "config.gfproxyd", "disable")


def rebalance():
    gluster("volume", "rebalance", "wdist2", "start", "force")
    deadline = time.time() + 40
    while time.time() < deadline and "in progress" in gluster("volume", "rebalance", "wdist2", "status", check=False):
        time.sleep(1)


def restart():
    """Bricks sign out of the portmap and in again."""
    gluster("volume", "stop", "wsingle", "force")
    gluster("volume", "start", "wsingle")
    time.sleep(2)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", required=True, help="the state directory of the lab")
    parser.add_argument("--out", required=True, help="where the JSON files go")
    arguments = parser.parse_args()
    lab, recorder = Lab(arguments.root), Recorder(arguments.root, arguments.out)
    os.makedirs(arguments.out, exist_ok=True)

    lab.volume("wsingle", "", 1)
    recorder.session("fuse", "FUSE mount of one brick, translators as they are by default", lambda: use_fuse(lab, "wsingle"))
    for option in ("write-behind", "quick-read", "io-cache", "read-ahead", "stat-prefetch", "open-behind", "readdir-ahead"):
        gluster("volume", "set", "wsingle", "performance." + option, "off")
    recorder.session("fuse-plain", "FUSE mount of one brick without performance translators, direct I/O", lambda: use_fuse(lab, "wsingle", "direct-io-mode=enable"))
    gluster("volume", "set", "wsingle", "performance.force-readdirp", "off")

    def user():
        mount = lab.mount("wsingle", "user", "use-readdirp=no", "acl")
        as_user(mount)
        os.listdir(mount)
        sh("umount", mount)
    recorder.session("fuse-user", "FUSE mount with ACLs and without readdirp, as a user with groups", user)
    recorder.session("qemu", "qemu-img and qemu-io over gluster://", lambda: qemu("wsingle"))
    recorder.session("thin", "stock thin client over stock gfproxyd", lambda: thin(lab))
    gluster("volume", "set", "wsingle", "features.cache-invalidation", "on")
    recorder.session("notices", "two FUSE mounts with cache invalidation, a changed option, a client state dump", lambda: notices(lab))
    gluster("volume", "set", "wsingle", "features.cache-invalidation", "off")
    recorder.session("restart", "a volume stopped and started", restart)

    lab.volume("wdist2", "", 2, features__shard="on")
    recorder.session("dist2-shard", "FUSE mount of two distributed bricks with shard on", lambda: use_fuse(lab, "wdist2"))
    recorder.session("rebalance", "rebalance of two bricks", rebalance)

    lab.volume("wrep3", "replica 3", 3, cluster__data_self_heal_algorithm="diff", cluster__heal_timeout="5")
    recorder.session("rep3", "FUSE mount of three replicas", lambda: use_fuse(lab, "wrep3"))
    recorder.session("rep3-writers", "two FUSE mounts write the same replicated file", lambda: two_writers(lab))
    recorder.session("rep3-heal", "self-heal daemon with the diff algorithm", lambda: heal(lab))

    recorder.session("probe-glusterd", "wire_probe.py against glusterd", lambda: wire_probe.management(HOST, "wsingle"))
    recorder.session("probe-brick", "wire_probe.py against a brick", lambda: wire_probe.brick(HOST, "wsingle", lab.brick("wsingle", 0)))
    gluster("volume", "set", "wsingle", "features.leases", "on")
    restart()
    recorder.session("probe-leases", "wire_probe.py against a brick with leases", lambda: wire_probe.leases(HOST, "wsingle", lab.brick("wsingle", 0)))
    recorder.write()


if __name__ == "__main__":
    sys.exit(main())
