"""What a browser makes of a file: its tags, and each table's cells as text."""

from html.parser import HTMLParser

VOID = {"meta", "br", "circle", "path", "ellipse"}
OUTSIDE = ("src", "srcset", "poster", "data", "action", "formaction", "xlink:href")


class Seen(HTMLParser):
    """Tags with their attributes, text, and tables by caption: rows of cells."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.tables: dict[str, list[list[str]]] = {}
        self._open: list[str] = []
        self._caption = ""
        self.feed(html)
        assert self._open == [], "every element is closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note it."""
        self.tags.append((tag, dict(attrs)))
        if tag in VOID:
            return
        self._open.append(tag)
        if tag == "table":
            self._caption = ""
        rows = self.tables.setdefault(self._caption, []) if tag in ("tr", "th", "td") else []
        if tag == "tr":
            rows.append([])
        if tag in ("th", "td"):
            rows[-1].append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Void elements of a picture."""
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        """Elements are closed in their order."""
        if tag not in VOID:
            assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Text, into its cell where it has one."""
        self.text += data
        if "caption" in self._open:
            self._caption += data
        elif "th" in self._open or "td" in self._open:
            cells = self.tables[self._caption][-1]
            cells[-1] += f" {data}" if "small" in self._open else data

    def outside(self) -> list[str]:
        """What would fetch, run or leave: there must be none."""
        scripts = [
            tag for tag, _ in self.tags if tag in ("script", "iframe", "object", "link", "img")
        ]
        named = [
            f"{tag} {name}={value}"
            for tag, attributes in self.tags
            for name, value in attributes.items()
            if name.startswith("on")
            or name in OUTSIDE
            or (name == "href" and not str(value).startswith("#"))
        ]
        return scripts + named
