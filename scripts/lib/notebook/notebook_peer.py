"""Runs a notebook from its first cell to its last on Deno's kernel, and tells what came out.

Usage: notebook_peer.py NOTEBOOK KERNELS, where KERNELS is a folder with kernels/deno/kernel.json.
Writes JSON to standard output: for each code cell its id and what stands below it, in order: of each
output its kind, a MIME type or the name of a stream, and its text.
"""
import json
import os
import sys

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

path, kernels = sys.argv[1:]
os.environ["JUPYTER_PATH"] = kernels
notebook = nbformat.read(path, as_version=4)
nbformat.validate(notebook)
client = NotebookClient(
    notebook,
    timeout=600,
    iopub_timeout=60,
    raise_on_iopub_timeout=True,
    kernel_name="deno",
    resources={"metadata": {"path": os.path.dirname(os.path.abspath(path))}},
)
try:
    client.execute()
except CellExecutionError as error:
    sys.exit(str(error))

def shown(output):
    """An output's kind and text."""
    if output.output_type == "stream":
        return {"kind": output.name, "text": output.text}
    kind, text = next(iter(output.get("data", {}).items()))
    return {"kind": kind, "text": text}


cells = [
    {"id": cell.id, "shown": [shown(output) for output in cell.outputs]}
    for cell in notebook.cells
    if cell.cell_type == "code"
]
json.dump(cells, sys.stdout)
