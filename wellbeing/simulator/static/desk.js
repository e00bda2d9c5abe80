// The desk: asks the simulator for its phones, keeps each in its place, says when something fails.

import { Card } from "./phone.js";
import { readAloud, ring } from "./sound.js";

const words = JSON.parse(document.body.dataset.words);
const notice = document.getElementById("notice");
const find = document.getElementById("find");
const places = Object.fromEntries(["attention", "callers", "staff"].map((name) => [name, document.getElementById(name)]));
const cards = new Map();
const POLL_MS = 700;
let reachable = true;

function say(text) {
  notice.textContent = text;
  notice.hidden = !text;
}

async function post(url, body) {
  const answer = await fetch(url, {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body ?? {}),
  });
  if (!answer.ok) {
    const { problem } = await answer.json().catch(() => ({}));
    say(words[`problem_${problem}`] ?? words.problem_other);
  } else {
    say("");
  }
  await refresh();
  return answer.ok;
}

function cardOf(phone) {
  if (!cards.has(phone.number)) {
    const address = `handsets/${encodeURIComponent(phone.number)}`;
    cards.set(phone.number, new Card(phone, (action, body) => post(`${address}/${action}`, body)));
  }
  return cards.get(phone.number);
}

// A phone that rings moves up and stays there until it is put down; one that dials stays where it is.
function placeOf(card) {
  const isUp = card.element.parentElement?.parentElement === places.attention;
  const staysUp = isUp && card.phone.state !== "idle";
  if (card.phone.state === "ringing" || staysUp) return places.attention;
  return card.isStaff ? places.staff : places.callers;
}

// Tells whether the card had to be moved; a list inside forgets then how far it was scrolled.
function put(card) {
  const row = placeOf(card).querySelector(".phones");
  if (card.element.parentElement === row) return false;
  const focused = card.element.contains(document.activeElement) ? document.activeElement : null;
  const order = [...cards.values()].map((each) => each.element);
  const next = [...row.children].find((other) => order.indexOf(other) > order.indexOf(card.element));
  row.insertBefore(card.element, next ?? null);
  focused?.focus();
  return true;
}

function filter() {
  const wanted = find.value.trim().toLowerCase();
  let found = 0;
  cards.forEach((card) => {
    const isFound = card.phone.state === "ringing" || card.matches(wanted);
    card.element.hidden = !isFound;
    found += isFound;
  });
  Object.values(places).forEach((place) => {
    place.hidden = !place.querySelector(".phone:not([hidden])");
  });
  document.getElementById("found-none").hidden = found > 0 || cards.size === 0;
  document.getElementById("no-phones").hidden = cards.size > 0;
}

function draw(phones) {
  const moved = [];
  phones.forEach((phone) => {
    const card = cardOf(phone);
    card.draw(phone);
    if (put(card)) moved.push(card);
    readAloud(phone);
  });
  const ringing = phones.filter((phone) => phone.state === "ringing");
  document.title = ringing.length ? `${words.ringing} · ${ringing[0].label}` : words.title;
  ring(ringing.length > 0);
  filter();
  moved.forEach((card) => card.showNewest());
}

async function refresh() {
  let phones;
  try {
    phones = (await (await fetch("handsets")).json()).handsets;
  } catch {
    reachable = false;
    say(words.lost);
    return;
  }
  draw(phones);
  if (!reachable) say("");
  reachable = true;
}

document.getElementById("add-phone").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.currentTarget;
  const { number, label } = Object.fromEntries(new FormData(form));
  if (await post("handsets", { number: number.trim(), label: label.trim() })) form.reset();
});

find.addEventListener("input", filter);

async function watch() {
  try {
    await refresh();
  } finally {
    window.setTimeout(watch, POLL_MS);
  }
}

watch();
