"""Runs a notebook from its first cell to its last on Deno's kernel, and tells what came out.

Usage: notebook_peer.py NOTEBOOK KERNELS, where KERNELS is a folder with kernels/deno/kernel.json.
Writes JSON to standard output: for each code cell its id, text and SVG pictures.
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
    text = "".join(o.text for o in cell.outputs if o.output_type == "stream")
    svg = [o["data"]["image/svg+xml"] for o in cell.outputs if "image/svg+xml" in o.get("data", {})]
    cells.append({"id": cell.id, "text": text, "svg": svg})
json.dump(cells, sys.stdout)
