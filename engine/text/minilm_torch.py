"""The sentence encoder as one torch module: transformer, mean pooling, unit length."""

from pathlib import Path
from typing import Any

import torch
from transformers import AutoModel
from transformers.utils import logging


class _MeanPooled(torch.nn.Module):
    def __init__(self, transformer: Any) -> None:
        super().__init__()
        self.transformer = transformer

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        states = self.transformer(input_ids=ids, attention_mask=mask).last_hidden_state
        weights = mask.unsqueeze(-1).to(states.dtype)
        mean = (states * weights).sum(1) / weights.sum(1)
        return torch.nn.functional.normalize(mean, dim=1)


def load_minilm(folder: Path) -> torch.nn.Module:
    """Return the module of a MiniLM folder: ids and mask (n, tokens) to unit rows (n, 384)."""
    # A bar and a remark about training, for a load of a tenth of a second, would only puzzle.
    logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    transformer = AutoModel.from_pretrained(folder, local_files_only=True, attn_implementation="eager")
    return _MeanPooled(transformer).eval()
