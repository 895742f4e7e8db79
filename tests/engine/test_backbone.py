import hashlib

import numpy as np
import pytest
import torch
from efficientnet_lite_pytorch import EfficientNet

from mindseye.engine.errors import UsageError
from mindseye.engine.vision.backbone import (
    BACKBONES,
    clipped_normal_mean,
    load_backbone,
    read_head,
    weights_path,
)


@pytest.fixture(scope="module")
def lite0():
    return load_backbone("lite0")


def test_features_and_head_give_the_logits_of_the_published_network(lite0):
    published = EfficientNet.from_name("efficientnet-lite0").eval()
    published.load_state_dict(torch.load(weights_path("lite0"), weights_only=True))
    pictures = torch.rand(2, 3, 224, 224, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        expected = published((pictures - 0.5) / 0.5).numpy()
        logits = lite0.features(pictures).numpy() @ lite0.head.weights.T + lite0.head.bias
    np.testing.assert_allclose(logits, expected, atol=1e-3)


def test_features_are_pooled_and_gradients_reach_the_pictures_only(lite0):
    pictures = torch.rand(1, 3, 64, 64).requires_grad_()
    features = lite0.features(pictures)
    features.sum().backward()
    assert features.shape == (1, 1280)
    assert pictures.grad is not None and bool(pictures.grad.any())
    assert not any(weight.requires_grad for weight in lite0.module.parameters())


@pytest.mark.parametrize("name", BACKBONES)
def test_the_head_is_read_without_the_network(name):
    head = read_head(name)
    backbone = load_backbone(name)
    assert head.weights.shape == (1000, 1280) and head.bias.shape == (1000,)
    assert head.weights.dtype == head.feature_mean.dtype == np.float32
    for alone, built in zip(head, backbone.head, strict=True):
        np.testing.assert_array_equal(alone, built)
    assert backbone.input_size == BACKBONES[name]


def test_the_mean_feature_is_that_of_a_clipped_normal():
    mean = np.array([-2.0, -0.5, 0.0, 0.3, 3.0, 6.0, 9.0], dtype=np.float32)
    deviation = np.array([1.0, 0.2, 1.0, 2.0, 4.0, 1.5, 0.1], dtype=np.float32)
    drawn = np.random.default_rng(0).normal(mean, deviation, size=(1_000_000, len(mean)))
    sampled = np.clip(drawn, 0, 6).mean(axis=0)
    np.testing.assert_allclose(clipped_normal_mean(mean, deviation), sampled, atol=0.01)


def test_a_channel_that_never_varies_has_its_clipped_value():
    mean = np.array([-1.0, 2.0, 8.0], dtype=np.float32)
    np.testing.assert_allclose(clipped_normal_mean(mean, np.zeros(3, np.float32)), [0, 2, 6], atol=1e-6)


def test_the_weights_hash_is_the_file_s(lite0):
    assert lite0.weights_hash == hashlib.sha256(weights_path("lite0").read_bytes()).hexdigest()


@pytest.mark.parametrize("call", [load_backbone, read_head, weights_path])
def test_an_unknown_network_is_refused_by_name(call):
    with pytest.raises(UsageError, match=r"'lite9'.*lite0, lite1, lite2"):
        call("lite9")
