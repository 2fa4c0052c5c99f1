"""What a submission may read besides its own folder."""

from __future__ import annotations

import os
import sys
from pathlib import Path

_SYSTEM = (
    "/bin /lib /lib64 /usr /System /Library /nix/store /dev/null /dev/random /dev/urandom /dev/zero "
    "/etc/ld.so.cache /etc/localtime /etc/os-release /proc/cpuinfo /proc/meminfo /proc/self /proc/stat /proc/sys "
    "/sys/devices/system"
).split()


def readable() -> list[str]:
    """What may be read besides the folder: Python, its packages and this one, and nothing of whoever has started it."""
    python = [sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix]
    packages = [path for path in sys.path if Path(path).name in ("site-packages", "dist-packages")]
    ours = str(Path(__file__).parents[3])  # `minimodel` lies beside `handbook`
    return list(dict.fromkeys(map(os.path.realpath, [*python, *packages, ours, *_SYSTEM])))
