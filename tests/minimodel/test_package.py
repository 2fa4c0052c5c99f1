"""The package as a whole."""

import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import minimodel

WITH_TORCH = {"torch_mirror", "jacobian"}
MODULES = sorted({module.name for module in pkgutil.iter_modules(minimodel.__path__)} - WITH_TORCH)


@pytest.mark.parametrize("module", MODULES)
def test_only_the_mirror_imports_torch(module):
    code = f"import sys, minimodel.{module}; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


@pytest.mark.parametrize("module", sorted({*MODULES, *WITH_TORCH}))
def test_the_tests_of_a_module_are_found_by_its_name(module):
    assert Path(__file__).with_name(f"test_{module}.py").is_file()
