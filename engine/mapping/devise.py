"""DeViSE: a linear map that ranks the right word first, instead of coming near it (Frome et al., NIPS 2013)."""

import numpy as np

from mindseye.engine.mapping.regression import Regression
from mindseye.engine.vectors import FloatArray, unit


class DeViSE(Regression):
    """Linear map trained by hinge rank loss: `max(0, margin - t M x + t' M x)` for sampled wrong outputs t'.

    margin: how much the right output must lead by, 0.1 in the paper; violators: wrong outputs drawn a pair and step;
    rate: of Adam (the paper uses Adagrad); decay: squared penalty on the map; steps: passes over all pairs; seed: of
    the draws. Outputs are compared by cosine. Equal outputs are no violators of each other.
    """

    def __init__(
        self,
        margin: float = 0.1,
        violators: int = 100,
        rate: float = 0.01,
        decay: float = 1e-4,
        steps: int = 300,
        seed: int = 0,
    ) -> None:
        self.margin = margin
        self.violators = violators
        self.rate = rate
        self.decay = decay
        self.steps = steps
        self.seed = seed

    def _learn(self, X: FloatArray, Y: FloatArray) -> None:
        import torch

        distinct, own = np.unique(unit(Y), axis=0, return_inverse=True)
        inputs, right = torch.from_numpy(unit(X)), torch.from_numpy(own.ravel())
        outputs = torch.from_numpy(distinct)
        seeded = torch.Generator().manual_seed(self.seed)
        learned = torch.zeros(X.shape[1], Y.shape[1], requires_grad=True)
        optimiser = torch.optim.Adam([learned], lr=self.rate)
        for _ in range(self.steps):
            drawn = torch.randint(len(outputs), (self.violators,), generator=seeded)
            scores = inputs @ learned @ outputs.T
            lead = scores.gather(1, right[:, None]) - scores[:, drawn]
            hinge = (self.margin - lead).clamp(min=0) * (drawn[None] != right[:, None])
            loss = hinge.sum(dim=1).mean() + self.decay * (learned**2).sum()
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
        self._map = learned.detach().numpy()

    def _predict(self, X: FloatArray) -> FloatArray:
        return np.asarray(unit(X) @ self._map)
