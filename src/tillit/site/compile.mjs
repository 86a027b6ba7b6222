/**
 * Compiles the Python in a zip file to bytecode, with the very Python that will run it: Pyodide, here under node.
 *
 *   node compile.mjs PYODIDE IN.zip OUT.zip WHERE [LEFT-OUT …]
 *
 * Reading source at every start is half of what the page waits for. PYODIDE is the folder of Pyodide's core, WHERE the
 * path that the files will have in the page, LEFT-OUT patterns of the modules and packages that are not taken along.
 */
import { readFile, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const COMPILE = `
import io, zipfile
from fnmatch import fnmatchcase
from importlib._bootstrap_external import _code_to_hash_pyc

NEVER_CHECKED = bytes(8)  # there is no source beside it to check it against
SAME_TIME = (1980, 1, 1, 0, 0, 0)  # so that equal input gives equal output

def compiled(data, where, left_out):
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(made, "w") as target:
        for name in sorted(source.namelist()):
            if name.endswith("/") or any(fnmatchcase(name, f"{one}{end}") for one in left_out for end in (".py", "/*")):
                continue
            content = source.read(name)
            if name.endswith(".py"):
                code = compile(content, f"{where}/{name}", "exec", dont_inherit=True, optimize=2)
                name, content = f"{name}c", _code_to_hash_pyc(code, NEVER_CHECKED, checked=False)
            entry = zipfile.ZipInfo(name, SAME_TIME)
            target.writestr(entry, content, zipfile.ZIP_DEFLATED, compresslevel=9)
    return made.getvalue()

compiled
`;

const [pyodide, from, to, where, ...leftOut] = process.argv.slice(2);
const folder = resolve(pyodide);
const { loadPyodide } = await import(pathToFileURL(`${folder}/pyodide.mjs`));
const python = await loadPyodide({ indexURL: `${folder}/` });
const data = python.toPy(new Uint8Array(await readFile(from))).tobytes();
const made = python.runPython(COMPILE)(data, where, python.toPy(leftOut));
await writeFile(to, made.toJs());
