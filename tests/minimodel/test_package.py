"""The package as a whole."""

import subprocess
import sys

import pytest

MODULES = [
    "masks",
    "softmax",
    "attention",
    "block",
    "next_token",
    "training",
    "influence",
    "predicates",
    "sensitivity",
    "shapes",
    "blockwise",
    "sampling",
    "cache",
    "calculator",
    "rope",
    "groups",
    "decoder",
]


@pytest.mark.parametrize("module", MODULES)
def test_only_the_mirror_imports_torch(module):
    code = f"import sys, minimodel.{module}; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
