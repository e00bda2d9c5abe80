// Sounds made by the browser itself: a soft ring while a call waits to be answered, and two notes to test a speaker.
const EVERY = 2500; // milliseconds from one ring to the next
const NOTES = [523.25, 659.25]; // two soft notes, a third apart

let audio = null; // made at a click: browsers allow no sound before one
let ringing = null;

/** Allow sounds from now on; call it in a click. */
export async function unlock() {
  audio ??= new AudioContext();
  await audio.resume();
  return audio;
}

export function notes() {
  if (audio === null) return;
  const at = audio.currentTime;
  const volume = audio.createGain();
  volume.gain.setValueAtTime(0, at);
  volume.gain.linearRampToValueAtTime(0.25, at + 0.03);
  volume.gain.exponentialRampToValueAtTime(0.001, at + 1.1);
  volume.connect(audio.destination);
  NOTES.forEach((pitch, index) => {
    const note = audio.createOscillator();
    note.frequency.value = pitch;
    note.connect(volume);
    note.start(at + index * 0.25);
    note.stop(at + 1.1);
  });
}

export function ring(on) {
  if (on === (ringing !== null)) return;
  if (on) {
    notes();
    ringing = window.setInterval(notes, EVERY);
  } else {
    window.clearInterval(ringing);
    ringing = null;
  }
}
