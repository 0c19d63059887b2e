"""Runs a notebook from its first cell to its last on Deno's kernel, and tells what came out.

Usage: notebook_peer.py NOTEBOOK KERNELS, where KERNELS is a folder with kernels/deno/kernel.json.
Writes JSON to standard output: for each code cell its id, SVG pictures and Markdown.
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

cells = []
for cell in notebook.cells:
    if cell.cell_type != "code":
        continue
    shown = [o.get("data", {}) for o in cell.outputs]
    cells.append({
        "id": cell.id,
        "svg": [data["image/svg+xml"] for data in shown if "image/svg+xml" in data],
        "markdown": [data["text/markdown"] for data in shown if "text/markdown" in data],
    })
json.dump(cells, sys.stdout)
