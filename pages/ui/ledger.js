// The list of the flip ledger: a row an item, a square a λ. Text comes in as text and is set as
// text. Arrow keys move through items and λ; the server hears of the last move only.
export default function ({ data, parentElement, setTriggerValue }) {
  const list = parentElement.querySelector(".ledger");
  const words = data.words;
  // What was picked here counts until the server has heard of it: an answer to an earlier pick
  // may not take a later one back. Kept on the element, because every answer calls this anew.
  const state = (list.state ??= { key: null, column: 0, sent: 0, timer: null });
  const ahead = state.timer !== null || state.sent > data.heard;
  const own = ahead ? data.rows.findIndex((row) => row.key === state.key) : -1;
  let open = own >= 0 ? own : data.open;
  let column = own >= 0 ? state.column : data.column;

  const make = (tag, name, text) => {
    const made = document.createElement(tag);
    made.className = name;
    if (text !== undefined) made.textContent = text;
    return made;
  };

  const head = make("div", "row head");
  head.append(make("span", "item", "Item"), make("span", "asked", "Asked"));
  data.lams.forEach((lam, at) => {
    const label = make("span", "lam", lam);
    label.dataset.column = at;
    head.append(label);
  });

  // What all of them begin with tells nothing; the end of an id tells items apart.
  const first = data.rows[0]?.item ?? "";
  let shared = [...first].findIndex((_, at) => data.rows.some((row) => row.item[at] !== first[at]));
  shared = data.rows.length > 1 && shared > 0 ? first.slice(0, shared).lastIndexOf("-") + 1 : 0;

  const rows = data.rows.map((row, at) => {
    const made = make("div", "row item-row");
    made.setAttribute("role", "option");
    made.id = `ledger-${at}`;
    made.title = `${row.item}: ${row.asked}`;
    const item = make("span", "item");
    item.append(make("bdi", "", row.item.slice(shared)));
    made.append(item, make("span", "asked", row.asked || row.item));
    [...row.marks].forEach((mark, place) => {
      const cell = make("span", `mark m${mark}`, words[mark].sign);
      cell.title = `λ = ${data.lams[place]}: ${words[mark].text}`;
      cell.dataset.column = place;
      made.append(cell);
    });
    const said = [...row.marks].map((mark, place) => `${data.lams[place]} ${words[mark].text}`);
    made.setAttribute("aria-label", `${row.item}. ${said.join(", ")}`);
    made.onclick = (event) => {
      const place = event.target.dataset.column;
      if (place !== undefined) column = Number(place);
      open = at;
      show();
      send(0);
    };
    return made;
  });

  const show = () => {
    rows.forEach((row, at) => {
      row.classList.toggle("open", at === open);
      row.setAttribute("aria-selected", String(at === open));
    });
    list.querySelectorAll(".here").forEach((one) => one.classList.remove("here"));
    list.querySelectorAll(`[data-column="${column}"]`).forEach((one) => one.classList.add("here"));
    const row = rows[open];
    if (!row) return list.removeAttribute("aria-activedescendant");
    list.setAttribute("aria-activedescendant", row.id);
    const top = row.offsetTop - head.offsetHeight, bottom = row.offsetTop + row.offsetHeight;
    if (list.scrollTop > top) list.scrollTop = top;
    if (list.scrollTop + list.clientHeight < bottom) list.scrollTop = bottom - list.clientHeight;
    const cell = head.children[column + 2], text = head.children[1];
    const left = cell.offsetLeft - text.offsetLeft - text.offsetWidth;
    const right = cell.offsetLeft + cell.offsetWidth + 8;
    if (list.scrollLeft > left) list.scrollLeft = left;
    if (list.scrollLeft + list.clientWidth < right) list.scrollLeft = right - list.clientWidth;
  };

  const send = (wait) => {
    clearTimeout(state.timer);
    state.key = data.rows[open].key;
    state.column = column;
    state.timer = setTimeout(() => {
      state.timer = null;
      state.sent = Date.now();
      setTriggerValue("picked", { key: state.key, column: state.column, sent: state.sent });
    }, wait);
  };

  list.onkeydown = (event) => {
    const down = { ArrowDown: 1, ArrowUp: -1 }[event.key] ?? 0;
    const side = { ArrowRight: 1, ArrowLeft: -1 }[event.key] ?? 0;
    if (!(down || side) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    const to = (open ?? -down) + down;
    if (to < 0 || to >= rows.length) return setTriggerValue("turned", down);
    open = to;
    column = Math.min(Math.max(column + side, 0), data.lams.length - 1);
    show();
    send(90);
  };

  const scrolled = list.dataset.page === data.page ? list.scrollTop : 0, across = list.scrollLeft;
  list.dataset.page = data.page;
  list.style.height = `${data.height}px`;
  list.style.setProperty("--lams", data.lams.length);
  list.replaceChildren(head, ...rows);
  list.scrollTop = scrolled;
  list.scrollLeft = across;
  show();
}
