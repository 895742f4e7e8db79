"""A network of one hidden layer, trained to point the right way (torch)."""

from typing import Any

import numpy as np

from mindseye.engine.mapping.regression import Regression
from mindseye.engine.vectors import FloatArray


class TanhNetwork(Regression):
    """Linear, tanh, linear; the loss is one minus the cosine to the output, so lengths are not learned.

    hidden: units of the hidden layer; decay: squared penalty on all weights; steps: most L-BFGS iterations; seed: of
    the first weights. Source: Lazaridou, Bruni & Baroni, ACL 2014 ("Is this a wampimuk?"), 20 hidden units.
    """

    def __init__(self, hidden: int = 20, decay: float = 1e-4, steps: int = 200, seed: int = 0) -> None:
        self.hidden = hidden
        self.decay = decay
        self.steps = steps
        self.seed = seed

    def _learn(self, X: FloatArray, Y: FloatArray) -> None:
        import torch

        self._scale = float(np.sqrt((X**2).sum(axis=1).mean())) or 1.0
        inputs, outputs = torch.from_numpy(X / self._scale), torch.from_numpy(Y)
        weights = self._first_weights(X.shape[1], Y.shape[1])
        optimiser = torch.optim.LBFGS(weights, max_iter=self.steps, line_search_fn="strong_wolfe")

        def loss() -> Any:
            optimiser.zero_grad()
            cosine = torch.cosine_similarity(_forward(inputs, weights), outputs)
            value = 1 - cosine.mean() + self.decay * sum((w**2).sum() for w in weights)
            value.backward()
            return value

        optimiser.step(loss)  # type: ignore[no-untyped-call]
        self._weights = [w.detach() for w in weights]

    def _predict(self, X: FloatArray) -> FloatArray:
        import torch

        return np.asarray(_forward(torch.from_numpy(X / self._scale), self._weights).numpy())

    def _first_weights(self, inputs: int, outputs: int) -> list[Any]:
        import torch

        seeded = torch.Generator().manual_seed(self.seed)
        shapes = [(inputs, self.hidden), (1, self.hidden), (self.hidden, outputs), (1, outputs)]
        return [(torch.randn(s, generator=seeded) / s[0] ** 0.5).requires_grad_() for s in shapes]


def _forward(inputs: Any, weights: list[Any]) -> Any:
    into, into_bias, out, out_bias = weights
    return (inputs @ into + into_bias).tanh() @ out + out_bias
