"""Start of the simulator: command line, ticker, server."""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from werkzeug.serving import make_server

from wellbeing.simulator.app import create_simulator
from wellbeing.simulator.core import Core
from wellbeing.simulator.settings import TEST_ACCOUNT, Hooks, Phone, Settings
from wellbeing.simulator.web import EXTENSION

logger = logging.getLogger(__name__)
_TICK_SECONDS = 0.1
_PHONES_HELP = 'JSON file: [{"number": "+86…", "label": "…", "authenticator"?: base32}, …]'


def parse(*, arguments: Sequence[str]) -> argparse.Namespace:
    """Read the command line."""
    usual = Settings()
    parser = argparse.ArgumentParser(prog="python -m wellbeing.simulator")
    add = parser.add_argument
    add("--host", default="127.0.0.1")
    add("--port", type=int, default=5001)
    add("--account-sid", default=TEST_ACCOUNT)
    add("--auth-token", default=usual.auth_token)
    add("--public-base-url", default=usual.public_base_url)
    add("--number", action="append", help="a number of the account; repeat for more")
    add("--voice-path", default=usual.hooks.voice)
    add("--text-path", default=usual.hooks.text)
    add("--call-status-path", default=usual.hooks.call_status)
    add("--voice-fallback-path", default="")
    add("--text-fallback-path", default="")
    add("--connection-overrides", default="", help="such as #rc=2&rp=ct,5xx,rt&ct=1000&rt=3500")
    add("--country-default", default=usual.country_default)
    add("--phone", action="append", default=[], help="+8613900000001=label; repeat for more")
    add("--phones", type=Path, help=_PHONES_HELP)
    add("--journal", type=Path, help="append all traffic to this file as JSON lines")
    add("--clock-file", default=os.environ.get("CLOCK_FILE"), help="offset of the clock in seconds")
    add("--no-ticker", action="store_true", help="nothing happens but by POST /control/settle")
    return parser.parse_args(arguments)


def settings_of(*, given: argparse.Namespace) -> Settings:
    """Turn the command line into settings."""
    return Settings(
        account_sid=given.account_sid,
        auth_token=given.auth_token,
        public_base_url=given.public_base_url,
        numbers=tuple(given.number or Settings().numbers),
        hooks=Hooks(
            voice=given.voice_path,
            text=given.text_path,
            call_status=given.call_status_path,
            voice_fallback=given.voice_fallback_path,
            text_fallback=given.text_fallback_path,
            overrides=given.connection_overrides,
        ),
        phones=(*_phones_in(given.phones), *map(_phone_of, given.phone)),
        journal_file=given.journal,
        clock_file=Path(given.clock_file) if given.clock_file else None,
        country_default=given.country_default,
    )


def main(*, arguments: Sequence[str]) -> None:
    """Serve until interrupted."""
    logging.basicConfig(level=logging.WARNING)
    given = parse(arguments=arguments)
    app = create_simulator(settings_of(given=given))
    if not given.no_ticker:
        core: Core = app.extensions[EXTENSION]
        threading.Thread(target=_tick, args=(core,), daemon=True, name="ticker").start()
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    server = make_server(given.host, given.port, app, threaded=True)
    sys.stdout.write(f"simulator: http://{given.host}:{server.server_port}/\n")
    sys.stdout.flush()
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.server_close()


def _tick(core: Core) -> None:
    pause = threading.Event()
    while not pause.wait(_TICK_SECONDS):
        try:
            core.tick()
        except Exception:
            logger.exception("an event of the simulator failed")


def _phone_of(text: str) -> Phone:
    number, _, label = text.partition("=")
    return Phone(number, label or number)


def _phones_in(path: Path | None) -> list[Phone]:
    if path is None:
        return []
    rows = json.loads(path.read_text(encoding="utf-8"))
    return [Phone(row["number"], row["label"], row.get("authenticator")) for row in rows]


if __name__ == "__main__":
    main(arguments=sys.argv[1:])
