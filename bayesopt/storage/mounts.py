"""On what kind of file system a path lies."""

from __future__ import annotations

import re
from pathlib import Path

# Types whose locks or shared memory do not reach from one host to the other; 9p and virtiofs are
# missing on purpose: they mostly are a virtual machine's view of its own host's disk.
_NETWORK_TYPES = (
    *("nfs", "nfs4", "cifs", "smb3", "smbfs", "ncpfs", "afs", "lustre", "gpfs", "beegfs", "ceph"),
    *("glusterfs", "orangefs", "pvfs2", "davfs", "fuse.sshfs", "fuse.ceph", "fuse.glusterfs"),
    *("fuse.s3fs", "fuse.rclone", "fuse.gcsfuse", "fuse.davfs2"),
)


def network_type(path: Path, *, mounts: str | None = None) -> str | None:
    """Name of the network file system that ``path`` lies on; None if it is local or unknown.

    Parameters
    ----------
    path : a file, which need not exist.
    mounts : contents of ``/proc/self/mountinfo``; read from there when None (Linux only).
    """
    if str(path).startswith("\\\\"):  # a Windows share: \\server\share\run.db
        return "cifs"
    if mounts is None:
        try:
            mounts = Path("/proc/self/mountinfo").read_text(errors="surrogateescape")
        except OSError:
            return None
    kind = _type_of_mount(path.resolve(), mounts)
    return kind if kind in _NETWORK_TYPES else None


def _type_of_mount(path: Path, mounts: str) -> str | None:
    best, kind = -1, None
    for line in mounts.splitlines():
        # 36 35 98:0 /root /mount/point rw,noatime shared:1 - ext3 /dev/sda rw   (proc(5))
        left, separator, right = line.partition(" - ")
        fields = left.split()
        if not separator or len(fields) < 5 or not right:
            continue
        point = Path(re.sub(r"\\([0-7]{3})", lambda m: chr(int(m[1], 8)), fields[4]))
        depth = len(point.parts)
        if depth >= best and path.is_relative_to(point):  # later mounts hide earlier ones
            best, kind = depth, right.split()[0]
    return kind
