// <import-run>: while files are sent and taken in, how far that is stands under the form. The page asks the server for it once a second.

const EVERY_MS = 1000;

class ImportRun extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    this.place = this.querySelector(".import-progress");
    this.form.addEventListener("htmx:beforeRequest", () => this.begin());
    this.form.addEventListener("htmx:xhr:progress", (event) => this.sending(event.detail));
    this.form.addEventListener("htmx:afterRequest", () => this.end());
  }

  disconnectedCallback() {
    clearInterval(this.timer);
  }

  begin() {
    this.place.textContent = "";
    this.place.hidden = false;
    document.getElementById("import-result").textContent = "";
    clearInterval(this.timer);
    this.timer = setInterval(() => this.ask(), EVERY_MS);
  }

  sending({ loaded, total }) {
    if (!total || this.timer === undefined) return;
    const bar = document.createElement("progress");
    bar.max = total;
    bar.value = loaded;
    const label = document.createElement("label");
    label.append(this.place.dataset.sending, " ", bar);
    this.place.replaceChildren(label);
  }

  async ask() {
    const run = this.form.elements.namedItem("run").value;
    const answer = await fetch(`${this.dataset.progress}?run=${encodeURIComponent(run)}`, { headers: { "HX-Request": "true" } });
    const told = answer.ok ? (await answer.text()).trim() : "";
    if (told && this.timer !== undefined) this.place.innerHTML = told;
  }

  end() {
    clearInterval(this.timer);
    this.timer = undefined;
    this.place.hidden = true;
  }
}

customElements.define("import-run", ImportRun);
