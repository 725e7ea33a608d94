// <bank-lines>: the lines of a statement walked and decided with the keyboard. j and k move, Enter confirms, e edits, i ignores with a
// reason, r makes a rule, z takes back. After a line was decided the next one that waits has the focus.

const KEYS = { Enter: "confirm", e: "edit", i: "ignore", r: "rule", z: "undo" };

class BankLines extends HTMLElement {
  connectedCallback() {
    this.onKey = (event) => this.key(event);
    document.addEventListener("keydown", this.onKey);
    this.addEventListener("htmx:afterSwap", () => this.goOn());
    this.addEventListener("focusin", (event) => (this.here = event.target.closest(".bank-line")?.id ?? this.here));
    const named = location.hash.startsWith("#line-") ? document.getElementById(location.hash.slice(1)) : null;
    if (named) named.focus();
  }

  disconnectedCallback() {
    document.removeEventListener("keydown", this.onKey);
  }

  get lines() { return [...this.querySelectorAll(".bank-line")]; }
  get current() { return document.activeElement?.closest?.(".bank-line") ?? null; }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    if (event.key === "Escape" && event.target.matches("input") && this.contains(event.target)) {
      event.target.closest("details")?.removeAttribute("open");
      event.target.closest(".bank-line").focus();
      return;
    }
    if (event.target.matches("input, select, textarea, [contenteditable]")) return;
    const step = { j: 1, k: -1 }[event.key];
    if (step) {
      event.preventDefault();
      this.move(step);
      return;
    }
    const wanted = KEYS[event.key];
    const line = this.current;
    if (!wanted || !line || (event.key === "Enter" && event.target !== line)) return;
    const found = line.querySelector(`[data-do=${wanted}]`);
    if (!found) return;
    event.preventDefault();
    found.click();
    if (wanted === "ignore") line.querySelector("input[name=reason]")?.focus();
  }

  move(step) {
    const lines = this.lines;
    const here = lines.indexOf(this.current ?? document.getElementById(this.here));
    const next = lines[here < 0 ? (step > 0 ? 0 : lines.length - 1) : Math.min(Math.max(here + step, 0), lines.length - 1)];
    next?.focus();
    next?.scrollIntoView({ block: "nearest" });
  }

  goOn() {
    const lines = this.lines;
    const here = lines.findIndex((line) => line.id === this.here);
    const refused = lines[here]?.querySelector(".refusal");
    const next = refused ? lines[here] : lines.slice(here + 1).find((line) => ["proposed", "unclaimed"].includes(line.dataset.state)) ?? lines[here];
    next?.focus();
    next?.scrollIntoView({ block: "nearest" });
  }
}

customElements.define("bank-lines", BankLines);
