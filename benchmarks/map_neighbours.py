"""What lies near what on a map: a library of pictures in folders named by what they show, words, perhaps texts.

Prints JSON: for neighbours found in lists by modality, as Mindseye does, and in one list of joint rows,
`words_near_their_pictures`: of the ten pictures nearest to a folder's word, how many are of the folder;
`folders_together`: the same from picture to picture; `kept`: of the ten nearest of an item's own modality in the space,
how many are among the ten on the map; `others`: of the ten nearest on the map, how many are of another modality.

    python benchmarks/map_neighbours.py LIBRARY [--most 3000] [--seed 0]
"""

import argparse
import json
import sys
from pathlib import Path

import numpy as np
from sklearn.manifold import trustworthiness
from sklearn.neighbors import NearestNeighbors

from mindseye.api.mindseye import Mindseye
from mindseye.api.settings import Settings
from mindseye.engine import projection
from mindseye.engine.projection import Near
from mindseye.engine.vectors import FloatArray, unit
from mindseye.indexer.maps import Point, points
from mindseye.indexer.maps.neighbours import Group, near

K = 10


class Drawn:
    """Some of a library: groups by modality, and what stands for each row."""

    def __init__(self, eye: Mindseye, most: int, seed: int) -> None:
        rng, library = np.random.default_rng(seed), eye.library()
        self.space, self.groups, self.points = library.space, list[Group](), list[Point]()
        folders = set[str]()
        for modality in library.modalities():
            with library.memories.index(modality).fresh() as index:
                told = points(library, index.ids)
                named = [n for n, each in enumerate(told) if modality == "word" and each.title in folders]
                chosen = np.union1d(rng.permutation(len(told))[:most], np.array(named, np.int64))
                self.points += [told[n] for n in chosen]
                self.groups.append(Group(modality, index.ids[chosen], index.rows(index.ids[chosen])))
            folders |= {_folder(each) for each in told if modality == "image"}
        self.rows = np.concatenate([group.rows for group in self.groups])
        self.kinds = np.array([point.modality for point in self.points])
        self.names = np.array([_folder(each) if each.modality == "image" else each.title for each in self.points])

    def of(self, modality: str) -> np.ndarray:
        """Return the positions of a modality."""
        return np.flatnonzero(self.kinds == modality)


def _folder(point: Point) -> str:
    return point.path.parent.name.lower().replace("_", " ")


def one_list(rows: FloatArray) -> list[Near]:
    """Return the nearest of all rows alike, by cosine: twice as many, since there is one list."""
    number = 2 * projection.NEAREST
    found = NearestNeighbors(n_neighbors=number + 1, algorithm="brute").fit(unit(rows))
    away, nearest = found.kneighbors(unit(rows))
    return [
        Near(np.arange(len(rows)), nearest[:, 1:].astype(np.int64), (-(away[:, 1:] ** 2)).astype(np.float32), False)
    ]


def nearest(places: FloatArray, asking: np.ndarray, among: np.ndarray) -> np.ndarray:
    """Return the K nearest (n, K) among some positions on the map, without the asking one itself."""
    found = NearestNeighbors(n_neighbors=K + 1).fit(places[among]).kneighbors(places[asking], return_distance=False)
    return np.array([[each for each in row if each != own][:K] for own, row in zip(asking, among[found], strict=True)])


def figures(drawn: Drawn, places: FloatArray, by_modality: list[Near]) -> dict[str, object]:
    """Return what is near what on a map."""
    pictures, words = drawn.of("image"), drawn.of("word")
    asked = words[np.isin(drawn.names[words], drawn.names[pictures])]
    of_words, of_pictures = nearest(places, asked, pictures), nearest(places, pictures, pictures)
    all_near = nearest(places, np.arange(len(places)), np.arange(len(places)))
    told: dict[str, object] = {
        "words_near_their_pictures": _same(drawn.names, asked, of_words),
        "folders_together": _same(drawn.names, pictures, of_pictures),
    }
    for name in dict.fromkeys(drawn.kinds.tolist()):
        mine = drawn.of(name)
        (own,) = (each for each in by_modality if not each.across and each.asking[0] == mine[0])
        kept = [len(set(a) & set(b)) / K for a, b in zip(own.nearest[:, :K], nearest(places, mine, mine), strict=True)]
        told[name] = {
            "kept": round(float(np.mean(kept)), 3),
            "others": round(float((drawn.kinds[all_near[mine]] != name).mean()), 3),
            "trustworthiness": round(float(trustworthiness(drawn.rows[mine], places[mine], n_neighbors=K)), 3),
        }
    return told


def _same(names: np.ndarray, asked: np.ndarray, found: np.ndarray) -> float:
    return round(float((names[found] == names[asked][:, None]).mean()), 3)


def in_the_space(drawn: Drawn, by_modality: list[Near]) -> dict[str, float]:
    """Return the same shares as searches answer them: what no map can be expected to pass."""
    pictures, words = drawn.of("image"), drawn.of("word")
    to_pictures = {each.asking[0]: each for each in by_modality if each.nearest[0, 0] in pictures}
    asked = np.isin(drawn.names[words], drawn.names[pictures])
    of_words = to_pictures[words[0]].nearest[asked, :K]
    return {
        "words_near_their_pictures": _same(drawn.names, words[asked], of_words),
        "folders_together": _same(drawn.names, pictures, to_pictures[pictures[0]].nearest[:, :K]),
    }


def main() -> None:
    """Measure, and print JSON."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("library", type=Path)
    arguments.add_argument("--most", type=int, default=3000, help="of each modality")
    arguments.add_argument("--seed", type=int, default=0)
    told = arguments.parse_args()
    with Mindseye.open(told.library, Settings().cache) as eye:
        drawn = Drawn(eye, told.most, told.seed)
        by_modality = near(drawn.space, drawn.groups, drawn.groups)
    result: dict[str, object] = {"items": len(drawn.points), "in_the_space": in_the_space(drawn, by_modality)}
    for name, lists in (("lists_by_modality", by_modality), ("one_list", one_list(drawn.rows))):
        result[name] = figures(drawn, projection.fit(drawn.rows, lists), by_modality)
    json.dump(result, sys.stdout, indent=2)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
