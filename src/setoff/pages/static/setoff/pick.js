// <pick-field what="counterparty" data-url="/pick/counterparty/" data-with="unit kind"><input name="counterparty" value="CODE"></pick-field>
//
// Makes a combobox (ARIA 1.2) of a field that holds a code. People type any part of a name, a code or a tax number; the server finds.
// Without script the field takes the code itself. The code goes into a hidden field of the same name, the name of what was
// chosen stands in the field that people see. `data-with` names fields of the form that narrow the search. The keys: down and up move, Enter or
// Tab take, Escape gives back what was there. What a person used lately is kept in this browser, under his own name.
const WAIT = 120;
const RECENT_MAX = 12;
let count = 0;

class PickField extends HTMLElement {
  connectedCallback() {
    if (this.seen) return;
    const field = this.querySelector("input");
    this.value = document.createElement("input");
    this.value.type = "hidden";
    this.value.name = field.name;
    this.value.value = field.value;
    this.seen = field;
    field.removeAttribute("name");
    field.autocomplete = "off";
    field.dataset.field = this.value.name;
    if (!field.id) field.id = `pick-${++count}-field`;
    this.list = document.createElement("ul");
    this.list.id = `pick-${++count}`;
    this.list.className = "options";
    this.list.popover = "manual";
    this.list.setAttribute("role", "listbox");
    this.said = document.createElement("span");
    this.said.className = "visually-hidden";
    this.said.setAttribute("role", "status");
    for (const [name, value] of Object.entries({ role: "combobox", "aria-expanded": "false", "aria-autocomplete": "list", "aria-controls": this.list.id }))
      field.setAttribute(name, value);
    const label = this.closest("label")?.querySelector("span")?.textContent ?? field.getAttribute("aria-label") ?? "";
    if (label) {
      this.list.setAttribute("aria-label", label.trim());
      field.setAttribute("aria-label", label.trim()); // the list stands in the label too and must not become a part of the name
    }
    this.append(this.value, this.list, this.said);
    this.show(field.value, this.dataset.title || field.value);
    if (field.value && !this.dataset.title) this.name();
    field.addEventListener("input", () => this.later());
    field.addEventListener("keydown", (event) => this.key(event));
    field.addEventListener("focus", () => field.select());
    field.addEventListener("click", () => this.isOpen || this.ask());
    field.addEventListener("blur", () => this.left());
    this.list.addEventListener("pointerdown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => {
      event.preventDefault(); // a label around the field would click it again
      this.take(event.target.closest("[role=option]"));
    });
  }

  get isOpen() { return this.list.matches(":popover-open"); }
  get active() { return this.list.querySelector("[aria-selected=true]"); }
  get form() { return this.seen.form; }

  show(value, title) {
    this.value.value = value;
    this.seen.value = title;
    this.title_ = title;
    this.seen.title = title === value ? "" : `${title} (${value})`;
  }

  // A field by the last part of its name: beside this one in its row first, then further out ("rows[0].targets[1].contract",
  // "rows[0].contract", "contract").
  beside(name) {
    for (let place = this.value.name; ; ) {
      const end = place.lastIndexOf(".");
      place = end < 0 ? "" : place.slice(0, end);
      const found = this.form?.elements.namedItem(place ? `${place}.${name}` : name);
      if (found || !place) return found;
    }
  }

  other(name) {
    return this.beside(name)?.value ?? "";
  }

  address(words) {
    const query = new URLSearchParams(words);
    for (const name of (this.dataset.with ?? "").split(" ").filter(Boolean)) {
      const value = this.other(name);
      if (value) query.set(name, value);
    }
    if (this.dataset.plain) query.set("plain", this.dataset.plain);
    for (const code of recent(this.getAttribute("what"))) query.append("recent", code);
    return `${this.dataset.url}?${query}`;
  }

  // What is listed answers what was typed before: it is not to be taken any more.
  later() {
    clearTimeout(this.timer);
    this.isStale = true;
    this.mark(null);
    this.timer = setTimeout(() => this.ask(), WAIT);
  }

  async fetched(words) {
    this.running?.abort();
    this.running = new AbortController();
    const answer = await fetch(this.address(words), { signal: this.running.signal, headers: { "HX-Request": "true" } });
    const held = document.createElement("template");
    held.innerHTML = answer.ok ? await answer.text() : "";
    return held.content;
  }

  async ask() {
    clearTimeout(this.timer);
    try {
      const typed = this.seen.value === this.title_ ? "" : this.seen.value;
      this.list.replaceChildren(await this.fetched({ q: typed }));
    } catch {
      return; // a newer question overtook this one, or the page is left
    }
    const options = [...this.list.querySelectorAll("[role=option]")];
    options.forEach((option, index) => { option.id = `${this.list.id}-${index}`; });
    this.isStale = false;
    if (this.takesFirst) {
      this.takesFirst = false;
      this.take(options[0]);
      if (options[0]) this.entered();
      return;
    }
    if (document.activeElement !== this.seen) return;
    this.open();
    this.mark(this.seen.value === this.title_ ? options.find((option) => option.dataset.value === this.value.value) : options[0]);
    this.said.textContent = `${this.dataset.found ?? ""} ${options.length}`;
  }

  async name() {
    try {
      const option = (await this.fetched({ code: this.value.value })).querySelector("[role=option]");
      if (option?.dataset.value !== this.value.value) return;
      if (this.seen.value === this.title_) this.show(option.dataset.value, option.dataset.title);
      else this.title_ = option.dataset.title; // somebody types already
    } catch { /* the code stays */ }
  }

  open() {
    if (!this.isOpen) this.list.showPopover();
    const box = this.seen.getBoundingClientRect();
    const width = Math.min(Math.max(box.width, 288), innerWidth - 16);
    const above = innerHeight - box.bottom < 220 && box.top > innerHeight - box.bottom;
    Object.assign(this.list.style, {
      width: `${width}px`,
      left: `${Math.max(8, Math.min(box.left, innerWidth - width - 8))}px`,
      top: above ? "auto" : `${box.bottom + 2}px`,
      bottom: above ? `${innerHeight - box.top + 2}px` : "auto",
      maxHeight: `${Math.min(352, (above ? box.top : innerHeight - box.bottom) - 12)}px`,
    });
    this.seen.setAttribute("aria-expanded", "true");
  }

  close() {
    if (this.isOpen) this.list.hidePopover();
    this.seen.setAttribute("aria-expanded", "false");
    this.seen.removeAttribute("aria-activedescendant");
  }

  mark(option) {
    this.active?.setAttribute("aria-selected", "false");
    if (!option) {
      this.seen.removeAttribute("aria-activedescendant");
      return;
    }
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    this.seen.setAttribute("aria-activedescendant", option.id);
  }

  move(step) {
    const options = [...this.list.querySelectorAll("[role=option]")];
    if (options.length) this.mark(options[(options.indexOf(this.active) + step + options.length) % options.length]);
  }

  key(event) {
    if (event.ctrlKey || event.metaKey) return; // keys of the form: what was typed is looked up when the field is left
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (this.isOpen) {
        event.preventDefault();
        event.stopPropagation();
        this.move(event.key === "ArrowDown" ? 1 : -1);
      } else if (event.altKey || !this.closest("[data-row]")) { // in a grid the arrows move between rows
        event.preventDefault();
        this.ask();
      }
    } else if (event.key === "Enter" && this.isStale && this.seen.value.trim()) {
      event.preventDefault();
      event.stopPropagation();
      this.takesFirst = true; // typed faster than the server answers: the best of what comes is taken
      this.ask();
    } else if (event.key === "Enter" && this.isOpen && this.active) {
      event.preventDefault();
      event.stopPropagation();
      this.take(this.active);
      this.entered();
    } else if (event.key === "Tab" && this.seen.value !== this.title_) {
      if (this.isOpen && this.active && !this.isStale) this.take(this.active);
      else this.tabbed = true;
    } else if (event.key === "Escape" && (this.isOpen || this.seen.value !== this.title_)) {
      event.preventDefault();
      event.stopPropagation();
      this.close();
      this.show(this.value.value, this.title_);
    }
  }

  take(option) {
    if (!option) return;
    clearTimeout(this.timer);
    this.running?.abort(); // what was asked while people typed must not open the list again
    this.isStale = false;
    this.show(option.dataset.value, option.dataset.title);
    this.close();
    used(this.getAttribute("what"), option.dataset.value);
    this.fill(option);
    this.changed();
  }

  fill(option) {
    for (const [key, value] of Object.entries(option.dataset)) {
      const field = key.startsWith("fill") ? this.beside(key.slice(4).toLowerCase()) : null;
      if (field && !field.value) field.value = value;
    }
  }

  entered() {
    this.dispatchEvent(new CustomEvent("pick-entered", { bubbles: true }));
  }

  changed() {
    this.value.dispatchEvent(new Event("change", { bubbles: true }));
  }

  // What was typed and not chosen: nothing empties the field, the only thing found is taken, anything else stays to be told of.
  async left() {
    clearTimeout(this.timer);
    this.close();
    if (this.seen.value === this.title_) return;
    const typed = this.seen.value.trim();
    const tabbed = this.tabbed;
    this.tabbed = false;
    this.isStale = false;
    this.show(typed, this.seen.value);
    if (typed) {
      this.pending = this.fetched({ q: typed }).then((found) => {
        const options = [...found.querySelectorAll("[role=option]")];
        const exact = options.find((option) => option.dataset.value === typed) ?? (options.length === 1 || tabbed ? options[0] : null);
        if (exact && this.value.value === typed) this.show(exact.dataset.value, exact.dataset.title);
      }, () => {});
      await this.pending;
    }
    this.changed();
  }
}

function place(what) {
  return `setoff-recent:${document.body.dataset.person ?? ""}:${what}`;
}

function recent(what) {
  try {
    return JSON.parse(localStorage.getItem(place(what))) ?? [];
  } catch {
    return [];
  }
}

function used(what, code) {
  try {
    localStorage.setItem(place(what), JSON.stringify([code, ...recent(what).filter((other) => other !== code)].slice(0, RECENT_MAX)));
  } catch { /* a browser that keeps nothing works as well */ }
}

customElements.define("pick-field", PickField);
