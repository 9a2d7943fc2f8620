"""A report as Markdown and as one HTML page."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass, field

_STYLE = """
body {font: 15px/1.45 system-ui, sans-serif; color: #222}
body {max-width: 1100px; margin: 2em auto; padding: 0 1em}
table {border-collapse: collapse; margin: 1em 0; font-variant-numeric: tabular-nums}
th, td {padding: .25em .7em; border-bottom: 1px solid #ddd; text-align: right}
th:first-child, td:first-child {text-align: left}
img {max-width: 100%; margin: .3em}
"""


@dataclass
class Document:
    """Headings, paragraphs, tables and pictures, in order."""

    title: str
    _markdown: list[str] = field(default_factory=list)
    _html: list[str] = field(default_factory=list)

    def heading(self, text: str) -> None:
        self._markdown.append(f"## {text}\n")
        self._html.append(f"<h2>{html.escape(text)}</h2>")

    def paragraph(self, text: str) -> None:
        self._markdown.append(f"{text}\n")
        self._html.append(f"<p>{html.escape(text)}</p>")

    def bullets(self, lines: Sequence[str]) -> None:
        self._markdown.append("".join(f"- {line}\n" for line in lines))
        self._html.append(
            "<ul>" + "".join(f"<li>{html.escape(line)}</li>" for line in lines) + "</ul>"
        )

    def table(self, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        line = "| " + " | ".join(head) + " |\n|" + "---|" * len(head) + "\n"
        self._markdown.append(line + "".join("| " + " | ".join(row) + " |\n" for row in rows))
        cells = "".join(f"<th>{html.escape(h)}</th>" for h in head)
        body = "".join(
            "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>"
            for row in rows
        )
        self._html.append(f"<table><tr>{cells}</tr>{body}</table>")

    def picture(self, png: str, text: str) -> None:
        """A picture; it is only in the HTML page."""
        self._html.append(f'<img alt="{html.escape(text)}" src="data:image/png;base64,{png}">')

    def markdown(self) -> str:
        return f"# {self.title}\n\n" + "\n".join(self._markdown)

    def page(self) -> str:
        title = html.escape(self.title)
        return (
            f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>'
            f"<style>{_STYLE}</style><h1>{title}</h1>" + "\n".join(self._html) + "</html>\n"
        )
