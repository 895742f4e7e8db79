import sys
from functools import partial

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file
from skimage import data
from torchvision import models

from mindseye.engine.errors import UsageError
from mindseye.engine.evaluation.judge import imagenet_logits
from mindseye.engine.evaluation.judges import load_judge
from tests.conftest import SHARED

MOBILENET = SHARED / "judge_mobilenet_v2.tflite"
mobilenet = pytest.mark.skipif(not MOBILENET.exists(), reason="the judge of ../shared/data is absent")
both_judges = pytest.mark.parametrize(
    "judge", ["lite2", pytest.param(MOBILENET, marks=mobilenet)], ids=["lite2", "mobilenet"]
)
CATS, COFFEE = {281, 282, 283, 284, 285}, {504, 967, 968}


@pytest.fixture(scope="module")
def photographs():
    """A tabby cat and a cup of coffee, 160 pixels wide."""
    pictures = [Image.fromarray(picture) for picture in (data.chelsea(), data.coffee())]
    return np.stack([np.asarray(picture.resize((160, 160))) for picture in pictures])


@both_judges
def test_a_judge_names_photographs(judge, photographs):
    pytest.importorskip("ai_edge_litert")
    logits = load_judge(judge).logits(photographs)
    assert logits.shape == (2, 1000) and logits.dtype == np.float32
    first, second = logits.argmax(axis=1)
    assert first in CATS and second in COFFEE


@both_judges
def test_no_pictures_have_no_logits(judge):
    pytest.importorskip("ai_edge_litert")
    assert load_judge(judge).logits(np.zeros((0, 8, 8, 3), np.uint8)).shape == (0, 1000)


def test_unknown_judges_are_refused(tmp_path):
    for name in ("lite7", tmp_path / "absent.tflite", "resnet18:absent.pth", "squarenet:absent.pth"):
        with pytest.raises(UsageError, match="no judge"):
            load_judge(name)
    (tmp_path / "text.tflite").write_text("not a model")
    with pytest.raises(UsageError, match=r"text.tflite is not a TensorFlow Lite model"):
        load_judge(tmp_path / "text.tflite")
    (tmp_path / "weights.pth").touch()
    with pytest.raises(UsageError, match=r"no judge can be read from .*weights.pth; .*ARCHITECTURE:FILE"):
        load_judge(tmp_path / "weights.pth")


@pytest.mark.parametrize(
    ("module", "file", "package"),
    [("ai_edge_litert.interpreter", "j.tflite", "ai-edge-litert"), ("onnxruntime", "j.onnx", "onnxruntime")],
)
def test_the_extra_is_named_when_the_runtime_is_missing(module, file, package, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, module, None)
    (tmp_path / file).touch()
    with pytest.raises(UsageError, match=rf"{file} needs {package}; pip install .*\[judge\]"):
        load_judge(tmp_path / file)


def test_outputs_are_brought_to_1000_logits():
    values = np.arange(2 * 1001, dtype=np.float32).reshape(2, 1001)
    assert np.array_equal(imagenet_logits(values, "j"), values[:, 1:])
    odds = np.full((1, 1000), 1 / 2000, np.float32)
    odds[0, 7] += 0.5
    assert imagenet_logits(odds, "j")[0, 7] == pytest.approx(np.log(odds[0, 7]))
    for wrong in (np.zeros((2, 10)), np.zeros((2, 1000, 1))):
        with pytest.raises(UsageError, match=r"j gives an output of shape .*use a classifier of ImageNet"):
            imagenet_logits(wrong, "j")


# ONNX


def colour_net(path, shape, classes=1000, kind="float"):
    """Write an ONNX network whose class c says how much of the colour c % 3 there is: the mean, less its half."""
    onnx = pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    from onnx import TensorProto, helper, numpy_helper

    weights = np.zeros((3, classes), np.float32)
    weights[np.arange(classes) % 3, np.arange(classes)] = 1
    axes = [2, 3] if shape[1] == 3 else [1, 2]
    nodes = [
        helper.make_node("Cast", ["pictures"], ["floats"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMean", ["floats", "axes"], ["means"], keepdims=0),
        helper.make_node("MatMul", ["means", "weights"], ["logits"]),
    ]
    taken = helper.make_tensor_value_info("pictures", getattr(TensorProto, kind.upper()), shape)
    given = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["n", classes])
    constants = [numpy_helper.from_array(weights, "weights"), numpy_helper.from_array(np.array(axes), "axes")]
    graph = helper.make_graph(nodes, "colours", [taken], [given], constants)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9), path)
    return path


