// <entry-form>: what people do in an entry form beyond what a form does by itself.
//
// Grids: rows are added, copied and taken away; Enter goes to the next field and makes a new row at the end; arrows go up and down a
// column; a table copied from a spreadsheet goes into the cells from the one that has the focus, dates turned into ISO ones.
// Keys: Ctrl+S saves, Ctrl+Enter posts, Ctrl+B fills by balances; in a row Ctrl+D copies it and Ctrl+Delete takes it away.
// Every change asks the server what the document would do (`entry-changed`, listened to by htmx); its answer says what lines come to and which
// contract fits. Nothing is computed here: the rules are the server's.
const CELL = "input:not([type=hidden]), select, textarea";

class EntryForm extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    this.isChanged = this.hasAttribute("data-changed");
    for (const grid of this.querySelectorAll("[data-grid]")) {
      if (!rows(grid).length && !grid.closest("details")) addRow(grid);
    }
    renumber(this);
    this.form.addEventListener("click", (event) => this.clicked(event));
    this.form.addEventListener("keydown", (event) => this.key(event));
    this.form.addEventListener("paste", (event) => this.paste(event));
    for (const kind of ["input", "change"]) this.form.addEventListener(kind, (event) => this.changed(event));
    this.form.addEventListener("submit", (event) => this.sent(event));
    this.addEventListener("pick-entered", (event) => this.next(event.target.querySelector(CELL)));
    this.addEventListener("htmx:afterSettle", () => this.answered());
    addEventListener("keydown", (event) => this.shortcut(event));
    addEventListener("beforeunload", (event) => {
      if (this.isChanged && !this.isSent) event.preventDefault();
    });
    const wrong = this.querySelector("[aria-invalid=true]");
    (wrong ?? this.wanted())?.focus();
  }

  // Where work begins: a grid that was refused, what must be filled, the first party or document that is not chosen, the first row.
  wanted() {
    const refused = [...this.querySelectorAll("[data-grid]")].find((grid) => grid.querySelector(":scope > .field > .error"));
    const pick = [...this.querySelectorAll(".entry-fields.card pick-field")].find((found) => !found.value?.value);
    return refused?.querySelector(CELL) ?? this.querySelector(".entry-fields [required]:placeholder-shown") ?? pick?.querySelector(CELL)
      ?? this.querySelector(`[data-grid] :is(${CELL})`) ?? this.querySelector(CELL);
  }

  changed(event) {
    if (event?.target.closest?.("pick-field") && event.type === "input") return; // words on their way to a code
    if (event?.type === "change" && event.target.name === "counterparty") this.form.elements.contract && this.forgetContract();
    this.isChanged = true;
    this.form.dispatchEvent(new CustomEvent("entry-changed"));
  }

  forgetContract() {
    const pick = this.pickOf("contract");
    if (pick?.value.value) pick.show("", "");
    this.wantsContract = true;
  }

  pickOf(name) {
    return [...this.querySelectorAll("pick-field")].find((pick) => pick.value?.name === name);
  }

  clicked(event) {
    if (event.target.closest("[data-goes-on]")) this.isSent = true;
    const grid = event.target.closest("[data-grid]");
    const row = event.target.closest("[data-row]");
    if (event.target.closest("[data-add-row]")) focusFirst(addRow(grid));
    else if (event.target.closest("[data-copy-row]")) focusFirst(copyRow(row));
    else if (event.target.closest("[data-remove-row]")) removeRow(grid, row);
    else return;
    renumber(this);
    this.changed();
  }

  key(event) {
    const field = event.target;
    if (!field.matches(CELL)) return;
    const row = field.closest("[data-row]");
    const plain = !event.ctrlKey && !event.altKey && !event.metaKey;
    if (event.key === "Enter" && plain && !event.shiftKey) { // in a text of several lines Shift+Enter breaks the line
      event.preventDefault();
      this.next(field);
    } else if (row && plain && (event.key === "ArrowDown" || event.key === "ArrowUp") && !field.matches("select, [type=date], textarea")) {
      const target = neighbour(field, event.key === "ArrowDown" ? 1 : -1);
      if (target) {
        event.preventDefault();
        reach(target);
      }
    } else if (row && event.ctrlKey && (event.key === "d" || event.key === "Delete")) {
      event.preventDefault();
      const grid = row.closest("[data-grid]");
      if (event.key === "d") focusFirst(copyRow(row));
      else focusFirst(removeRow(grid, row));
      renumber(this);
      this.changed();
    }
  }

  next(field) {
    const fields = [...this.querySelectorAll(CELL)].filter((other) => other.offsetParent !== null && !other.disabled);
    const grid = field.closest("[data-grid]");
    const following = fields[fields.indexOf(field) + 1];
    if (grid && following?.closest("[data-grid]") !== grid && !grid.closest("[data-row]")) {
      const row = field.closest("[data-row]");
      if (hasText(row)) { // an empty last row ends the list
        focusFirst(addRow(grid));
        renumber(this);
        return;
      }
    }
    if (following) reach(following);
    else this.form.querySelector("[data-does]")?.focus();
  }

  paste(event) {
    const field = event.target;
    const grid = field.closest("[data-grid]:not([data-stacked])");
    const said = event.clipboardData?.getData("text/plain") ?? "";
    if (!grid || !/[\t\n]/.test(said.trim())) return;
    event.preventDefault();
    const table = said.replace(/\r/g, "").replace(/\n+$/, "").split("\n").map((line) => line.split("\t"));
    const first = cellsOf(field.closest("[data-row]")).indexOf(field);
    let place = rows(grid).indexOf(field.closest("[data-row]"));
    for (const values of table) {
      const row = rows(grid)[place] ?? addRow(grid);
      const cells = cellsOf(row).slice(first);
      values.slice(0, cells.length).forEach((value, index) => put(cells[index], value.trim()));
      place += 1;
    }
    renumber(this);
    this.changed();
  }

  shortcut(event) {
    if (!(event.ctrlKey || event.metaKey)) return;
    const wanted = { s: "save", Enter: "post", b: "fill" }[event.key];
    const button = wanted && this.form.querySelector(`[data-does=${wanted}]`);
    if (!wanted || (wanted === "fill" && !button)) return;
    event.preventDefault();
    if (!button || this.isSent) return;
    document.activeElement?.blur?.();
    // what was typed into a picker and not chosen is looked up first
    Promise.all([...this.querySelectorAll("pick-field")].map((pick) => pick.pending)).then(() => this.form.requestSubmit(button));
  }

  sent(event) {
    if (this.isSent) {
      event.preventDefault(); // the second press of a button
      return;
    }
    this.isSent = true;
    addEventListener("pageshow", () => { this.isSent = false; }, { once: true });
  }

  answered() {
    const said = this.querySelector("[data-answer]")?.dataset.answer;
    if (!said) return;
    const answer = JSON.parse(said);
    const others = this.querySelector("#entry-others");
    if (others) others.textContent = answer.others;
    const lines = this.querySelector("[data-grid=lines]");
    if (lines) {
      const full = rows(lines).filter(hasText);
      answer.lines.forEach(([gross, vat], index) => {
        for (const [name, value] of [["amount", gross], ["vat", vat]]) {
          const field = full[index]?.querySelector(`[name$=".${name}"]`);
          if (field) field.placeholder = value;
        }
      });
    }
    const place = this.pickOf("contract")?.closest(".field");
    if (place) place.hidden = !answer.has_contract && !this.pickOf("contract").value.value;
    if (answer.contract?.length && this.wantsContract) {
      this.wantsContract = false;
      const pick = this.pickOf("contract");
      if (pick && !pick.value.value) {
        pick.show(...answer.contract);
        this.changed();
      }
    }
  }
}

