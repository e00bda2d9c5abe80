// Starts what a page needs. Each part looks for its own data-* marks and does nothing where there are none.
import { startCanned } from "./canned.js";
import { startChat } from "./chat.js";
import { startClocks } from "./clocks.js";
import { startDrafts } from "./drafts.js";
import { startKeyboard } from "./keyboard.js";
import { startMenus } from "./menus.js";
import { startOnce } from "./once.js";
import { startQueue } from "./queue.js";
import { startQuickHide } from "./quickhide.js";

startQuickHide();
startMenus();
startKeyboard();
startClocks();
startDrafts();
startOnce(); // after the drafts, which may hold a form back
startQueue();
startChat();
startCanned();
