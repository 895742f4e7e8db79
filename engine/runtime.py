"""Where a network runs: OpenVINO on the processor, torch on a GPU or where OpenVINO cannot.

Networks are converted from their torch modules once and kept beside the space, so that a search never imports torch.
"""

import logging
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache, cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from types import MappingProxyType
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from mindseye.engine.vectors import FloatArray

Precision = Literal["f32", "bf16"]
log = logging.getLogger(__name__)
_FIRST = Lock()  # held by who makes what there is one of

# OpenVINO reports its use over the network unless its telemetry package cannot be imported; nothing leaves here.
sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]


class Runtime(Protocol):
    """A network ready to run: arrays in, one float32 array out."""

    name: str
    precision: Precision

    def __call__(self, *inputs: NDArray[Any]) -> FloatArray: ...

    def each(self, batches: Iterable[Sequence[NDArray[Any]]]) -> Iterator[FloatArray]:
        """Yield the output of each batch of inputs, in order: what is fastest for many."""
        ...


class OpenVINORuntime:
    """A network compiled by OpenVINO for the processor at hand; threads: of one call, all when None."""

    name = "openvino"

    def __init__(self, model: Path, precision: Precision, threads: int | None = None) -> None:
        with _FIRST:
            core = _core()
        if precision == "bf16" and "BF16" not in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES"):
            precision = "f32"
        self.precision: Precision = precision
        self._core, self._network = core, core.read_model(model)
        # Pinned threads wait for their core even while another is free.
        few = {"INFERENCE_NUM_THREADS": threads, "ENABLE_CPU_PINNING": False} if threads else {}
        self._compiled = self._compile("LATENCY", few)
        self._one_by_one = Lock()

    def _compile(self, performance: str, more: Mapping[str, Any] = MappingProxyType({})) -> Any:
        # OpenVINO would choose bfloat16 by itself where it can; the hint keeps float32 exact.
        hints = {"INFERENCE_PRECISION_HINT": self.precision, "PERFORMANCE_HINT": performance, **more}
        return self._core.compile_model(self._network, "CPU", hints)

    def __call__(self, *inputs: NDArray[Any]) -> FloatArray:
        with self._one_by_one:  # its one request serves one thread at a time
            return np.array(self._compiled(list(inputs))[0], dtype=np.float32)

    @cached_property
    def _streams(self) -> Any:
        """The network compiled to run several batches side by side, a core each: half as fast again as one by one."""
        return self._compile("THROUGHPUT")

    def each(self, batches: Iterable[Sequence[NDArray[Any]]]) -> Iterator[FloatArray]:
        """Yield the output of each batch of inputs, in order; as many as there are cores run at once."""
        count = self._streams.get_property("OPTIMAL_NUMBER_OF_INFER_REQUESTS")
        ring = [self._streams.create_infer_request() for _ in range(count)]
        running: deque[Any] = deque()
        for number, batch in enumerate(batches):
            if len(running) == len(ring):
                yield _output(running.popleft())
            request = ring[number % len(ring)]
            request.start_async(list(batch))
            running.append(request)
        while running:
            yield _output(running.popleft())


def _output(request: Any) -> FloatArray:
    request.wait()
    return np.array(request.get_output_tensor(0).data, dtype=np.float32)


@cache
def _core() -> Any:
    """Return the one OpenVINO of this process, which is never let go.

    Its plugin lends the thread that makes it a stack for signals; with two of them, let go in the order they were made,
    that thread was left with a freed one, and Ctrl-C ended the process by a segmentation fault.
    """
    import openvino

    return openvino.Core()


class TorchRuntime:
    """The torch module itself, on a GPU when there is one."""

    name = "torch"
    precision: Precision = "f32"

    def __init__(self, module: Any) -> None:
        import torch

        self._torch = torch
        self._device = "cuda" if torch.cuda.is_available() else "cpu"
        self._module = module.eval().to(self._device)

    def __call__(self, *inputs: NDArray[Any]) -> FloatArray:
        with self._torch.inference_mode():
            tensors = [self._torch.from_numpy(array).to(self._device) for array in inputs]
            return np.asarray(self._module(*tensors).float().cpu().numpy(), dtype=np.float32)

    def each(self, batches: Iterable[Sequence[NDArray[Any]]]) -> Iterator[FloatArray]:
        """Yield the output of each batch of inputs, in order."""
        return (self(*batch) for batch in batches)


@cache
def gpu_present() -> bool:
    """Say whether torch can use a GPU; torch is imported only where a driver shows."""
    if sys.platform == "linux" and not Path("/dev/nvidiactl").exists():
        return False
    import torch

    return bool(torch.cuda.is_available())


def open_runtime(
    module: Callable[[], Any],
    example: Callable[[], Sequence[Any]],
    model: Path,
    precision: Precision,
    threads: int | None = None,
) -> Runtime:
    """Open a network where it runs fastest.

    module, example: make the torch module and example inputs, called only when needed; model: where the converted
    network is kept (`.xml`), written at the first call; precision: asked for, float32 where bfloat16 cannot be had;
    threads: of one call on the processor, all when None.
    """
    if gpu_present():
        return TorchRuntime(module())
    try:
        if model.exists():
            try:
                return OpenVINORuntime(model, precision, threads)
            except RuntimeError:  # damaged, or another version's: converted again
                model.unlink()
        _convert(module(), example(), model)
        return OpenVINORuntime(model, precision, threads)
    except (ImportError, OSError, RuntimeError) as error:
        reason = next(iter(str(error).splitlines()), type(error).__name__)
        log.warning("OpenVINO cannot run %s here (%s); torch runs it instead, more slowly", model.stem, reason)
        return TorchRuntime(module())


def _convert(module: Any, example: Sequence[Any], model: Path) -> None:
    import warnings

    import openvino

    with warnings.catch_warnings():  # tracing warns of every shape it fixes; the tests compare with torch instead
        warnings.simplefilter("ignore")
        converted = openvino.convert_model(module.eval(), example_input=tuple(example))
    model.parent.mkdir(parents=True, exist_ok=True)
    # Two processes may convert at once: each writes its own files, and the .xml, which is looked for, comes last.
    with TemporaryDirectory(dir=model.parent) as folder:
        written = Path(folder) / model.name
        openvino.save_model(converted, written, compress_to_fp16=False)
        written.with_suffix(".bin").replace(model.with_suffix(".bin"))
        written.replace(model)
