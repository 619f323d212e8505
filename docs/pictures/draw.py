#!/usr/bin/env python3
"""Draws the pictures of the documents and of the guide.

`python3 docs/pictures/draw.py` writes each picture to its place in the repository as an SVG file.
`python3 docs/pictures/draw.py <folder>` writes them to the same places below another folder, for comparison.
"""

import sys
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

# A picture of the guide is part of a page of rustdoc, so every selector names its class. The text and the background have the
# colors of the page's theme, which are variables of rustdoc. A viewer of the file alone has no such variables, and its dark mode
# decides. All other colors are translucent or of medium brightness, and fit both.
GUIDE_STYLE = """
svg.persist-picture { --ink: var(--main-color, #1f2328); --paper: var(--main-background-color, #ffffff); max-width: 100%; height: auto }
@media (prefers-color-scheme: dark) {
  svg.persist-picture { --ink: var(--main-color, #f0f6fc); --paper: var(--main-background-color, #0d1117) }
}
.persist-picture text { font: 13px "Fira Sans", Arial, sans-serif; fill: var(--ink); text-anchor: middle }
.persist-picture .title { font-weight: bold }
.persist-picture .note { font-size: 13px; fill-opacity: 0.8 }
.persist-picture .start { text-anchor: start }
.persist-picture .end { text-anchor: end }
.persist-picture .page { fill: var(--paper) }
.persist-picture .area { fill: var(--ink); fill-opacity: 0.04; stroke: var(--ink); stroke-opacity: 0.3 }
.persist-picture .box { fill: #4493f8; fill-opacity: 0.15; stroke: #4493f8 }
.persist-picture .file { fill: #d29922; fill-opacity: 0.18; stroke: #b7831a }
.persist-picture .good { fill: #2da44e; fill-opacity: 0.18; stroke: #2da44e }
.persist-picture .bad { fill: #e5534b; fill-opacity: 0.16; stroke: #e5534b }
.persist-picture .line { stroke: var(--ink); stroke-opacity: 0.75; stroke-width: 1.5; fill: none }
.persist-picture .dash { stroke: var(--ink); stroke-opacity: 0.55; stroke-width: 1.5; stroke-dasharray: 4 4; fill: none }
.persist-picture .head { fill: var(--ink); fill-opacity: 0.75 }
"""


