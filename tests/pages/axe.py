"""What axe finds wrong with a page for people who cannot see it, or not well."""

from __future__ import annotations

import json
from typing import Any, Final

from axe_playwright_python.base import AXE_SCRIPT

WCAG: Final = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")


def violations(page: Any, *tags: str) -> list[str]:
    """A line for each rule that the page breaks, with its first places; of the rules with these tags, or of all. Only what is broken is
    described and comes out of the browser."""
    options: dict[str, Any] = {"resultTypes": ["violations"], "selectors": False}
    if tags:
        options["runOnly"] = {"type": "tag", "values": tags}
    page.evaluate(AXE_SCRIPT)
    found = page.evaluate(f"axe.run({json.dumps(options)}).then((results) => results.violations)")
    return [f"{rule['id']} ({rule['help']}) {'; '.join(node['html'][:120] for node in rule['nodes'][:3])}" for rule in found]
