// <row-parts><a href="...">: opens below its row the rows that it sums up, asked for once; again, and they are hidden.
// Without JavaScript the link leads to the same rows on a page of their own.

class RowParts extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      this.toggle();
    });
  }

  async toggle() {
    const link = this.querySelector("a");
    const row = this.closest("tr");
    if (!this.opened) {
      const answer = await fetch(link.href, { headers: { "HX-Request": "true", "HX-Target": "row" } });
      const place = document.createElement("td");
      place.colSpan = row.cells.length;
      place.innerHTML = await answer.text(); // our own server's part of a page, escaped there
      place.querySelectorAll(".question").forEach((line) => line.remove());
      this.opened = document.createElement("tr");
      this.opened.className = "nested";
      this.opened.append(place);
      row.after(this.opened);
    } else {
      this.opened.hidden = !this.opened.hidden;
    }
    const shown = !this.opened.hidden;
    link.setAttribute("aria-expanded", String(shown));
    link.textContent = shown ? "\u2212" : "+";
  }
}

customElements.define("row-parts", RowParts);
