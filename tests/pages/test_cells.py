"""The cells of a report's row are written by hand: what they say is never markup."""

from __future__ import annotations

from setoff.pages.table import Cell, Row, cells_of


def test_what_a_cell_says_is_escaped() -> None:
    row = Row([Cell("<A & B>", "text", '/x/?a="1"&b=2'), Cell("7", "figure")])
    assert cells_of(row, "en") == (
        '<td class="text"><a href="/x/?a=&quot;1&quot;&amp;b=2">&lt;A &amp; B&gt;</a></td><td class="figure">7</td>'
    )


def test_only_the_first_cell_of_a_sum_opens_its_parts() -> None:
    assert cells_of(Row([Cell("A's"), Cell("2", "figure")], expand="/x/?a&b"), "en") == (
        '<td class="text"><row-parts><a class="expand" href="/x/?a&amp;b" aria-expanded="false" aria-label="What A&#x27;s is made of">'
        '+</a></row-parts> A&#x27;s</td><td class="figure">2</td>'
    )
