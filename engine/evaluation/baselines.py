"""The literature's methods as the zero-shot protocol runs them: on one text vector a class, and its classifier row.

Directions (where the papers leave them open or another is better) and hyper-parameters were chosen once, by hit@1 and
hit@5 among the classes held out in splits 5 to 8; splits 0 to 4 are the ones reported.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import perf_counter
from typing import Literal

from mindseye.engine.evaluation.zero_shot import Mapped, Split
from mindseye.engine.mapping import CCA, PLS, DeViSE, ElasticNet, KernelRidge, Ridge, TanhNetwork
from mindseye.engine.mapping.regression import Regression
from mindseye.engine.meanings import Meanings
from mindseye.engine.vectors import FloatArray


@dataclass(frozen=True)
class Baseline:
    """A regressor with its hyper-parameters, and the direction it maps in."""

    regressor: Callable[..., Regression]
    parameters: Mapping[str, float]
    towards: Literal["visual", "words"]

    def __call__(self, split: Split, known: FloatArray, asked: FloatArray) -> Mapped:
        """Learn from the known classes and map pictures or words; known, asked (1000, q): the classes' texts."""
        started, regressor = perf_counter(), self.regressor(**self.parameters)
        inputs, outputs = known[split.classes[0]], split.prototypes
        if self.towards == "visual":
            regressor.fit(inputs, outputs)
            seconds = perf_counter() - started
            return Mapped.of(split.visual, regressor.transform(asked), seconds)
        regressor.fit(outputs, inputs)
        seconds = perf_counter() - started
        return Mapped.of(regressor.transform(split.visual), asked, seconds)


def conse(split: Split, known: FloatArray, asked: FloatArray) -> Mapped:
    """Map pictures by ConSE, which needs no fitting (Norouzi et al., arXiv 1312.5650)."""
    return Mapped.of(split.conse(known).transform(split.pictures.features), asked, 0.0)


def pocket(split: Split, asked: Meanings) -> Mapped:
    """Map both by the pocket space; asked (1000): how its queries are encoded."""
    space, seconds = split.fitted
    rows = space.image_rows(split.pictures.features)
    return Mapped.of(rows, space.weighted(space.text_rows(asked), "text"), seconds)


GLOVE: Mapping[str, Baseline] = {
    "ridge_word_to_visual": Baseline(Ridge, {"alpha": 0.1}, "visual"),
    "ridge_visual_to_word": Baseline(Ridge, {"alpha": 0.3}, "words"),
    "elastic_net": Baseline(ElasticNet, {"alpha": 1e-3, "l1_ratio": 0.5}, "visual"),
    "kernel_ridge": Baseline(KernelRidge, {"gamma": 0.7, "alpha": 0.3}, "visual"),
    "cca": Baseline(CCA, {"components": 20, "directions": 200}, "visual"),
    "pls": Baseline(PLS, {"components": 40}, "visual"),
    "tanh_network": Baseline(TanhNetwork, {"hidden": 50, "decay": 1e-4, "steps": 100}, "visual"),
    "devise": Baseline(DeViSE, {"margin": 0.1, "decay": 1e-4, "rate": 0.005, "steps": 50}, "words"),
}

MINILM: Mapping[str, Baseline] = {
    "ridge_word_to_visual": Baseline(Ridge, {"alpha": 3.0}, "visual"),
    "ridge_visual_to_word": Baseline(Ridge, {"alpha": 0.3}, "words"),
    "elastic_net": Baseline(ElasticNet, {"alpha": 1e-3, "l1_ratio": 0.5}, "visual"),
    "kernel_ridge": Baseline(KernelRidge, {"gamma": 2.5, "alpha": 0.3}, "visual"),
    "cca": Baseline(CCA, {"components": 50, "directions": 200}, "visual"),
    "pls": Baseline(PLS, {"components": 40}, "visual"),
    "tanh_network": Baseline(TanhNetwork, {"hidden": 50, "decay": 1e-4, "steps": 100}, "visual"),
    "devise": Baseline(DeViSE, {"margin": 0.1, "decay": 1e-4, "rate": 0.005, "steps": 100}, "words"),
}