RED_AND_BLUE = np.zeros((2, 20, 20, 3), np.uint8)
RED_AND_BLUE[0, ..., 0], RED_AND_BLUE[1, ..., 2] = 255, 255
BY_TORCH = (np.array([1.0, 0, 0]) - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]


@pytest.mark.parametrize(
    ("shape", "kind", "expected"),
    [
        (["n", 3, 32, 32], "float", BY_TORCH),
        (["n", 3, "h", "w"], "float", BY_TORCH),
        ([1, 3, 32, 32], "float16", BY_TORCH),
        (["n", 32, 32, 3], "float", [1, -1, -1]),
        (["n", 32, 32, 3], "uint8", [255, 0, 0]),
    ],
    ids=["torch", "any size", "one at a time", "tensorflow", "pixels"],
)
def test_an_onnx_judge_sees_pictures_as_its_input_asks(shape, kind, expected, tmp_path):
    judge = load_judge(colour_net(tmp_path / "colours.onnx", shape, kind=kind))
    logits = judge.logits(RED_AND_BLUE)
    assert logits.shape == (2, 1000) and judge.name == "colours"
    assert logits[0, :3] == pytest.approx(expected, rel=1e-2)
    assert logits[1].argmax() == 2


def test_an_onnx_judge_with_background_drops_it(tmp_path):
    judge = load_judge(colour_net(tmp_path / "colours.onnx", ["n", 3, 32, 32], classes=1001))
    assert judge.logits(RED_AND_BLUE).argmax(axis=1).tolist() == [2, 1]


def test_other_onnx_files_are_refused(tmp_path):
    with pytest.raises(UsageError, match=r"few gives an output of shape \(2, 12\)"):
        load_judge(colour_net(tmp_path / "few.onnx", ["n", 3, 32, 32], classes=12)).logits(RED_AND_BLUE)
    with pytest.raises(UsageError, match=r"takes an input of shape \['n', 'h', 'w', 'c'\], no pictures"):
        load_judge(colour_net(tmp_path / "open.onnx", ["n", "h", "w", "c"]))
    (tmp_path / "text.onnx").write_text("not a model")
    with pytest.raises(UsageError, match=r"text.onnx is not an ONNX model"):
        load_judge(tmp_path / "text.onnx")


# torchvision


@pytest.fixture(scope="module")
def squeezenet():
    torch.manual_seed(0)
    return models.squeezenet1_1(weights=None).eval()


@pytest.mark.parametrize(("suffix", "save"), [(".pth", torch.save), (".safetensors", save_file)])
def test_a_torchvision_judge_says_what_its_network_says(suffix, save, squeezenet, photographs, tmp_path):
    path = tmp_path / f"mine{suffix}"
    save(squeezenet.state_dict(), path)
    judge = load_judge(f"squeezenet1_1:{path}")
    preset = models.SqueezeNet1_1_Weights.IMAGENET1K_V1.transforms
    prepare = partial(preset, crop_size=224, resize_size=224, antialias=True)()
    small = [Image.fromarray(picture).resize((224, 224), Image.Resampling.BICUBIC) for picture in photographs]
    with torch.inference_mode():
        expected = squeezenet(torch.stack([prepare(picture) for picture in small])).numpy()
    assert judge.name == "squeezenet1_1_mine"
    assert np.allclose(judge.logits(photographs), expected, atol=1e-4)


def test_weights_of_another_architecture_and_pickled_code_are_refused(squeezenet, tmp_path):
    path = tmp_path / "mine.pth"
    torch.save(squeezenet.state_dict(), path)
    with pytest.raises(UsageError, match=r"mine.pth does not hold weights of resnet18"):
        load_judge(f"resnet18:{path}")
    torch.save(squeezenet, path)  # the network itself, code and all
    with pytest.raises(UsageError, match=r"mine.pth holds no plain weights .*save the network's state_dict"):
        load_judge(f"squeezenet1_1:{path}")
    path.with_suffix(".safetensors").write_bytes(b"none")
    with pytest.raises(UsageError, match=r"mine.safetensors holds no weights"):
        load_judge(f"squeezenet1_1:{path.with_suffix('.safetensors')}")
