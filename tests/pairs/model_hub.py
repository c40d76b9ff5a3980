"""A small hub of models on the loopback address, which can be told to fail.

Speaks as much of the hub's protocol as `huggingface_hub` asks for: model info with sizes, file
trees, files with ETag, commit and byte ranges. `Faults` break it in one way each.
"""

import hashlib
import json
import re
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

COMMIT = "c0ffee" * 6 + "c0ff"
_INFO = re.compile(r"/api/models/([^/]+/[^/?]+)(?:/revision/([^/?]+))?")
_TREE = re.compile(r"/api/models/([^/]+/[^/?]+)/tree/([^/?]+)(?:/.*)?")
_FILE = re.compile(r"/([^/]+/[^/]+)/resolve/([^/]+)/(.+)")
_RANGE = re.compile(r"bytes=(\d+)-(\d*)")


@dataclass
class Faults:
    """What is wrong; statuses by repository, and files that are cut or told too long."""

    statuses: dict[str, int] = field(default_factory=dict)
    moved: dict[str, str] = field(default_factory=dict)  # former name → name
    cut: Counter[str] = field(default_factory=Counter)  # file → how often its end is missing
    asked: Counter[str] = field(default_factory=Counter)  # path → bytes sent
    licence: str | None = "apache-2.0"
    pages: set[str] = field(default_factory=set)  # repositories of which a web page answers


class _Hub(BaseHTTPRequestHandler):
    root: Path
    faults: Faults

    def log_message(self, *_: Any) -> None:
        """Nothing on the screen."""

    def do_GET(self) -> None:
        self._answer()

    def do_HEAD(self) -> None:
        self._answer()

    def _answer(self) -> None:
        path = self.path.partition("?")[0]
        for pattern, answer in ((_TREE, self._tree), (_INFO, self._info), (_FILE, self._file)):
            if match := pattern.fullmatch(path):
                self._about(match[1], lambda m=match, a=answer: a(*m.groups()))
                return
        self._send(404, b"", {"X-Error-Code": "EntryNotFound"})

    def _about(self, repo: str, answer: Any) -> None:
        if moved := self.faults.moved.get(repo):
            return self._send(307, b"", {"Location": self.path.replace(repo, moved)})
        if repo in self.faults.pages:
            return self._send(200, b"<html>Log in</html>", {"Content-Type": "text/html"})
        status = self.faults.statuses.get(repo)
        if status == 403:
            return self._send(403, b"", {"X-Error-Code": "GatedRepo"})
        if status is not None:
            return self._send(status, b"", {"Retry-After": "7"} if status == 429 else {})
        if not (self.root / repo).is_dir():
            return self._send(401, b"", {"X-Error-Code": "RepoNotFound"})
        answer()
        return None

    def _info(self, repo: str, revision: str | None) -> None:
        if revision not in (None, "main", COMMIT):
            return self._send(404, b"", {"X-Error-Code": "RevisionNotFound"})
        files = [
            {"rfilename": name, "size": (self.root / repo / name).stat().st_size}
            for name in self._names(repo)
        ]
        card = {"license": self.faults.licence} if self.faults.licence else {}
        return self._json(
            {
                "id": repo,
                "sha": COMMIT,
                "siblings": files,
                "tags": [],
                "gated": False,
                "cardData": card,
            }
        )

    def _tree(self, repo: str, revision: str) -> None:
        entries = []
        for name in self._names(repo):
            content = (self.root / repo / name).read_bytes()
            oid = hashlib.sha1(content).hexdigest()
            entries.append({"type": "file", "path": name, "size": len(content), "oid": oid})
        return self._json(entries)

    def _file(self, repo: str, revision: str, name: str) -> None:
        path = self.root / repo / name
        if not path.is_file():
            return self._send(404, b"", {"X-Error-Code": "EntryNotFound"})
        content = path.read_bytes()
        headers = {
            "ETag": f'"{hashlib.sha256(content).hexdigest()}"',
            "X-Repo-Commit": COMMIT,
            "Accept-Ranges": "bytes",
        }
        asked = _RANGE.fullmatch(self.headers.get("Range") or self.headers.get("range") or "")
        if asked is None:
            return self._send(200, content, headers, name)
        start, end = int(asked[1]), min(int(asked[2] or len(content) - 1), len(content) - 1)
        headers["Content-Range"] = f"bytes {start}-{end}/{len(content)}"
        return self._send(206, content[start : end + 1], headers, name)

    def _names(self, repo: str) -> list[str]:
        folder = self.root / repo
        return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())

    def _json(self, content: Any) -> None:
        self._send(200, json.dumps(content).encode(), {"Content-Type": "application/json"})

    def _send(
        self, status: int, content: bytes, headers: dict[str, str], name: str | None = None
    ) -> None:
        self.send_response(status)
        for key, value in headers.items():
            self.send_header(key, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command == "HEAD":
            return
        if name is not None and self.faults.cut[name] > 0:
            self.faults.cut[name] -= 1
            content = content[: len(content) // 2]
            self.close_connection = True
        self.faults.asked[self.path.partition("?")[0]] += len(content)
        self.wfile.write(content)


@contextmanager
def model_hub(root: Path, faults: Faults) -> Iterator[str]:
    """The address of a hub that serves the repositories below `root` until the block ends."""
    handler = type("Hub", (_Hub,), {"root": root, "faults": faults})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
