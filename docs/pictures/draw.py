#!/usr/bin/env python3
"""Draws the pictures of the documents: `python3 docs/pictures/draw.py` writes each as an SVG file next to this script."""

from html import escape
from pathlib import Path

# A viewer's dark mode changes the colors. The background is opaque, so the text is readable on any page.
STYLE = """
text { font: 13px sans-serif; fill: #1f2328; text-anchor: middle }
.title { font-weight: bold }
.note { font-size: 12px; fill: #59636e }
.start { text-anchor: start }
.page { fill: #ffffff }
.area { fill: #f6f8fa; stroke: #c4cad1 }
.box { fill: #ddf4ff; stroke: #0969da }
.file { fill: #fff8c5; stroke: #9a6700 }
.line { stroke: #59636e; stroke-width: 1.5; fill: none }
.port { stroke: #59636e; stroke-dasharray: 5 4 }
.head { fill: #59636e }
@media (prefers-color-scheme: dark) {
  text { fill: #f0f6fc }
  .note { fill: #9198a1 }
  .page { fill: #0d1117 }
  .area { fill: #151b23; stroke: #3d444d }
  .box { fill: #0c2d5e; stroke: #4493f8 }
  .file { fill: #3b2a04; stroke: #d29922 }
  .line, .port { stroke: #9198a1 }
  .head { fill: #9198a1 }
}
"""


class Picture:
    def __init__(self, width, height, title):
        self.width, self.height, self.title, self.parts = width, height, title, []

    def text(self, x, y, text, style=""):
        self.parts.append(f'<text x="{x}" y="{y}" class="{style}">{escape(text)}</text>')

    def rect(self, x, y, width, height, style):
        self.parts.append(f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="6" class="{style}"/>')

    def area(self, x, y, width, height, title, note):
        """A part of the system that contains others. Its title is at the bottom left, where no arrow enters."""
        self.rect(x, y, width, height, "area")
        title, note = escape(title), escape(note)
        self.parts.append(
            f'<text x="{x + 14}" y="{y + height - 12}" class="start"><tspan class="title">{title}</tspan>'
            f'<tspan dx="8" class="note">{note}</tspan></text>'
        )

    def box(self, x, y, width, height, title, *notes, style="box"):
        self.rect(x, y, width, height, style)
        top = y + height / 2 + 5 - 9 * len(notes)
        self.text(x + width / 2, top, title, "title")
        for line, note in enumerate(notes, 1):
            self.text(x + width / 2, top + 18 * line, note, "note")

    def arrow(self, x1, y1, x2, y2, both=False):
        ends = 'marker-start="url(#head)" marker-end="url(#head)"' if both else 'marker-end="url(#head)"'
        self.parts.append(f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" class="line" {ends}/>')

    def port(self, x1, x2, y):
        self.parts.append(f'<line x1="{x1}" y1="{y}" x2="{x2}" y2="{y}" class="port"/>')

    def write(self, name):
        head = (
            '<marker id="head" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" '
            'orient="auto-start-reverse"><path d="M0 0 10 5 0 10z" class="head"/></marker>'
        )
        lines = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width} {self.height}" '
            f'width="{self.width}" height="{self.height}" role="img">',
            f"<title>{escape(self.title)}</title>",
            f"<style>{STYLE}</style>",
            f"<defs>{head}</defs>",
            '<rect width="100%" height="100%" class="page"/>',
            *self.parts,
            "</svg>",
        ]
        (Path(__file__).parent / name).write_text("\n".join(lines) + "\n")


def architecture():
    picture = Picture(760, 540, "The path of a write and of a read through persist")
    picture.box(20, 16, 720, 48, "Your program", "structs with derived key and payload traits; threads, or tasks of any async runtime")

    picture.area(20, 108, 720, 190, "persist-core", "encoding and engine")
    for shift in (12, 6):
        picture.rect(44 + shift, 126 + shift, 660, 124, "area")
    picture.area(44, 126, 660, 124, "Job", "a worker thread and a database file")
    picture.box(64, 142, 184, 56, "Queue", "bounded in bytes, in order")
    picture.box(288, 142, 184, 56, "Worker thread", "takes a group of writes")
    picture.box(504, 142, 184, 74, "Reads", "see every earlier write", "caller's thread, or a pool")

    picture.arrow(156, 64, 156, 140)
    picture.text(164, 90, "writes", "start")
    picture.arrow(248, 170, 286, 170)
    picture.arrow(380, 142, 380, 66)
    picture.text(388, 90, "outcome, in a ticket", "start")
    picture.arrow(596, 66, 596, 140, both=True)
    picture.text(604, 90, "gets, counts, scans", "start")

    picture.port(20, 740, 322)
    picture.text(28, 316, "backend port (traits)", "note start")

    picture.area(20, 346, 232, 110, "Memory", "for tests")
    picture.box(40, 362, 192, 52, "Ordered map", "second backend")

    picture.area(268, 346, 472, 178, "persist-sqlite", "one directory, one file per job")
    picture.box(288, 362, 184, 52, "Writer", "one transaction per group")
    picture.box(504, 362, 184, 52, "Reader", "snapshots")
    picture.box(288, 442, 400, 46, "alpha.db", "SQLite in WAL mode, open to other programs", style="file")
    picture.arrow(380, 198, 380, 360)
    picture.arrow(596, 218, 596, 360, both=True)
    picture.arrow(380, 414, 380, 440)
    picture.arrow(596, 440, 596, 416)
    picture.write("architecture.svg")


architecture()
