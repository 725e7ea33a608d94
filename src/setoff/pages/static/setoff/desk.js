// The allocation desk. Both lists hold all their items in memory and draw only the rows in sight, so that ten thousand stay fluid.
// Amounts are BigInt of minor units: a sum of debts may be longer than a number of the browser is exact.

import { element, readAmount, Rows, showAmount } from "./row-window.js";

const FIELDS = ["id", "name", "day", "due", "contract", "label", "amount", "at", "payment", "moves", "key", "line", "code", "version", "order"];

class AllocationDesk extends HTMLElement {
  async connectedCallback() {
    this.form = this.querySelector("form");
    this.boxes = { money: this.querySelector(".money"), debts: this.querySelector(".debts") };
    this.form.addEventListener("click", (event) => this.act(event.target.closest("[data-act]")?.dataset.act, event));
    this.boxes.money.addEventListener("keydown", (event) => this.moneyKey(event));
    this.boxes.debts.addEventListener("keydown", (event) => this.debtKey(event));
    this.boxes.debts.addEventListener("input", (event) => this.typed(event.target));
    this.boxes.debts.addEventListener("focusout", (event) => this.settleText(event.target));
    this.boxes.money.addEventListener("click", (event) => {
      const row = event.target.closest(".desk-row");
      if (row) this.choose(Number(row.dataset.place));
      this.boxes.money.focus();
    });
    const answer = await (await fetch(this.dataset.items)).json();
    for (const side of ["debts", "money"]) {
      this[side] = answer[side].map((values) => {
        const item = Object.fromEntries(FIELDS.map((field, place) => [field, values[place]]));
        return Object.assign(item, { amount: BigInt(item.amount), left: BigInt(item.amount), puts: new Map() });
      });
    }
    this.chosen = this.money.findIndex((item) => item.payment);
    this.rows = {
      money: new Rows(this.boxes.money, this.money.length, (place, row) => this.moneyRow(place, row)),
      debts: new Rows(this.boxes.debts, this.debts.length, (place, row) => this.debtRow(place, row)),
    };
    this.nameChosen();
    this.total();
    this.classList.add("ready");
  }

  show(amount) {
    return showAmount(amount, this.dataset);
  }

  read(text) {
    return readAmount(text, this.dataset);
  }

  // What fits: a payment may name what stood before it; another contract only when its money may move there
  fits(money, debt) {
    return Boolean(money?.payment) && debt.at < money.at && (debt.code === money.code || money.moves);
  }

  put(moneyPlace, debtPlace, amount, reason) {
    const money = this.money[moneyPlace], debt = this.debts[debtPlace];
    const before = debt.puts.get(moneyPlace)?.amount ?? 0n;
    debt.left += before - amount;
    money.left += before - amount;
    if (amount) {
      debt.puts.set(moneyPlace, { amount, reason });
      money.puts.set(debtPlace, amount);
    } else {
      debt.puts.delete(moneyPlace);
      money.puts.delete(debtPlace);
    }
  }

  most(debt) {
    const money = this.money[this.chosen];
    if (!this.fits(money, debt)) return 0n;
    const own = debt.puts.get(this.chosen)?.amount ?? 0n;
    return own + (money.left < debt.left ? money.left : debt.left);
  }

  // Rows
  moneyRow(place, row = element("div", { className: "desk-row", role: "option" })) {
    const item = this.money[place];
    row.dataset.place = place;
    row.id = `money-${place}`;
    row.setAttribute("aria-selected", String(place === this.chosen));
    row.classList.toggle("unfit", !item.payment);
    row.classList.toggle("done", item.left === 0n);
    row.title = item.payment ? "" : this.dataset.notPayment;
    row.replaceChildren(
      element("span", { textContent: item.name }), element("span", { textContent: item.day }), element("span", { textContent: item.contract }),
      element("span", { className: "figure", textContent: this.show(item.amount) }),
      element("span", { className: "figure", textContent: this.show(item.left) }),
    );
    return row;
  }

  debtRow(place, row) {
    const item = this.debts[place];
    const own = this.chosen >= 0 ? item.puts.get(this.chosen) : undefined;
    if (!row) {
      row = element("div", { className: "desk-row" });
      row.setAttribute("role", "listitem");
      row.dataset.place = place;
      row.append(
        element("span", {}, element("a", { href: `${this.dataset.document}${item.id}/`, textContent: item.label || item.name }), element("small")),
        element("span", { textContent: item.due || item.day }), element("span", { textContent: item.contract }),
        element("span", { className: "figure", textContent: this.show(item.amount) }),
        element("input", { inputMode: "decimal", autocomplete: "off" }), element("span", { className: "figure" }),
      );
      row.querySelector("input").setAttribute("aria-label", `${this.dataset.put}: ${item.label || item.name}`);
    }
    const input = row.querySelector("input"), money = this.money[this.chosen];
    const fits = this.fits(money, item);
    if (document.activeElement !== input) input.value = own ? this.show(own.amount) : "";
    input.disabled = !fits;
    input.removeAttribute("aria-invalid");
    row.classList.toggle("unfit", Boolean(money) && !fits);
    row.classList.toggle("matched", item.puts.size > 0);
    row.title = money?.payment && item.at >= money.at ? this.dataset.later : "";
    row.querySelector("small").textContent = [...item.puts.values()].map((put) => put.reason)[0] ?? "";
    row.lastElementChild.textContent = this.show(item.left);
    return row;
  }

