"""Serves a GGUF file on loopback, OpenAI-compatible, with llama.cpp's own server from the package xllamacpp.

usage: serve_llm.py MODEL.gguf [--port 8091] [--context 8192] [--name local]

The window serves models itself; this is for evaluations and for trying models from the terminal.
"""

from __future__ import annotations

import argparse
import importlib
import sys
import threading
from pathlib import Path
from typing import Any

_THREADS = 2


def serve(model: Path, port: int, context: int, name: str) -> Any:
    """Start serving and return the server, which serves as long as it is kept."""
    xllamacpp: Any = importlib.import_module("xllamacpp")
    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(model)
    parameters.n_ctx = context
    parameters.n_parallel = 1
    parameters.n_gpu_layers = 0
    parameters.hostnames = ["127.0.0.1"]
    parameters.port = port
    parameters.model_alias = {name}
    parameters.verbosity = 1
    parameters.cpuparams.n_threads = _THREADS
    parameters.cpuparams_batch.n_threads = _THREADS
    return xllamacpp.Server(parameters)


def main() -> int:
    """Serve what the command line names until it is interrupted."""
    parser = argparse.ArgumentParser(description="Serve a GGUF file on this computer.")
    parser.add_argument("model", type=Path)
    parser.add_argument("--port", type=int, default=8091)
    parser.add_argument("--context", type=int, default=8192, help="tokens")
    parser.add_argument("--name", default="local", help="what clients call the model")
    said = parser.parse_args()
    server = serve(said.model, said.port, said.context, said.name)
    print(f"Serving {said.model.name} at {server.listening_address}/v1; Ctrl+C ends it.", flush=True)
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        return 0
    return 1


if __name__ == "__main__":
    sys.exit(main())
