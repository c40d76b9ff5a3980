"""A small hub on the loopback address: real files, real answers of the data-set routes.

Serves the folders of tests/data as repositories at one commit, one of them gated, and counts
what it is asked. Only what `huggingface_hub` and `datasets` ask for. A test points a process
of its own at it with HF_ENDPOINT, because those packages read it when they are imported.
"""

import hashlib
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

COMMIT = "c0ffee" * 6 + "c0ff"
GATED = "TheFinAI/flare-fpb"
_API = re.compile(r"/api/datasets/([^/]+/[^/?]+)(?:/(revision|tree|paths-info)/([^/?]+))?(.*)")
_FILE = re.compile(r"/datasets/([^/]+/[^/]+)/resolve/([^/]+)/(.+)")


class _Hub(BaseHTTPRequestHandler):
    root: Path
    commit: str

    def log_message(self, *_: Any) -> None:
        """Nothing on the screen."""

    def do_GET(self) -> None:
        self._answer()

    def do_HEAD(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        self._answer(self.rfile.read(length).decode())

    def _answer(self, body: str = "") -> None:
        path = self.path.partition("?")[0]
        if file := _FILE.fullmatch(path):
            return self._file(file[1], file[2], file[3])
        if api := _API.fullmatch(path):
            return self._api(api[1], api[2], api[4].strip("/"), body)
        self._send(404, b"", {"X-Error-Code": "EntryNotFound"})

    def _api(self, repo: str, route: str | None, below: str, body: str) -> None:
        folder = self.root / repo
        if not folder.is_dir():
            return self._send(404, b"{}", {"X-Error-Code": "RepoNotFound"})
        if route in (None, "revision"):
            files = [{"rfilename": name} for name in self._names(folder)]
            return self._json({"id": repo, "sha": self.commit, "siblings": files, "tags": []})
        paths = [folder / below, *(folder / below).rglob("*")][1:]
        if route == "paths-info":
            asked = parse_qs(body).get("paths") or json.loads(body or "{}").get("paths", [])
            paths = [folder / name for name in asked if (folder / name).exists()]
        elif "recursive=true" not in self.path.lower():
            paths = [path for path in paths if path.parent == folder / below]
        return self._json([self._entry(folder, path) for path in sorted(paths)])

    def _file(self, repo: str, revision: str, name: str) -> None:
        path = self.root / repo / name
        if repo == GATED:
            return self._send(403, b"", {"X-Error-Code": "GatedRepo"})
        if not path.is_file():
            missing = "EntryNotFound" if path.parent.is_dir() else "RepoNotFound"
            return self._send(404, b"", {"X-Error-Code": missing})
        content = path.read_bytes()
        etag = hashlib.sha256(content).hexdigest()
        self._send(200, content, {"ETag": f'"{etag}"', "X-Repo-Commit": self.commit})

    def _names(self, folder: Path) -> list[str]:
        return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())

    def _entry(self, folder: Path, path: Path) -> dict[str, Any]:
        content = path.read_bytes() if path.is_file() else b""
        return {
            "type": "file" if path.is_file() else "directory",
            "path": path.relative_to(folder).as_posix(),
            "size": len(content),
            "oid": hashlib.sha1(content).hexdigest(),
        }

    def _json(self, content: Any) -> None:
        self._send(200, json.dumps(content).encode(), {"Content-Type": "application/json"})

    def _send(self, status: int, content: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)


@contextmanager
def fake_hub(root: Path, commit: str = COMMIT) -> Iterator[str]:
    """The address of a hub that serves the repositories below `root` until the block ends."""
    handler = type("Hub", (_Hub,), {"root": root, "commit": commit})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
