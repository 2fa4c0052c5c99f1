"""Events of Python's audit hooks by which code reaches beyond itself, for whoever refuses them."""

from __future__ import annotations

import os

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
"""Flags of `open` for more than reading."""

REACHING = frozenset(
    "os.chmod os.chown os.exec os.fork os.forkpty os.kill os.killpg os.link os.posix_spawn os.spawn os.startfile "
    "os.symlink os.system pty.spawn resource.prlimit signal.pthread_kill socket.bind socket.connect socket.sendmsg "
    "socket.sendto sqlite3.connect subprocess.Popen".split()
)
"""Other processes, the network, and whose a file is."""

CHANGING = frozenset(
    "os.chflags os.mkdir os.remove os.removexattr os.rename os.rmdir os.setxattr os.truncate os.utime".split()
)
"""Changes of files and folders, besides writing into them."""
