"""Diffusion: tiny random pipelines, written as diffusers writes them, loaded by the real code."""

import json
import shutil
import sys
import warnings

import numpy as np
import pytest
import torch

from mindseye.engine.errors import UsageError, VectorError
from mindseye.engine.synthesis import load_method
from mindseye.engine.synthesis.unclip import load_unclip

pytest.importorskip("diffusers", reason="the extra [diffusion] is not installed")
pytest.importorskip("transformers", reason="the extra [diffusion] is not installed")

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from diffusers import (
        AutoencoderKL,
        DDIMScheduler,
        DDPMScheduler,
        PriorTransformer,
        StableUnCLIPPipeline,
        UnCLIPPipeline,
        UnCLIPScheduler,
        UNet2DConditionModel,
        UNet2DModel,
    )
    from diffusers.pipelines.deprecated.unclip import UnCLIPTextProjModel
    from diffusers.pipelines.stable_diffusion.stable_unclip_image_normalizer import StableUnCLIPImageNormalizer
    from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

WIDTH = 16  # of the CLIP vectors
LETTERS = "abcdefghijklmnopqrstuvwxyz:"


def tokenizer():
    ends = [f"{letter}</w>" for letter in LETTERS]
    names = ["<|startoftext|>", "<|endoftext|>", *LETTERS, *ends]
    return CLIPTokenizer(vocab={name: number for number, name in enumerate(names)}, merges=[], model_max_length=77)


def text_config():
    return CLIPTextConfig(
        bos_token_id=0, eos_token_id=1, pad_token_id=1, vocab_size=64, hidden_size=WIDTH, projection_dim=WIDTH,
        intermediate_size=32, num_attention_heads=2, num_hidden_layers=1,
    )  # fmt: skip


def prior():
    made = PriorTransformer(num_attention_heads=2, attention_head_dim=8, embedding_dim=WIDTH, num_layers=1)
    made.clip_std.data.fill_(1.0)  # of the training vectors: untrained, a prior has none
    return made


def prior_schedule():
    return {"variance_type": "fixed_small_log", "prediction_type": "sample", "num_train_timesteps": 1000}


def unclip():
    torch.manual_seed(0)
    decoder = UNet2DConditionModel(
        sample_size=8, in_channels=3, out_channels=6, down_block_types=("ResnetDownsampleBlock2D",),
        up_block_types=("ResnetUpsampleBlock2D",), mid_block_type="UNetMidBlock2DSimpleCrossAttn",
        block_out_channels=(8,), layers_per_block=1, cross_attention_dim=WIDTH, attention_head_dim=4,
        resnet_time_scale_shift="scale_shift", class_embed_type="identity", norm_num_groups=4,
    )  # fmt: skip
    large = {
        "sample_size": 16, "layers_per_block": 1, "in_channels": 6, "out_channels": 3, "block_out_channels": (8,),
        "down_block_types": ("ResnetDownsampleBlock2D",), "up_block_types": ("ResnetUpsampleBlock2D",),
        "norm_num_groups": 4,
    }  # fmt: skip
    return UnCLIPPipeline(
        prior=prior(),
        decoder=decoder,
        text_encoder=CLIPTextModelWithProjection(text_config()),
        tokenizer=tokenizer(),
        text_proj=UnCLIPTextProjModel(
            clip_embeddings_dim=WIDTH, time_embed_dim=32, cross_attention_dim=WIDTH, clip_extra_context_tokens=2
        ),
        super_res_first=UNet2DModel(**large),
        super_res_last=UNet2DModel(**large),
        prior_scheduler=UnCLIPScheduler(**prior_schedule()),
        decoder_scheduler=UnCLIPScheduler(variance_type="learned_range", prediction_type="epsilon"),
        super_res_scheduler=UnCLIPScheduler(variance_type="fixed_small_log", prediction_type="epsilon"),
    )


def stable_unclip():
    torch.manual_seed(0)
    unet = UNet2DConditionModel(
        sample_size=8, in_channels=4, out_channels=4, down_block_types=("CrossAttnDownBlock2D",),
        up_block_types=("CrossAttnUpBlock2D",), block_out_channels=(8,), attention_head_dim=4, norm_num_groups=4,
        class_embed_type="projection", projection_class_embeddings_input_dim=2 * WIDTH, cross_attention_dim=WIDTH,
        layers_per_block=1, use_linear_projection=True,
    )  # fmt: skip
    return StableUnCLIPPipeline(
        prior_tokenizer=tokenizer(),
        prior_text_encoder=CLIPTextModelWithProjection(text_config()),
        prior=prior(),
        prior_scheduler=DDPMScheduler(
            variance_type="fixed_small_log", prediction_type="sample", clip_sample_range=5.0,
            beta_schedule="squaredcos_cap_v2",
        ),
        image_normalizer=StableUnCLIPImageNormalizer(embedding_dim=WIDTH),
        image_noising_scheduler=DDPMScheduler(beta_schedule="squaredcos_cap_v2"),
        tokenizer=tokenizer(),
        text_encoder=CLIPTextModel(text_config()),
        unet=unet,
        scheduler=DDIMScheduler(beta_start=0.00085, beta_end=0.012, clip_sample=False, set_alpha_to_one=False),
        vae=AutoencoderKL(latent_channels=4, block_out_channels=(8,), norm_num_groups=4, layers_per_block=1),
    )  # fmt: skip


