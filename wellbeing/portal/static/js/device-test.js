// Tests microphone and speaker before a call does: a bar that moves with the voice, and two notes.
import { notes, unlock } from "./sounds.js";

const LASTS = 8000; // milliseconds that one listens
const LOUD = 0.02; // share of full scale that counts as a voice; a quiet room stays below

function level(analyser, samples) {
  analyser.getFloatTimeDomainData(samples);
  return Math.sqrt(samples.reduce((sum, one) => sum + one * one, 0) / samples.length);
}

async function listen(stream, meter) {
  const audio = await unlock();
  const analyser = audio.createAnalyser();
  const source = audio.createMediaStreamSource(stream);
  source.connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const until = performance.now() + LASTS;
  let loudest = 0;
  while (performance.now() < until) {
    const now = level(analyser, samples);
    loudest = Math.max(loudest, now);
    meter.value = Math.min(1, now * 5);
    await new Promise((resolve) => { window.setTimeout(resolve, 60); });
  }
  source.disconnect();
  meter.value = 0;
  return loudest;
}

async function test(root, button) {
  const result = root.querySelector("[data-test-result]");
  button.disabled = true;
  result.textContent = root.dataset.testRunning;
  let stream = null;
  try {
    await unlock();
    notes();
    stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    const loudest = await listen(stream, root.querySelector("meter"));
    result.textContent = loudest >= LOUD ? root.dataset.testHeard : root.dataset.testSilent;
  } catch { // refused, or there is none: the person is told what to do
    result.textContent = root.dataset.testRefused;
  }
  stream?.getTracks().forEach((track) => track.stop());
  button.disabled = false;
}

export function startDeviceTest() {
  const root = document.querySelector("[data-device-test]");
  const button = root?.querySelector("button");
  button?.addEventListener("click", () => test(root, button));
}
