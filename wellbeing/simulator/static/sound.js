// What can be heard at the desk: prompts read aloud and a ringing tone, each only if asked for.

const speak = document.getElementById("speak");
const ringSound = document.getElementById("ring-sound");
const spoken = new Map();
let audio = null;
let tone = null;

function hasSpeech() {
  return "speechSynthesis" in window;
}

/** Reads what a phone has heard since the last time; what was heard before the page came is left. */
export function readAloud(phone) {
  const from = spoken.get(phone.number) ?? phone.heard.length;
  spoken.set(phone.number, phone.heard.length);
  if (!speak.checked || !hasSpeech()) return;
  phone.heard.slice(from).filter((one) => one.kind === "say").forEach((one) => {
    const utterance = new SpeechSynthesisUtterance(one.text);
    utterance.lang = one.language.replace("cmn", "zh");
    window.speechSynthesis.speak(utterance);
  });
}

/** Starts or ends the ringing tone. */
export function ring(isRinging) {
  const wanted = isRinging && ringSound.checked;
  if (wanted === (tone !== null)) return;
  if (!wanted) {
    tone.stop();
    tone = null;
    return;
  }
  audio ??= new AudioContext();
  const volume = audio.createGain();
  volume.gain.value = 0.05;
  volume.connect(audio.destination);
  tone = audio.createOscillator();
  tone.frequency.value = 450;
  tone.connect(volume);
  tone.start();
}

speak.addEventListener("change", () => {
  if (!speak.checked && hasSpeech()) window.speechSynthesis.cancel();
});
