"""scikit-learn's solver on the matrix that `cargo bench --bench training -- write FILE` wrote: the same figures as
`cargo bench --bench training -- fit FILE TIMES` prints.

    python benches/peers/training.py FILE TIMES [TOLERANCE]

TOLERANCE is scikit-learn's `tol`; without it, scikit-learn's own.
"""

import json
import os
import resource
import sys
import time

for library in ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"]:
    os.environ[library] = "1"  # one core, as the other

import numpy  # noqa: E402
import scipy.sparse  # noqa: E402
from sklearn.datasets import load_svmlight_file  # noqa: E402
from sklearn.linear_model import LogisticRegression  # noqa: E402
from sklearn.metrics import f1_score  # noqa: E402

ALPHA = 0.1  # as `demarche train` has it
FOLDS = 4
TOLERANCE = float(sys.argv[3]) if len(sys.argv) > 3 else 1e-4


def solver(times):
    return LogisticRegression(C=1 / (ALPHA * times), tol=TOLERANCE, max_iter=1000)


def loss(fitted, matrix, labels, times):
    """What both solvers minimise: log-likelihood and penalty."""
    chances = fitted.predict_log_proba(matrix)
    penalty = 0.5 * ALPHA * times * float((fitted.coef_**2).sum())
    return penalty - float(chances[numpy.arange(len(labels)), labels].sum())


def cross_validated(matrix, labels, articles):
    """Mean F1 of the four labels, each row labelled by a model that never saw its article."""
    given = numpy.empty_like(labels)
    for fold in range(FOLDS):
        held_out = articles % FOLDS == fold
        given[held_out] = solver(1).fit(matrix[~held_out], labels[~held_out]).predict(matrix[held_out])
    return f1_score(labels, given, average="macro")


def main():
    path, times = sys.argv[1], int(sys.argv[2])
    once, labels, articles = load_svmlight_file(path, query_id=True, zero_based=True)
    labels = labels.astype(int)
    matrix, repeated = scipy.sparse.vstack([once] * times, format="csr"), numpy.tile(labels, times)
    began, used = time.monotonic(), time.process_time()
    fitted = solver(times).fit(matrix, repeated)
    seconds, used = time.monotonic() - began, time.process_time() - used
    figures = {
        "who": "scikit-learn",
        "tolerance": TOLERANCE,
        "times": times,
        "rows": matrix.shape[0],
        "columns": matrix.shape[1],
        "nonzeros": int(matrix.nnz),
        "seconds": seconds,
        "cpu_seconds": used,
        "loss_a_row": loss(fitted, matrix, repeated, times) / matrix.shape[0],
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3,
        "macro_f1": cross_validated(once, labels, articles) if times == 1 else None,
    }
    print(json.dumps(figures))


main()
