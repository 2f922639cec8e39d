"""Principal components by numpy: those of scikit-learn."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from sklearn.decomposition import PCA

from demos.operations.components import principal_components

MAPS = """
import sys
import numpy as np
from demos.operations.grouping import Grounds, group
from demos.plots.figures import fit_basis
vectors = np.random.default_rng(0).normal(size=(40, 8))
fit_basis(vectors)
group(Grounds(vectors, np.ones(40, dtype=np.int64), np.eye(8)[0]), np.full(40, 1 / 40))
print([name for name in ("sklearn", "pandas") if name in sys.modules])
"""


@pytest.mark.parametrize(("rows", "solver"), [(3, "full"), (400, "full"), (600, "covariance_eigh")])
def test_components_are_those_of_scikit_learn(rows: int, solver: str) -> None:
    vectors = np.random.default_rng(rows).normal(size=(rows, 24)) * np.geomspace(1, 9, 24) + 3
    found, theirs = principal_components(vectors, 3), PCA(3, svd_solver=solver).fit(vectors)
    np.testing.assert_allclose(found.axes, theirs.components_, atol=1e-9)
    np.testing.assert_allclose(found.shares, theirs.explained_variance_ratio_, atol=1e-9)
    np.testing.assert_allclose(found.place(vectors), theirs.transform(vectors), atol=1e-9)


@pytest.mark.parametrize("rows", [5, 600])
def test_equal_vectors_have_no_variance(rows: int) -> None:
    found = principal_components(np.full((rows, 24), 0.5), 2)
    assert found.shares.tolist() == [0, 0]
    np.testing.assert_allclose(found.axes @ found.axes.T, np.eye(2), atol=1e-9)


def test_neither_maps_nor_groups_import_scikit_learn() -> None:
    told = subprocess.run([sys.executable, "-c", MAPS], check=True, capture_output=True, text=True)
    assert told.stdout.strip() == "[]"
