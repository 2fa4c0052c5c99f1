"""The package as a whole."""

import pkgutil
import subprocess
import sys

import pytest

import minimodel

WITH_TORCH = {"torch_mirror", "jacobian"}
MODULES = sorted({module.name for module in pkgutil.iter_modules(minimodel.__path__)} - WITH_TORCH)


@pytest.mark.parametrize("module", MODULES)
def test_only_the_mirror_imports_torch(module):
    code = f"import sys, minimodel.{module}; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