function rows(grid) {
  return [...grid.querySelectorAll("[data-row]")].filter((row) => row.closest("[data-grid]") === grid);
}

function cellsOf(row) {
  return [...row.querySelectorAll(CELL)].filter((field) => field.closest("[data-row]") === row);
}

function hasText(row) {
  return [...row.querySelectorAll(CELL)].some((field) => !field.matches("select, [type=checkbox]") && field.value);
}

function addRow(grid, after = null) {
  const blank = [...grid.children].find((part) => part.matches("template[data-blank]"));
  const row = blank.content.firstElementChild.cloneNode(true);
  if (after) after.after(row);
  else [...grid.querySelectorAll("[data-rows]")].find((list) => list.closest("[data-grid]") === grid).append(row);
  for (const inner of row.querySelectorAll("[data-grid]")) if (!rows(inner).length) addRow(inner);
  return row;
}

// A picker keeps two fields for one value, so a row is copied value by value into a blank one.
function copyRow(row) {
  const made = addRow(row.closest("[data-grid]"), row);
  const before = cellsOf(row);
  cellsOf(made).forEach((field, index) => {
    const pick = field.closest("pick-field");
    if (pick) pick.show(before[index].closest("pick-field").value.value, before[index].value);
    else if (field.type === "checkbox") field.checked = before[index].checked;
    else field.value = before[index].value;
  });
  return made;
}

