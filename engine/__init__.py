"""Meaning: vectors and models. No SQL, no FAISS, no HTTP."""

import os

# OpenMP threads wait by spinning unless told otherwise: beside any other busy process that made imagining eighteen
# times slower on two cores. It is read when the first library with OpenMP loads, so it is said before all others.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
