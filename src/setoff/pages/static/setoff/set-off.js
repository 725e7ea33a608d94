// The proposal desk: what they owe us beside what we owe them. A row is marked by its amount; search hides rows and keeps their marks.
// Amounts are BigInt of minor units. Which amounts are proposed, what would be posted and what the law says, the server tells.

import { element, readAmount, Rows, showAmount } from "./row-window.js";

const FIELDS = ["id", "name", "day", "due", "late", "contract", "party", "what", "amount", "date", "target"];
const SIDES = ["they", "we"];

class SetOffDesk extends HTMLElement {
  async connectedCallback() {
    this.form = this.querySelector("form.set-off-form");
    this.search = this.querySelector("form.set-off-search");
    this.addEventListener("input", (event) => this.onInput(event));
    this.addEventListener("change", (event) => this.onChange(event));
    this.addEventListener("keydown", (event) => this.onKey(event));
    this.addEventListener("click", (event) => this.act(event.target.closest("[data-act]")?.dataset.act));
    this.addEventListener("focusout", (event) => event.target.matches("input.amount") && this.settleText(event.target));
    this.search.addEventListener("submit", (event) => event.preventDefault());
    const answer = await (await fetch(this.dataset.items)).json();
    this.items = {};
    this.visible = {};
    this.rows = {};
    for (const side of SIDES) {
      this.items[side] = answer[side].map((values) => {
        const item = Object.fromEntries(FIELDS.map((field, place) => [field, values[place]]));
        const words = [item.name, item.day, item.due, item.contract, item.party, item.what, showAmount(BigInt(item.amount), this.dataset)];
        return Object.assign(item, { amount: BigInt(item.amount), taken: 0n, words: words.join(" ").toLowerCase() });
      });
      this.visible[side] = this.items[side].map((_, place) => place);
      this.rows[side] = new Rows(this.box(side), this.items[side].length, (place, row) => this.row(side, place, row));
    }
    this.take(answer.proposal);
    this.classList.add("ready");
  }

  box(side) {
    return this.querySelector(`.window.${side}`);
  }

  show(amount) {
    return showAmount(amount, this.dataset);
  }

  // Rows
  row(side, place, row) {
    const item = this.items[side][this.visible[side][place]];
    if (!row) {
      row = element("div", { className: "desk-row" });
      row.setAttribute("role", "listitem");
      Object.assign(row.dataset, { side, place });
      const mark = element("input", { type: "checkbox", className: "mark" });
      mark.setAttribute("aria-label", `${this.dataset.mark}: ${item.name}`);
      const amount = element("input", { inputMode: "decimal", autocomplete: "off", className: "amount" });
      amount.setAttribute("aria-label", `${this.dataset.take}: ${item.name}`);
      const name = element("span", {}, element("a", { href: `${this.dataset.document}${item.id}/`, textContent: item.name }));
      name.append(element("small", { textContent: [item.what, item.party].filter(Boolean).join(" · ") }));
      row.append(
        mark, name, element("span", { textContent: item.due || item.day, className: item.late ? "negative" : "" }),
        element("span", { textContent: item.contract }), element("span", { className: "figure", textContent: this.show(item.amount) }), amount,
      );
    }
    row.querySelector(".mark").checked = item.taken > 0n;
    row.classList.toggle("matched", item.taken > 0n);
    const amount = row.querySelector(".amount");
    if (document.activeElement !== amount) {
      amount.value = item.taken ? this.show(item.taken) : "";
      amount.removeAttribute("aria-invalid");
    }
    return row;
  }

  found(input) {
    const row = input.closest(".desk-row"), { side, place } = row.dataset;
    return { row, side, place: Number(place), item: this.items[side][this.visible[side][Number(place)]] };
  }

  // Typing and marking
  onInput(event) {
    if (event.target.matches("input.amount")) {
      const { row, side, place, item } = this.found(event.target);
      const amount = readAmount(event.target.value, this.dataset);
      const wrong = amount === null || amount > item.amount;
      event.target.setAttribute("aria-invalid", String(wrong));
      if (wrong) return;
      item.taken = amount;
      this.row(side, place, row);
      this.total();
    } else if (event.target.closest("form") === this.search) this.filter();
  }

  onChange(event) {
    if (event.target.matches("input.mark")) {
      const { row, side, place, item } = this.found(event.target);
      item.taken = event.target.checked ? this.rest(side, item) : 0n;
      this.row(side, place, row);
      this.total();
    } else if (event.target.closest("form") === this.form) this.changed();
    else if (event.target.closest("form") === this.search) this.filter();
  }

  // What a row takes when it is marked: what is still missing on its side, or all of it.
  rest(side, item) {
    const missing = this.sum(side === "they" ? "we" : "they") - this.sum(side);
    return missing > 0n && missing < item.amount ? missing : item.amount;
  }

  settleText(input) {
    const { item } = this.found(input);
    input.value = item.taken ? this.show(item.taken) : "";
    input.removeAttribute("aria-invalid");
  }