function removeRow(grid, row) {
  const near = row.nextElementSibling ?? row.previousElementSibling;
  row.remove();
  return near ?? addRow(grid);
}

// Names follow the place of the row: "lines[2].amount". Refusals name fields so.
function renumber(place) {
  for (const grid of place.querySelectorAll("[data-grid]")) {
    const outer = grid.parentElement.closest("[data-row]");
    const name = grid.dataset.grid.split(".").pop();
    grid.dataset.grid = outer ? `${outer.dataset.row}.${name}` : name;
    rows(grid).forEach((row, index) => {
      row.dataset.row = `${grid.dataset.grid}[${index}]`;
      const number = [...row.children].find((cell) => cell.matches("[data-number-of-row]"));
      if (number) number.textContent = index + 1;
      for (const field of row.querySelectorAll("[name]")) {
        if (field.closest("[data-row]") !== row) continue;
        field.name = `${row.dataset.row}.${field.name.slice(lastRow(field.name))}`;
      }
    });
  }
}

function lastRow(name) {
  return name.lastIndexOf("].") + 2;
}

function neighbour(field, step) {
  const row = field.closest("[data-row]");
  const all = rows(row.closest("[data-grid]"));
  const other = all[all.indexOf(row) + step];
  return other && cellsOf(other)[cellsOf(row).indexOf(field)];
}

function focusFirst(row) {
  const field = row?.querySelector(CELL);
  if (field) reach(field);
}

function reach(field) {
  field.focus();
  field.select?.();
}

function put(field, value) {
  if (field.type === "date") field.value = isoDay(value) ?? "";
  else if (field.matches("select")) choose(field, value);
  else if (field.type === "checkbox") field.checked = !["", "0", "no", "нет", "否", "false"].includes(value.toLowerCase());
  else {
    field.value = value;
    field.closest("pick-field")?.left();
  }
}

function choose(field, value) {
  const found = [...field.options].find((option) => [option.value, option.text.trim()].some((said) => said.toLowerCase() === value.toLowerCase()));
  if (found) field.value = found.value;
}

// 2026-03-31, 31.03.2026, 31/3/2026, 2026/3/31, 2026年3月31日: day before month where the year comes last.
function isoDay(said) {
  const parts = said.match(/\d+/g);
  if (parts?.length !== 3) return null;
  const [year, month, day] = parts[0].length === 4 ? parts : [parts[2].length === 2 ? `20${parts[2]}` : parts[2], parts[1], parts[0]];
  return `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`;
}

customElements.define("entry-form", EntryForm);
