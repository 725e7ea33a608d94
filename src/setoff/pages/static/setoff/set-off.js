// The proposal desk: what they owe us beside what we owe them. A row is marked by its amount; search hides rows and keeps their marks.
// Amounts are BigInt of minor units, each in the currency of its row; totals are in the currency of the desk, where several currencies meet
// in book currency at the rates of the day. Which amounts are proposed, what would be posted and what the law says, the server tells.

import { element, readAmount, Rows, showAmount } from "./row-window.js";

const FIELDS = ["id", "name", "day", "due", "late", "contract", "party", "what", "amount", "date", "falls", "advance", "currency", "number", "paper", "target"];
const SIDES = ["they", "we"];

// A decimal number as a fraction of whole ones
function fraction(text) {
  const [whole, part = ""] = text.split(".");
  return { over: BigInt(whole + part), under: 10n ** BigInt(part.length) };
}

class SetOffDesk extends HTMLElement {
  async connectedCallback() {
    this.form = this.querySelector("form.set-off-form");
    this.search = this.querySelector("form.set-off-search");
    this.addEventListener("input", (event) => this.onInput(event));
    this.addEventListener("change", (event) => this.onChange(event));
    this.addEventListener("keydown", (event) => this.onKey(event));
    this.addEventListener("click", (event) => this.act(event.target.closest("[data-act]")?.dataset.act));
    this.addEventListener("focusin", (event) => {
      if (event.target.matches("input.amount")) this.before = this.found(event.target).item.taken;
    });
    this.addEventListener("focusout", (event) => event.target.matches("input.amount") && this.settleText(event.target));
    this.search.addEventListener("submit", (event) => event.preventDefault());
    this.items = {};
    this.visible = {};
    this.rows = {};
    const answer = await this.load();
    this.take(answer.proposal);
    this.classList.add("ready");
  }

  // Both sides as they stood on the day, with its rates
  async load() {
    const said = new URL(this.dataset.items, location.href);
    for (const name of ["date", "rate"]) said.searchParams.set(name, this.form.elements[name].value);
    const response = await fetch(said);
    if (!response.ok) return { proposal: [] };
    const answer = await response.json();
    this.rates = Object.fromEntries(Object.entries(answer.rates).map(([code, [digits, rate]]) => [code, { digits, ...fraction(rate) }]));
    const foreign = new Set([...answer.they, ...answer.we].map((values) => values[FIELDS.indexOf("currency")]).filter((code) => code !== answer.book));
    const missing = this.dataset.several ? [...foreign].filter((code) => !this.rates[code].over) : [];
    this.book = answer.book;
    this.querySelector("[data-missing]").textContent = missing.length ? `${this.dataset.noRate}: ${missing.join(", ")}` : "";
    const rate = this.querySelector("[data-with-rate]");
    rate.hidden = foreign.size !== 1;
    rate.querySelector("[data-rate-of]").textContent = [...foreign].join(" ");
    for (const side of SIDES) {
      this.items[side] = answer[side].map((values) => {
        const item = Object.fromEntries(FIELDS.map((field, place) => [field, values[place]]));
        const shown = { ...this.dataset, digits: this.rates[item.currency]?.digits ?? this.dataset.digits };
        const words = [item.name, item.day, item.due, item.contract, item.party, item.what, item.currency, showAmount(BigInt(item.amount), shown)];
        return Object.assign(item, { amount: BigInt(item.amount), taken: 0n, shown, words: words.join(" ").toLowerCase() });
      });
      this.visible[side] = this.items[side].map((_, place) => place);
      this.widest = this.items[side].reduce((most, item) => Math.max(most, showAmount(item.amount, item.shown).length), this.widest ?? 8);
      this.style.setProperty("--figure", `${(this.widest * 0.57).toFixed(2)}rem`); // no amount is cut off
      if (this.rows[side]) this.rows[side].resize(this.items[side].length);
      else this.rows[side] = new Rows(this.box(side), this.items[side].length, (place, row) => this.row(side, place, row));
    }
    return answer;
  }