  onKey(event) {
    if (event.key === "Enter" && event.ctrlKey) {
      this.querySelector("#set-off-effect [data-post]")?.click();
      event.preventDefault();
      return;
    }
    if (!event.target.matches("input.amount, input.mark")) return;
    const { side, place, item, row } = this.found(event.target);
    const field = event.target.matches(".mark") ? ".mark" : ".amount";
    if (event.key === "Enter") {
      if (event.target.value === "" && field === ".amount") {
        item.taken = this.rest(side, item);
        event.target.value = this.show(item.taken);
        this.row(side, place, row);
        this.total();
      }
      this.walk(side, place + 1, field);
    } else if (event.key === "ArrowDown") this.walk(side, place + 1, field);
    else if (event.key === "ArrowUp") this.walk(side, place - 1, field);
    else if (event.key === "Escape" && field === ".amount") {
      item.taken = 0n;
      event.target.value = "";
      this.row(side, place, row);
      this.total();
    } else return;
    event.preventDefault();
  }

  walk(side, place, field) {
    if (place >= 0 && place < this.visible[side].length) this.rows[side].reveal(place)?.querySelector(field).focus();
  }

  // Search: rows that do not fit are out of sight; what was taken of them stays taken and is counted
  filter() {
    const said = this.search.elements;
    const words = said.text.value.toLowerCase().split(/\s+/).filter(Boolean);
    const least = readAmount(said.least.value, this.dataset) ?? 0n, most = readAmount(said.most.value, this.dataset) ?? 0n;
    for (const side of SIDES) {
      this.visible[side] = this.items[side].flatMap((item, place) => {
        const fits = words.every((word) => item.words.includes(word)) && item.amount >= least && (!most || item.amount <= most)
          && (!said.due.checked || item.late) && (!said.first.value || item.date >= said.first.value) && (!said.last.value || item.date <= said.last.value);
        return fits ? [place] : [];
      });
      this.rows[side].resize(this.visible[side].length);
    }
    this.counts();
  }

  // Buttons
  act(name) {
    if (name === "clear") this.take([]);
    if (name === "propose") this.propose();
    if (name === "reduce") this.reduce();
    if (name === "marked") {
      for (const side of SIDES) {
        this.visible[side] = this.items[side].flatMap((item, place) => (item.taken ? [place] : []));
        this.rows[side].resize(this.visible[side].length);
      }
      this.counts();
    }
    if (name === "all") {
      this.search.reset();
      this.filter();
    }
  }

  // Of the rows in sight
  async propose() {
    const shown = Object.fromEntries(SIDES.map((side) => [side, this.visible[side].map((place) => this.items[side][place].target)]));
    const body = new FormData(this.form);
    body.set("shown", JSON.stringify(shown));
    const token = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? "";
    const answer = await fetch(this.dataset.proposal, { method: "POST", body, headers: { "X-CSRFToken": token } });
    if (answer.ok) this.take((await answer.json()).proposal);
  }

  take(proposal) {
    for (const side of SIDES) for (const item of this.items[side]) item.taken = 0n;
    for (const [side, place, amount] of proposal) this.items[side][place].taken = BigInt(amount);
    this.redraw();
  }

  // The larger side gives way, its last rows first
  reduce() {
    let over = this.sum("they") - this.sum("we");
    const side = over > 0n ? "they" : "we";
    if (over < 0n) over = -over;
    for (const item of [...this.items[side]].reverse()) {
      const less = item.taken < over ? item.taken : over;
      item.taken -= less;
      over -= less;
    }
    this.redraw();
  }

  redraw() {
    for (const side of SIDES) this.rows[side].refresh(true);
    this.total();
  }

  // Totals
  sum(side, field = "taken") {
    return this.items[side].reduce((total, item) => total + item[field], 0n);
  }

  counts() {
    for (const side of SIDES) {
      const taken = this.items[side].filter((item) => item.taken).length;
      this.querySelector(`[data-count=${side}]`).textContent = `${taken} / ${this.visible[side].length} / ${this.items[side].length}`;
    }
  }

  total() {
    const they = this.sum("they"), we = this.sum("we"), difference = they - we;
    const figures = { they, we, difference, "they-left": this.sum("they", "amount") - they, "we-left": this.sum("we", "amount") - we };
    for (const [name, amount] of Object.entries(figures)) this.querySelector(`[data-total=${name}]`).textContent = this.show(amount);
    this.querySelector(".set-off-difference").classList.toggle("negative", difference !== 0n);
    for (const part of this.querySelectorAll("[data-with-difference]")) part.hidden = difference === 0n;
    this.counts();
    this.changed();
  }

  changed() {
    const chosen = SIDES.flatMap((side) => this.items[side].flatMap((item) => (item.taken ? [[side, String(item.taken), item.target]] : [])));
    this.form.elements.rows.value = JSON.stringify(chosen);
    for (const button of this.querySelectorAll("#set-off-effect [data-post]")) button.disabled = true; // what was shown is no longer what is asked
    this.form.dispatchEvent(new CustomEvent("set-off-changed", { bubbles: true }));
  }
}

customElements.define("set-off-desk", SetOffDesk);
