// Draws the last five minutes as the server tells them. The numbers of a chart stand in its table as well.
"use strict";

const MINUTES = 5;
const LEFT = 36, RIGHT = 416, TOP = 8, BOTTOM = 150, TICKS = 4;

const page = document.getElementById("monitoring");
const charts = [...document.querySelectorAll("[data-live]")];
let readings = [];

/** One, two, four or five times a power of ten, as the charts of the history have it. */
function ceiling(most) {
  if (most <= 0) return TICKS;
  const power = 10 ** Math.floor(Math.log10(most));
  return [1, 2, 4, 5, 10].map((factor) => power * factor).find((end) => end >= most);
}

function text(value) {
  return value === null || value === undefined ? "–" : String(Number(value.toPrecision(3)));
}

/** The line is broken where nothing was measured, and where no reading came for a while. */
function line(name, top, now) {
  let path = "", before = null;
  for (const { at, values } of readings) {
    const value = values[name];
    if (value === null || value === undefined) {
      before = null;
      continue;
    }
    const x = RIGHT - ((RIGHT - LEFT) * (now - at)) / (MINUTES * 60000);
    const y = BOTTOM - ((BOTTOM - TOP) * value) / top;
    const joined = before !== null && at - before < 20000;
    path += `${joined ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}${joined ? "" : "h0"}`;
    before = at;
  }
  return path;
}

function draw(chart) {
  const lines = [...chart.querySelectorAll("[data-series]")];
  const names = lines.map((path) => path.dataset.series);
  const top = ceiling(Math.max(0, ...readings.flatMap(({ values }) => names.map((name) => values[name] ?? 0))));
  chart.classList.toggle("is-empty", !readings.some(({ values }) => names.some((name) => values[name] != null)));
  const now = readings.length ? readings[readings.length - 1].at : Date.now();
  lines.forEach((path) => path.setAttribute("d", line(path.dataset.series, top, now)));
  chart.querySelectorAll(".scale").forEach((label, tick) => (label.textContent = text((top * tick) / TICKS)));
  const latest = readings.length ? readings[readings.length - 1].values : {};
  for (const shown of chart.querySelectorAll("[data-now]")) shown.textContent = text(latest[shown.dataset.now]);
  const titles = [...chart.querySelectorAll("thead th")].slice(1).map((cell) => cell.textContent);
  chart.querySelector("desc").textContent = titles
    .map((title, place) => `${title}: ${text(latest[names[place]])} now`).join(", ");
  fill(chart.querySelector("tbody"), names);
}

function fill(body, names) {
  body.replaceChildren(...[...readings].reverse().map(({ at, values }) => {
    const row = document.createElement("tr");
    const time = document.createElement("th");
    time.scope = "row";
    time.textContent = new Date(at).toISOString().slice(11, 19);
    row.append(time, ...names.map((name) => {
      const cell = document.createElement("td");
      cell.textContent = text(values[name]);
      return cell;
    }));
    return row;
  }));
}

function showHealth({ status, detail, checks }) {
  const tile = document.querySelector("[data-status]");
  tile.className = `status is-${status}`;
  tile.querySelector("strong").textContent = status[0].toUpperCase() + status.slice(1);
  const sentence = tile.querySelector("[role=status]");
  // It is read out whenever it is written.
  if (sentence.textContent !== detail) sentence.textContent = detail;
  for (const [part, state] of Object.entries(checks)) {
    const own = document.querySelector(`[data-part="${part}"]`);
    own.dataset.state = state;
    own.querySelector("strong").textContent = state;
  }
}

let waiting = null;

/** Many readings come at once in the beginning; they are drawn once. */
function drawSoon() {
  waiting ??= requestAnimationFrame(() => {
    waiting = null;
    charts.forEach(draw);
  });
}

function listen() {
  const connection = document.getElementById("connection");
  const source = new EventSource(page.dataset.events);
  source.addEventListener("open", () => {
    readings = [];
    connection.textContent = "Live";
  });
  source.addEventListener("error", () => {
    connection.textContent = "The connection is lost; trying again …";
  });
  source.addEventListener("reading", (event) => {
    const { at, values } = JSON.parse(event.data);
    const time = Date.parse(at);
    readings = [...readings, { at: time, values }].filter((reading) => time - reading.at <= MINUTES * 60000);
    drawSoon();
  });
  source.addEventListener("health", (event) => showHealth(JSON.parse(event.data)));
}

if (page) listen();