class Picture:
    """A picture in a file of its own, which the documents link to."""

    folder, style = "docs/pictures", STYLE
    head_id = "head"

    def __init__(self, name, width, height, title):
        self.name, self.width, self.height, self.title, self.parts = name, width, height, title, []

    def text(self, x, y, text, style=""):
        self.parts.append(f'<text x="{x}" y="{y}" class="{style}">{escape(text)}</text>')

    def lines(self, x, y, style, *lines):
        """Several lines of text, from top to bottom."""
        for row, line in enumerate(lines):
            self.text(x, y + 17 * row, line, style)

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

    def lane(self, x, y, width, height, title, note):
        """A thread, or data that threads share. Time runs from top to bottom, and the title is at the top."""
        self.rect(x, y, width, height, "area")
        self.text(x + width / 2, y + 21, title, "title")
        self.text(x + width / 2, y + 39, note, "note")

    def box(self, x, y, width, height, title, *notes, style="box"):
        self.rect(x, y, width, height, style)
        top = y + height / 2 + 5 - 9 * len(notes)
        self.text(x + width / 2, top, title, "title")
        for line, note in enumerate(notes, 1):
            self.text(x + width / 2, top + 18 * line, note, "note")

    def arrow(self, x1, y1, x2, y2, both=False):
        end = f"url(#{self.head_id})"
        ends = f'marker-start="{end}" marker-end="{end}"' if both else f'marker-end="{end}"'
        self.parts.append(f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" class="line" {ends}/>')

    def dash(self, x1, y1, x2, y2):
        self.parts.append(f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" class="dash"/>')

    def dot(self, x, y, style):
        """A moment. The lines below it are hidden."""
        self.parts.append(f'<circle cx="{x}" cy="{y}" r="5" class="page"/>')
        self.parts.append(f'<circle cx="{x}" cy="{y}" r="5" class="{style}"/>')

    def port(self, x1, x2, y):
        self.parts.append(f'<line x1="{x1}" y1="{y}" x2="{x2}" y2="{y}" class="port"/>')

    def first_lines(self):
        """The complete tag of the picture in one line, and the texts for screen readers."""
        return [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width} {self.height}" '
            f'width="{self.width}" height="{self.height}" role="img">',
            f"<title>{escape(self.title)}</title>",
        ]

    def write(self, root):
        head = (
            f'<marker id="{self.head_id}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" '
            'orient="auto-start-reverse"><path d="M0 0 10 5 0 10z" class="head"/></marker>'
        )
        lines = [
            *self.first_lines(),
            f"<style>{self.style}</style>",
            f"<defs>{head}</defs>",
            '<rect width="100%" height="100%" class="page"/>',
            *self.parts,
            "</svg>",
        ]
        folder = root / self.folder
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{self.name}.svg").write_bytes(("\n".join(lines) + "\n").encode())


class GuidePicture(Picture):
    """A picture that is part of a page of the guide. Its ids are unique in the page.

    Browsers show the title as a tooltip, so it is short. The description has the content of the picture for screen readers.
    """

    folder, style = "persist-core/src/guide/pictures", GUIDE_STYLE

    def __init__(self, name, width, height, title, description):
        super().__init__(name, width, height, title)
        self.head_id, self.description = f"persist-{name}-head", description

    def first_lines(self):
        ids = [f"persist-{self.name}-title", f"persist-{self.name}-description"]
        return [
            f'<svg xmlns="http://www.w3.org/2000/svg" class="persist-picture" viewBox="0 0 {self.width} {self.height}" '
            f'width="{self.width}" height="{self.height}" role="img" aria-labelledby="{" ".join(ids)}">',
            f'<title id="{ids[0]}">{escape(self.title)}</title>',
            f'<desc id="{ids[1]}">{escape(self.description)}</desc>',
        ]


def architecture():
    picture = Picture("architecture", 760, 540, "The path of a write and of a read through persist")
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
    return picture


def put():
    picture = GuidePicture(
        "put",
        760,
        496,
        "A put, from the call to the acknowledgment",
        "Time runs from top to bottom. On the caller's thread, persist_put encodes the key and checks the sizes. It takes capacity, "
        "in bytes, from the job's queue, appends the batch to the open group and returns a ticket. The worker takes the whole group, "
        "and the next group opens. If the worker is idle, a caller in wait commits the group on its own thread instead. The group is "
        "committed in one transaction of the database. Its outcomes are stored and its callers are woken: a put whose ticket returns Ok is acknowledged. "
        "Then the capacity of the group is released. If the queue is full, the write of a persist_put waits in the waiting line, and "
        "its caller blocks. The thread that releases the capacity appends the first write of the line to the open group.",
    )
    picture.lane(20, 16, 228, 464, "Caller's thread", "your program")
    picture.lane(266, 16, 228, 464, "Queue", "shared by all threads")
    picture.lane(512, 16, 228, 464, "Worker thread", "if it is idle, a waiting caller")

    picture.box(34, 72, 200, 52, "persist_put", "encodes the key, checks sizes")
    picture.box(280, 72, 200, 52, "Capacity", "bytes of unresolved writes")
    picture.arrow(234, 98, 278, 98)
    picture.box(280, 150, 200, 70, "Open group", "batches in order, and a filter", "of the keys they write")
    picture.arrow(380, 124, 380, 148)
    picture.box(34, 159, 200, 52, "Ticket", "submitted: the call returns")
    picture.arrow(280, 185, 236, 185)
    picture.box(526, 159, 200, 52, "Whole group taken", "the next group opens")
    picture.arrow(480, 185, 524, 185)
    picture.box(526, 237, 200, 52, "One transaction", "all batches, then COMMIT", style="file")
    picture.arrow(626, 211, 626, 235)
    picture.dash(134, 211, 134, 313)
    picture.text(142, 267, ".wait() or .await", "note start")
    picture.box(526, 315, 200, 52, "Outcomes stored", "waiting callers are woken")
    picture.arrow(626, 289, 626, 313)
    picture.box(34, 315, 200, 52, "Acknowledged", "the ticket returns Ok", style="good")
    picture.arrow(526, 341, 236, 341)
    picture.box(526, 397, 200, 64, "Capacity released", "the waiting line is served")
    picture.arrow(626, 367, 626, 395)
    picture.box(280, 397, 200, 64, "Waiting line", "its first write is appended", "to the open group", style="bad")
    picture.arrow(526, 429, 482, 429)
    picture.box(34, 397, 200, 64, "persist_put, queue full", "blocks until its write", "is appended", style="bad")
    picture.arrow(234, 429, 278, 429)
    return picture


def read():
    picture = GuidePicture(
        "read",
        760,
        576,
        "A get and a scan: their threads, and the writes that they see",
        "Time runs from top to bottom. A Read or a Scan does nothing until wait, iter or the first poll. Then it asks the key filters "
        "of the unresolved groups which of them may write its key or, for a scan or count, its category. If none may, it reads at "
        "once. Otherwise it waits for the newest of these groups; earlier groups are resolved first. So it sees every write "
        "submitted before. With wait and iter, every read runs on the caller's thread. If awaited, a get and a scan of at most 100 "
        "rows run on the polling thread; a count, a longer scan, and each page of a stream run on a thread of the pool. In the "
        "backend, a get, a count, and a scan limited to one page are one statement. A longer scan reads one snapshot, in pages of up "
        "to 1,000 rows or about 1 MiB. iter and stream hold the snapshot between pages, but no thread. A snapshot expires after "
        "snapshot_timeout or snapshot_limit_bytes.",
    )
    picture.lane(20, 16, 228, 366, "Caller's thread", "blocks, or polls a future")
    picture.lane(266, 16, 228, 366, "Queue", "unresolved writes")
    picture.lane(512, 16, 228, 366, "Thread of the pool", "reader_threads, 2 by default")

    picture.box(34, 72, 200, 70, "Read or Scan", "does nothing before .wait(),", ".iter() or the first poll")
    picture.box(280, 72, 200, 70, "Key filters", "Which groups may write", "the key, or the category?")
    picture.arrow(234, 107, 278, 107)
    picture.box(280, 190, 144, 70, "Waits", "until the newest", "of them is resolved", style="bad")
    picture.arrow(352, 142, 352, 188)
    picture.text(344, 170, "some", "note end")
    picture.arrow(452, 142, 452, 298)
    picture.text(444, 170, "none", "note end")
    picture.arrow(352, 260, 352, 298)
    picture.box(280, 300, 200, 64, "Earlier writes visible", "all that were submitted", "before the read begins", style="good")
    picture.box(34, 284, 200, 88, "Reads here", ".wait(), .iter(): every read", ".await: a get, or a scan", "of at most 100 rows")
    picture.arrow(280, 332, 236, 332)
    picture.box(526, 284, 200, 88, "Reads here", ".await: a count,", "or a longer scan", ".stream(): each page")
    picture.arrow(480, 332, 524, 332)

    picture.area(20, 416, 720, 144, "Backend", "")
    picture.arrow(134, 384, 134, 414, both=True)
    picture.arrow(626, 384, 626, 414, both=True)
    picture.box(34, 432, 200, 88, "One statement", "a get, a count, or a scan", "that is limited to one page", style="file")
    picture.area(266, 432, 460, 112, "Snapshot", "held between pages, without a thread; it can expire")
    for number, x in enumerate((280, 430, 580), 1):
        picture.box(x, 446, 132, 56, f"Page {number}", "1,000 rows or 1 MiB", style="file")
    picture.arrow(412, 474, 428, 474)
    picture.arrow(562, 474, 578, 474)
    return picture


def group_commit():
    picture = GuidePicture(
        "group_commit",
        760,
        376,
        "Group commit: several callers share a transaction",
        "Time runs from left to right. While the worker commits group 1, callers A, B and C submit puts, which are appended to the "
        "open group 2. Then the worker takes group 2 and commits its three batches in one transaction. With Durability::Full it "
        "waits once for the disk (fsync). Meanwhile caller D submits a put, which is appended to the open group 3. After the fsync, the puts of "
        "A, B and C are acknowledged together, and the worker takes group 3.",
    )
    begin, taken, synced, end = 128, 320, 580, 740
    for lane, (y, title) in enumerate(
        ((30, "Caller A"), (72, "Caller B"), (114, "Caller C"), (156, "Caller D"), (222, "Open group"), (294, "Worker"))
    ):
        if lane % 2 == 0:
            picture.rect(8, y - 21 if lane < 4 else y - 36, 744, 42 if lane < 4 else 72, "area")
        picture.text(24, y + 5, title, "title start")
    # The moments at which group 2 is taken and resolved.
    picture.dash(taken, 190, taken, 330)
    picture.dash(synced, 30, synced, 330)

    for caller, y, x, resolved in (("A", 30, 150, synced), ("B", 72, 206, synced), ("C", 114, 262, synced), ("D", 156, 430, None)):
        picture.text(x - 8, y + 5, "put", "end")
        picture.dash(x, y, resolved or end, y)
        picture.arrow(x, y, x, 200)
        picture.dot(x, y, "box")
        if resolved:
            picture.dot(resolved, y, "good")
            picture.text(resolved + 12, y + 5, "acknowledged", "start")
        picture.text(x + 58, y - 5, ".wait()", "note start")

    picture.box(begin, 202, taken - begin - 3, 40, "Group 2: A, B, C")
    picture.box(taken + 3, 202, synced - taken - 6, 40, "Group 3: D")
    picture.box(synced + 3, 202, end - synced - 3, 40, "Group 4")
    picture.box(begin, 274, taken - begin - 3, 40, "Commits group 1", style="file")
    picture.box(taken + 3, 274, 150, 40, "Batches of A, B, C", style="file")
    picture.box(taken + 156, 274, synced - taken - 159, 40, "fsync", style="good")
    picture.box(synced + 3, 274, end - synced - 3, 40, "Commits group 3", style="file")
    picture.text((taken + synced) / 2, 346, "one transaction and one wait for the disk, with Durability::Full", "note")
    picture.text(24, 364, "time", "note start")
    picture.arrow(60, 360, end, 360)
    return picture


def job_life():
    picture = GuidePicture(
        "job_life",
        760,
        420,
        "The states of a job",
        "A job that is not stored becomes open by open_job, which creates it, or closed by restore_from. A closed job is stored and has "
        "no thread. open_job opens it, restore_from replaces its rows, and drop_job removes it. An open job has a worker thread and a "
        "queue. If other jobs need connections, the idle connections of the job that was used least recently are closed; its next "
        "read or write opens them again. After an I/O error at a commit or checkpoint, or if its files are lost or their schema was "
        "changed, the job has failed and accepts no more writes until it is closed and opened again. An open job, failed or not, "
        "becomes closed by close_job, by close, if the store and all handles are dropped, and at the end of the process; the writes in "
        "its queue are committed first, unless it has failed. drop_job closes an open job and removes it.",
    )
    picture.box(20, 56, 170, 56, "Not stored", "no file", style="area")
    picture.box(20, 300, 170, 74, "Closed", "a file, no thread;", "restore_from replaces it")
    picture.area(366, 16, 374, 388, "Open", "a worker thread and a queue")
    picture.box(386, 56, 334, 56, "In use", "its connections are open")
    picture.box(386, 300, 150, 56, "Idle", "no open connections")
    picture.box(570, 300, 150, 56, "Failed", "accepts no more writes", style="bad")

    picture.arrow(190, 72, 364, 72)
    picture.text(278, 64, "open_job, creates it")
    picture.arrow(366, 98, 192, 98)
    picture.text(278, 116, "drop_job, closes it first")
    picture.arrow(50, 112, 50, 298)
    picture.text(58, 200, "restore_from", "start")
    picture.arrow(160, 300, 160, 114)
    picture.text(168, 230, "drop_job", "start")
    picture.arrow(190, 314, 364, 314)
    picture.text(278, 306, "open_job")
    picture.arrow(366, 340, 192, 340)
    picture.lines(278, 358, "", "close_job, close,", "store and handles dropped,", "end of the process")

    picture.arrow(406, 112, 406, 298)
    picture.lines(414, 160, "start", "other jobs need", "connections")
    picture.arrow(522, 300, 522, 114)
    picture.text(514, 250, "read or write", "end")
    picture.arrow(698, 112, 698, 298)
    picture.lines(690, 178, "end", "I/O error at a commit", "or checkpoint, files lost,", "schema changed")
    return picture


def main():
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[2]
    for draw in (architecture, put, read, group_commit, job_life):
        draw().write(root)


main()