  // Another day or rate: what is marked stays marked
  async reload() {
    const kept = new Map(SIDES.flatMap((side) => this.items[side].map((item) => [JSON.stringify(item.target), item.taken])));
    await this.load();
    for (const side of SIDES) for (const item of this.items[side]) item.taken = kept.get(JSON.stringify(item.target)) ?? 0n;
    this.filter();
    this.redraw();
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
      const currency = this.dataset.several ? item.currency : "";
      const small = element("small", { textContent: [currency, item.what, item.party].filter(Boolean).join(" · ") });
      small.prepend(element("b", { className: "open-amount", textContent: `${showAmount(item.amount, item.shown)} ` })); // on a phone it has no column
      name.append(small);
      row.append(
        mark, name, element("span", { textContent: item.due || item.day, className: item.late ? "negative" : "" }),
        element("span", { textContent: item.contract }), element("span", { className: "figure", textContent: showAmount(item.amount, item.shown) }), amount,
      );
    }
    row.querySelector(".mark").checked = item.taken > 0n;
    row.classList.toggle("matched", item.taken > 0n);
    const amount = row.querySelector(".amount");
    if (document.activeElement !== amount) {
      amount.value = item.taken ? showAmount(item.taken, item.shown) : "";
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
      const amount = readAmount(event.target.value, item.shown);
      const wrong = amount === null || amount > item.amount;
      event.target.setAttribute("aria-invalid", String(wrong));
      item.taken = wrong ? this.before : amount; // what was typed so far of a wrong amount is no amount
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
    } else if (["date", "rate"].includes(event.target.name) && event.target.closest("form") === this.form) this.reload();
    else if (event.target.closest("form") === this.form) this.changed();
  }

  // What a row takes when it is marked: what is still missing on its side, or all of it.
  rest(side, item) {
    const missing = this.sum(side === "they" ? "we" : "they") - this.sum(side);
    const part = missing > 0n ? this.most(item.currency, missing) : 0n;
    return part > 0n && part < item.amount ? part : item.amount;
  }

  settleText(input) {
    const { item } = this.found(input);
    input.value = item.taken ? showAmount(item.taken, item.shown) : "";
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
        event.target.value = showAmount(item.taken, item.shown);
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
    const day = this.form.elements.date.value;
    const least = readAmount(said.least.value, this.dataset) ?? 0n, most = readAmount(said.most.value, this.dataset) ?? 0n;
    for (const side of SIDES) {
      this.visible[side] = this.items[side].flatMap((item, place) => {
        const fits = words.every((word) => item.words.includes(word)) && item.amount >= least && (!most || item.amount <= most)
          && (!said.due.checked || item.falls <= day) && (!said.debts.checked || !item.advance)
          && (!said.first.value || item.date >= said.first.value) && (!said.last.value || item.date <= said.last.value);
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
    if (name === "link") this.link({});
    if (name === "link-marked") this.linkMarked();
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

  // The larger side gives way, its last rows first. A foreign row gives whole minor units; where none is small enough, the last gives one more
  // and the other side follows.
  reduce() {
    for (let round = 0; round < 4 && this.sum("they") !== this.sum("we"); round += 1) {
      const side = this.sum("they") > this.sum("we") ? "they" : "we", other = side === "they" ? "we" : "they";
      const over = () => this.sum(side) - this.sum(other);
      const rows = [...this.items[side]].reverse().filter((item) => item.taken);
      for (const item of rows) {
        const part = over() > 0n ? this.most(item.currency, over()) : 0n;
        item.taken -= item.taken < part ? item.taken : part;
      }
      const last = rows.find((item) => item.taken);
      if (over() > 0n && last) last.taken -= 1n;
    }
    this.redraw();
  }

  redraw() {
    for (const side of SIDES) this.rows[side].refresh(true);
    this.total();
  }

  // Totals
  sum(side, field = "taken") {
    const sums = new Map();
    for (const item of this.items[side]) sums.set(item.currency, (sums.get(item.currency) ?? 0n) + item[field]);
    return [...sums].reduce((total, [currency, amount]) => total + this.worth(currency, amount), 0n);
  }

  // In the currency of the desk, half up: itself, or book currency at the rate
  worth(currency, amount) {
    if (!this.dataset.several || currency === this.book) return amount;
    const rate = this.rates[currency], book = this.rates[this.book];
    if (!rate?.over) return 0n;
    const above = amount * rate.over * 10n ** BigInt(book.digits), below = rate.under * 10n ** BigInt(rate.digits);
    return (2n * above + below) / (2n * below);
  }

  // The largest amount of a currency that is worth no more than this
  most(currency, room) {
    if (!this.dataset.several || currency === this.book) return room;
    const rate = this.rates[currency];
    if (!rate?.over) return 0n;
    let amount = (room * rate.under * 10n ** BigInt(rate.digits)) / (rate.over * 10n ** BigInt(this.rates[this.book].digits)) + 1n;
    while (amount > 0n && this.worth(currency, amount) > room) amount -= 1n;
    return amount;
  }

  // Linked papers
  link({ paper, number, date, amount, key }) {
    const row = this.querySelector("[data-linked-row]").content.firstElementChild.cloneNode(true);
    const said = { type: paper, number, date, amount, document: key };
    for (const [name, value] of Object.entries(said)) if (value) row.querySelector(`[name=linked-${name}]`).value = value;
    row.querySelector("[data-act=unlink]").addEventListener("click", () => {
      row.remove();
      this.linked();
    });
    this.querySelector("[data-linked]").append(row);
    this.linked();
    if (!number) row.querySelector("[name=linked-number]").focus();
  }

  linkMarked() {
    const known = new Set([...this.querySelectorAll("[name=linked-document]")].map((input) => input.value));
    const chosen = SIDES.flatMap((side) => this.items[side]).filter((item) => item.taken && !known.has(item.target[0]));
    for (const item of chosen.slice(0, 100)) this.link({ paper: item.paper, number: item.number, date: item.date, key: item.target[0] });
  }

  linked() {
    const count = this.querySelectorAll(".linked-row").length, badge = this.querySelector("[data-linked-count]");
    Object.assign(badge, { textContent: count, hidden: !count });
    this.changed();
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