@pytest.fixture(scope="module", params=[unclip, stable_unclip], ids=lambda made: made.__name__)
def folder(request, tmp_path_factory):
    home = tmp_path_factory.mktemp(request.param.__name__)
    request.param().save_pretrained(home, safe_serialization=True)
    return home


@pytest.fixture(scope="module")
def method(folder):
    return load_method("unclip", size=64, pipeline=folder)


@pytest.fixture(scope="module")
def targets(method, pocket):
    queries = pocket.word_queries([pocket.wording(word) for word in ("zebra", "volcano")])
    return [method.target(pocket, query) for query in queries]


def test_words_are_mapped_by_the_prior_and_have_one_target(method, targets, pocket):
    zebra, volcano = targets
    assert set(zebra) == {"clip", "lite0", "lite1"} and zebra["clip"].shape == (WIDTH,)
    again = method.target(pocket, pocket.word_queries([pocket.wording("zebra")])[0])
    np.testing.assert_allclose(again["clip"], zebra["clip"], rtol=1e-5)
    assert not np.allclose(zebra["clip"], volcano["clip"])


def test_a_picture_depends_on_its_target_and_its_seed(method, targets):
    zebra, volcano = targets
    steps = []
    one, two, three = method([zebra, volcano, zebra], [[]] * 3, [7, 7, 8], steps.append)
    assert one.picture.shape == (64, 64, 3) and one.picture.dtype == np.uint8
    assert set(one.similarity) == {"lite0", "lite1"} and (one.start, one.seed) == (None, 7)
    assert [step.done for step in steps] == list(range(1, 3 * one.steps + 1)) and steps[0].total == 3 * one.steps
    assert steps[0].look().shape == (3, 64, 64, 3)
    assert not np.array_equal(one.picture, two.picture) and not np.array_equal(one.picture, three.picture)
    (alone,) = method([zebra], [[]], [7])
    np.testing.assert_array_equal(alone.picture, one.picture)


def test_cancelling_stops_at_once(method, targets):
    seen = []

    def cancel(step):
        seen.append(step.done)
        if step.done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        method(targets, [[], []], [0, 1], cancel)
    assert seen == [1, 2, 3]
    assert len(method(targets, [[], []], [0, 1])) == 2  # and the pipeline still works


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (np.zeros(WIDTH, np.float32), "target 1 for clip is zero"),
        (np.full(WIDTH, np.nan, np.float32), "not finite"),
        (np.ones(WIDTH + 1, np.float32), f"target 1 holds no CLIP vector of {WIDTH} numbers"),
    ],
    ids=["zero", "nan", "wide"],
)
def test_a_bad_target_is_refused_before_the_first_step(method, targets, bad, message):
    steps = []
    with pytest.raises(VectorError, match=message):
        method([targets[0], {**targets[1], "clip": bad}], [[], []], [0, 1], steps.append)
    with pytest.raises(VectorError, match="target 0 holds no CLIP vector"):
        method([{"lite0": targets[0]["lite0"]}], [[]], [0], steps.append)
    assert steps == []


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ({"lite1": np.zeros(1280, np.float32)}, "target 1 for lite1 is zero"),
        ({"lite0": np.ones(384, np.float32)}, "target 1 for lite0 has shape"),
        ({"lite9": np.ones(1280, np.float32)}, "target 1 is for the networks"),
    ],
    ids=["zero", "narrow", "unknown"],
)
def test_a_bad_vector_to_compare_by_is_refused_before_the_first_step(method, targets, bad, message):
    steps = []
    with pytest.raises(VectorError, match=message):
        method([targets[0], {**targets[1], **bad}], [[], []], [0, 1], steps.append)
    assert steps == []


def test_weights_are_part_of_the_parameters_and_a_size_out_of_range_is_refused(folder, method):
    assert method.parameters["size"] == 64 and len(method.parameters["weights"]) == 16
    with pytest.raises(UsageError, match="cannot be 5000 pixels wide"):
        load_method("unclip", size=5000, pipeline=folder)


@pytest.mark.parametrize("part", ["prior", "prior/fp16"])
def test_pickled_weights_are_refused(folder, tmp_path, part):
    pickled = tmp_path / "pickled"
    shutil.copytree(folder, pickled)
    (weights,) = (pickled / "prior").glob("*.safetensors")
    (pickled / part).mkdir(exist_ok=True)
    weights.rename(pickled / part / "weights.bin")
    with pytest.raises(UsageError, match=f"{part} holds pickled weights only"):
        load_unclip(pickled)


def test_a_folder_that_is_no_such_pipeline_is_refused(folder, tmp_path):
    with pytest.raises(UsageError, match="holds no diffusion pipeline"):
        load_unclip(tmp_path)
    (tmp_path / "model_index.json").write_text(json.dumps({"_class_name": "StableDiffusionPipeline"}))
    with pytest.raises(UsageError, match="holds a StableDiffusionPipeline"):
        load_unclip(tmp_path)
    halved = tmp_path / "halved"
    shutil.copytree(folder, halved)
    shutil.rmtree(halved / "prior")
    with pytest.raises(UsageError, match="cannot be read as a pipeline"):
        load_unclip(halved)


def test_without_the_extra_or_a_folder_the_way_out_is_named(folder, monkeypatch):
    with pytest.raises(UsageError, match="MINDSEYE_UNCLIP"):
        load_method("unclip")
    monkeypatch.setitem(sys.modules, "diffusers", None)
    with pytest.raises(UsageError, match=r"pip install 'mindseye\[diffusion\]'"):
        load_unclip(folder)
