// A table whose rows are walked with j and k (or the arrows): the focus goes to the link of the row that says data-open, else to its first,
// so that Enter opens it. Space marks the row, where it can be marked.

class RowList extends HTMLElement {
  connectedCallback() {
    this.onKey = (event) => this.walk(event);
    document.addEventListener("keydown", this.onKey);
  }

  disconnectedCallback() {
    document.removeEventListener("keydown", this.onKey);
  }

  walk(event) {
    if (event.key === " " && event.target.matches("a, button") && this.contains(event.target)) {
      const mark = event.target.closest("tr")?.querySelector("td.mark input");
      if (!mark) return;
      event.preventDefault();
      mark.click();
      return;
    }
    const step = { j: 1, k: -1, ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    if (event.target.matches("input, select, textarea, summary, [contenteditable]")) return;
    if (event.key.startsWith("Arrow") && !this.contains(document.activeElement)) return;
    const links = [...this.querySelectorAll("tbody tr")].map((row) => row.querySelector("[data-open]") ?? row.querySelector("a, button")).filter(Boolean);
    const here = links.findIndex((link) => link.closest("tr").contains(document.activeElement));
    const next = links[here < 0 ? (step > 0 ? 0 : links.length - 1) : Math.min(Math.max(here + step, 0), links.length - 1)];
    if (!next) return;
    event.preventDefault();
    next.focus();
    next.closest("tr").scrollIntoView({ block: "nearest" });
  }
}

customElements.define("row-list", RowList);
