// What the desks share: lists of which only the rows in sight exist, and amounts as people read and type them.

const ROW = 44;

export const element = (name, properties = {}, ...children) => {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
};

export class Rows {
  // A window on a list: rows are made when they come into sight and given back when they leave it.
  constructor(box, count, draw) {
    Object.assign(this, { box, count, draw, shown: new Map() });
    this.spacer = element("div", { className: "height" });
    this.spacer.style.height = `${count * ROW}px`;
    box.replaceChildren(this.spacer);
    box.addEventListener("scroll", () => this.refresh(), { passive: true });
    new ResizeObserver(() => this.refresh()).observe(box);
    this.refresh();
  }

  refresh(all = false) {
    const first = Math.max(0, Math.floor(this.box.scrollTop / ROW) - 4);
    const last = Math.min(this.count, first + Math.ceil(this.box.clientHeight / ROW) + 8);
    for (const [place, row] of this.shown) {
      if (place < first || place >= last) {
        if (row.contains(document.activeElement)) continue;
        row.remove();
        this.shown.delete(place);
      }
    }
    for (let place = first; place < last; place += 1) {
      const known = this.shown.get(place);
      if (known && !all) continue;
      const row = this.draw(place, known);
      row.style.top = `${place * ROW}px`;
      if (!known) {
        this.shown.set(place, row);
        this.box.append(row);
      }
    }
  }

  // Other rows stand in the list from now on: `draw` knows which.
  resize(count) {
    for (const row of this.shown.values()) row.remove();
    this.shown.clear();
    this.count = count;
    this.spacer.style.height = `${count * ROW}px`;
    this.refresh();
  }

  reveal(place) {
    const top = place * ROW;
    if (top < this.box.scrollTop) this.box.scrollTop = top;
    else if (top + ROW > this.box.scrollTop + this.box.clientHeight) this.box.scrollTop = top + ROW - this.box.clientHeight;
    this.refresh();
    return this.shown.get(place);
  }
}

// Minor units as people of the page's language read them: `digits`, `grouping` and `point` stand in the page.
export function showAmount(amount, { digits, grouping, point }) {
  const text = String(amount < 0n ? -amount : amount).padStart(Number(digits) + 1, "0");
  const whole = text.slice(0, text.length - digits).replace(/\B(?=(\d{3})+$)/g, grouping);
  return (amount < 0n ? "\u2212" : "") + (Number(digits) ? `${whole}${point}${text.slice(-digits)}` : whole);
}

// What was typed as minor units; null when it is no amount, or has more decimals than the currency.
export function readAmount(text, { digits, point }) {
  let plain = text.replace(/[\s']/g, "");
  const comma = plain.lastIndexOf(","), stop = plain.lastIndexOf(".");
  if (comma >= 0 && stop >= 0) plain = plain.replaceAll(comma > stop ? "." : ",", "").replace(",", ".");
  else if (comma >= 0) plain = point === "." && /^\d{1,3}(,\d{3})+$/.test(plain) ? plain.replaceAll(",", "") : plain.replace(",", ".");
  if (plain === "") return 0n;
  const match = /^(\d*)(?:\.(\d*))?$/.exec(plain);
  if (!match || (match[2] ?? "").length > Number(digits)) return null;
  return BigInt(match[1] + (match[2] ?? "").padEnd(Number(digits), "0") || "0");
}