  choose(place) {
    this.chosen = place;
    this.nameChosen();
    this.boxes.money.setAttribute("aria-activedescendant", `money-${place}`);
    this.rows.money.reveal(place);
    this.rows.money.refresh(true);
    this.rows.debts.refresh(true);
  }

  nameChosen() {
    // An option of a list holds no link: the payment's page is reached from here
    const item = this.money[this.chosen], link = this.querySelector("[data-chosen]");
    link.hidden = !item;
    if (item) Object.assign(link, { href: `${this.dataset.document}${item.id}/`, textContent: item.name });
  }

  // Typing
  typed(input) {
    const place = Number(input.closest(".desk-row").dataset.place);
    const amount = this.read(input.value);
    const wrong = amount === null || amount > this.most(this.debts[place]);
    input.setAttribute("aria-invalid", String(wrong));
    if (wrong) return;
    this.put(this.chosen, place, amount, this.dataset.byHand);
    this.touched(place);
  }

  touched(place) {
    const row = this.rows.debts.shown.get(place), item = this.debts[place];
    if (row) {
      row.lastElementChild.textContent = this.show(item.left);
      row.querySelector("small").textContent = [...item.puts.values()].map((put) => put.reason)[0] ?? "";
      row.classList.toggle("matched", item.puts.size > 0);
    }
    const money = this.rows.money.shown.get(this.chosen);
    if (money) this.moneyRow(this.chosen, money);
    this.total();
  }

  settleText(input) {
    if (!input.matches?.("input")) return;
    const own = this.debts[Number(input.closest(".desk-row").dataset.place)].puts.get(this.chosen);
    input.value = own ? this.show(own.amount) : "";
    input.removeAttribute("aria-invalid");
  }

  debtKey(event) {
    const input = event.target.closest("input");
    if (!input) return;
    const place = Number(input.closest(".desk-row").dataset.place);
    if (event.key === "Enter" && !event.ctrlKey) {
      if (input.value === "" && this.most(this.debts[place])) {
        input.value = this.show(this.most(this.debts[place]));
        this.typed(input);
      }
      this.walk(place, 1);
    } else if (event.key === "ArrowDown") this.walk(place, 1);
    else if (event.key === "ArrowUp") this.walk(place, -1);
    else if (event.key === "Escape") {
      input.value = "";
      this.typed(input);
    } else return;
    event.preventDefault();
  }

  walk(place, step) {
    for (let next = place + step; next >= 0 && next < this.debts.length; next += step) {
      if (!this.fits(this.money[this.chosen], this.debts[next])) continue;
      this.rows.debts.reveal(next)?.querySelector("input").focus();
      return;
    }
  }

  moneyKey(event) {
    const step = { ArrowDown: 1, ArrowUp: -1, j: 1, k: -1 }[event.key];
    if (step) {
      const next = Math.min(Math.max(this.chosen + step, 0), this.money.length - 1);
      if (next >= 0) this.choose(next);
    } else if (event.key === "Enter") this.walk(-1, 1);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  // Buttons
  async act(name, event) {
    if (name === "clear") this.clear();
    if (name === "propose") await this.propose();
    if (name === "preview") this.form.elements.puts.value = JSON.stringify(this.puts());
    if (name && name !== "preview") event?.preventDefault();
  }

  clear() {
    for (const item of [...this.debts, ...this.money]) {
      item.puts.clear();
      item.left = item.amount;
    }
    this.redraw();
  }

  async propose() {
    const { matches } = await (await fetch(this.dataset.proposal)).json();
    this.clear();
    for (const [money, debt, amount, reason] of matches) this.put(money, debt, BigInt(amount), reason);
    this.redraw();
  }

  puts() {
    return this.debts.flatMap((debt) => [...debt.puts].map(([place, put]) => {
      const money = this.money[place];
      return [money.key, money.code, debt.key, debt.line, debt.code, String(put.amount), debt.order, money.version];
    }));
  }

  redraw() {
    this.rows.money.refresh(true);
    this.rows.debts.refresh(true);
    this.total();
  }

  total() {
    const sum = (items, field) => items.reduce((total, item) => total + item[field], 0n);
    const free = sum(this.money, "left"), put = sum(this.money, "amount") - free;
    for (const [name, amount] of Object.entries({ money: free, put, debts: sum(this.debts, "left") })) {
      this.querySelector(`[data-total=${name}]`).textContent = this.show(amount);
    }
    this.querySelector("#desk-effect").replaceChildren();
    const button = this.querySelector("[data-act=preview]");
    if (button) button.disabled = put === 0n;
  }
}

customElements.define("allocation-desk", AllocationDesk);
