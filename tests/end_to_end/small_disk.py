"""A file system of its own that is soon full. Needs root, and a kernel that lets it mount."""
import ctypes
import os

_libc = ctypes.CDLL(None, use_errno=True)
_MNT_DETACH = 2


def mount(test, folder, size):
    """Until the test ends; skips it where no disk can be mounted. What uses it must be told to end after this."""
    if _libc.mount(b"tmpfs", bytes(folder), b"tmpfs", 0, b"size=%d" % size) != 0:
        test.skipTest("a disk cannot be mounted here: " + os.strerror(ctypes.get_errno()))
    test.addCleanup(_libc.umount2, bytes(folder), _MNT_DETACH)


def fill(ballast):
    """To the last byte, with a file."""
    with open(ballast, "ab", buffering=0) as file:
        try:
            while file.write(b"x" * 4096):
                pass
        except OSError:
            pass
