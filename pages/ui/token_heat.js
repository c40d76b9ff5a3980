// One answer's tokens under every λ: a strip of cells that wraps like text, and what else could
// stand at the place that was clicked. Tokens are set as text only.

const views = new WeakMap();
const LABEL = 118;

export default function (component) {
  const home = component.parentElement;
  if (!views.has(home)) views.set(home, new Heat(home));
  views.get(home).show(component);
}

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

const HIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f\u202a-\u202e\u2066-\u2069]/g;
const shown = (text) => {
  const safe = text.replace(/\n/g, "↵").replace(/\t/g, "⇥").replace(HIDDEN, "\u2421");
  return safe.trim() ? safe.trim() : safe.replace(/ /g, "␣");
};
const percent = (p) => (p > 0.9995 && p < 1 ? ">99.9 %" : p > 0 && p < 0.0005 ? "<0.1 %" : `${(100 * p).toFixed(1)} %`);

class Heat {
  constructor(home) {
    this.root = element("div", "heat");
    this.root.tabIndex = 0;
    this.root.setAttribute("role", "group");
    this.legend = element("div", "legend");
    this.lines = element("div");
    this.detail = element("div", "scroll");
    this.root.append(this.legend, this.lines, this.detail);
    home.append(this.root);
    this.pen = document.createElement("canvas").getContext("2d");
    this.root.onkeydown = (event) => this.key(event);
    new ResizeObserver(() => this.layOut()).observe(this.root);
  }

  show(component) {
    this.component = component;
    const { data } = component;
    const fresh = !this.data || this.data.id !== data.id;
    if (!fresh) return;
    this.data = data;
    this.at = data.at;
    this.width = 0;
    this.root.setAttribute("aria-label", data.label);
    this.legend.replaceChildren(
      this.part("0 %", "i", "100 % probable under that λ"),
      element("span", "", "◦ that λ would rather write something else here"),
      element("span", "", "the number behind λ is the log-probability of the whole answer"),
    );
    this.layOut();
    this.pick(this.at, false);
    this.root.scrollIntoView({ block: "nearest", behavior: "smooth" });
  }

  part(before, tag, after) {
    const made = element("span");
    made.append(before, element(tag), after);
    return made;
  }

  widths() {
    this.pen.font = `13.5px ${getComputedStyle(this.root).fontFamily}`;
    return this.data.tokens.map((text) => Math.min(150, Math.max(24, this.pen.measureText(shown(text)).width + 9)));
  }

  layOut() {
    const room = this.root.clientWidth - LABEL;
    if (!this.data || room <= 0 || Math.abs(room - this.width) < 8) return;
    this.width = room;
    const widths = this.widths();
    const lines = [[]];
    let used = 0;
    widths.forEach((width, at) => {
      if (used + width > room && lines.at(-1).length) {
        lines.push([]);
        used = 0;
      }
      lines.at(-1).push(at);
      used += width;
    });
    this.lines.replaceChildren(...lines.map((places, number) => this.line(places, widths, number)));
    this.mark();
  }

  line(places, widths, number) {
    const line = element("div", "line");
    line.style.gridTemplateColumns = `${LABEL}px ${places.map((at) => `${widths[at]}px`).join(" ")}`;
    line.append(element("div"), ...places.map((at) => this.head(at)));
    this.data.lams.forEach((lam, row) => {
      line.append(this.label(lam, row, number), ...places.map((at) => this.cell(row, at)));
    });
    return line;
  }

  label(lam, row, number) {
    const label = element("div", row === this.data.own ? "lam own" : "lam");
    const dot = element("i");
    dot.style.background = lam.colour;
    label.append(dot, lam.name);
    if (number === 0) label.append(element("span", "", lam.sum));
    return label;
  }

  head(at) {
    const last = at === this.data.tokens.length - 1;
    const head = element("button", last ? "token end" : "token", shown(this.data.tokens[at]));
    head.tabIndex = -1;
    head.title = last ? "How probable it is that the answer ends here" : JSON.stringify(this.data.tokens[at]);
    return this.place(head, at);
  }

  cell(row, at) {
    const p = this.data.probs[row][at];
    const cell = element("button", p > 0.55 ? "cell deep" : "cell", this.data.first[row][at] ? "" : "◦");
    cell.tabIndex = -1;
    cell.style.setProperty("--p", p);
    cell.title = `${this.data.lams[row].name}: ${percent(p)}`;
    return this.place(cell, at);
  }

  place(node, at) {
    node.dataset.at = at;
    node.onclick = () => this.pick(at, true);
    return node;
  }

  pick(at, tell) {
    this.at = Math.max(0, Math.min(at, this.data.tokens.length - 1));
    this.mark();
    this.draw();
    if (tell) this.component.setStateValue("at", this.at);
  }

  mark() {
    for (const node of this.lines.querySelectorAll("[data-at]"))
      node.classList.toggle("picked", Number(node.dataset.at) === this.at);
  }

  draw() {
    const { data, at } = this;
    const last = at === data.tokens.length - 1;
    const table = element("table");
    const what = last ? "the end of the answer" : `token ${at + 1}, ${JSON.stringify(data.tokens[at])}`;
    table.append(element("caption", "", `What each λ would write at ${what}, the tokens before it given`));
    const head = element("tr");
    const names = ["λ", last ? "it ends here" : "this token", "most probable", "second", "third", "fourth", "fifth"];
    names.slice(0, 2 + data.tops[0][at].length).forEach((name) => head.append(element("th", "", name)));
    const top = element("thead");
    top.append(head);
    const body = element("tbody");
    data.lams.forEach((lam, row) => body.append(this.row(lam, row)));
    table.append(top, body);
    this.detail.replaceChildren(table);
  }

  row(lam, row) {
    const { data, at } = this;
    const line = element("tr", row === data.own ? "own" : "");
    line.append(element("th", "", lam.name), element("td", "", percent(data.probs[row][at])));
    data.tops[row][at].forEach(([text, p, same]) => {
      const box = element("td");
      box.append(element("span", same ? "same" : "other", shown(text)), element("small", "", percent(p)));
      box.title = JSON.stringify(text);
      line.append(box);
    });
    return line;
  }

  key(event) {
    const moves = { ArrowLeft: this.at - 1, ArrowRight: this.at + 1, Home: 0, End: this.data.tokens.length - 1 };
    if (!(event.key in moves) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    this.pick(moves[event.key], false);
    clearTimeout(this.later);
    this.later = setTimeout(() => this.component.setStateValue("at", this.at), 350);
  }
}
