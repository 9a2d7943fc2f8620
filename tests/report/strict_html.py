"""A strict reader of the report's page: what is not as it should be is an error."""

import re
from html.parser import HTMLParser

VOID = {"meta"}
ATTRIBUTES = {
    "charset", "class", "content", "cx", "cy", "d", "data-copy", "data-refresh", "height",
    "hidden", "href", "http-equiv", "id", "lang", "name", "r", "role", "scope", "transform",
    "type", "viewbox", "width", "x", "y",
}  # fmt: skip


class StrictReader(HTMLParser):
    """Tags are balanced, attributes are known, identifiers unique, addresses local."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open, self.ids, self.targets, self.words = [], [], [], []
        self.count = {}

    def handle_starttag(self, tag, attributes):
        self.count[tag] = self.count.get(tag, 0) + 1
        if tag not in VOID:
            self.open.append(tag)
        names = [name for name, _ in attributes]
        assert len(names) == len(set(names)), (tag, attributes)
        assert set(names) <= ATTRIBUTES, (tag, attributes)
        for name, value in attributes:
            assert "nan" not in (value or "").split() or name == "content", (tag, name, value)
            if name == "id":
                self.ids.append(value)
            if name == "href":
                assert value.startswith("#"), value
                self.targets.append(value[1:])

    def handle_endtag(self, tag):
        assert self.open, f"</{tag}> without a beginning"
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] not in ("script", "style"):
            self.words.append(data)


def read(page):
    """Read a page; everything that must hold of every page is checked here."""
    reader = StrictReader()
    reader.feed(page)
    reader.close()
    assert not reader.open
    assert len(reader.ids) == len(set(reader.ids))
    assert set(reader.targets) <= set(reader.ids)
    assert reader.count["script"] == reader.count["style"] == 1
    assert "Content-Security-Policy" in page
    plain = re.sub(r"'sha256-[^']*'", "", page)
    for outside in ("http:", "https:", "//", "url(", "@import"):
        assert outside not in plain
    return reader
