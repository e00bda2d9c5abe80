"""A browser without a screen: pages, their forms filled in and sent, as a person would."""

from __future__ import annotations

from dataclasses import dataclass, field

import pyotp
from flask import Flask
from flask.testing import FlaskClient
from lxml import html

from wellbeing.foundation import clock

SIGN_IN = "/sign-in"


@dataclass
class Browser:
    """One signed-in person's browser."""

    app: Flask
    client: FlaskClient = field(init=False)
    url: str = ""
    page: str = ""

    def __post_init__(self) -> None:
        self.client = self.app.test_client()

    def opens(self, url: str) -> str:
        """Open a page; fail unless it is there."""
        answer = self.client.get(
            url, base_url=self.app.config["PUBLIC_BASE_URL"], follow_redirects=True
        )
        assert answer.status_code == 200, f"{url}: {answer.status_code}"
        self.url, self.page = answer.request.path, answer.get_data(as_text=True)
        return self.page

    def status_of(self, url: str) -> int:
        """Tell what a page answers."""
        return self.client.get(url, base_url=self.app.config["PUBLIC_BASE_URL"]).status_code

    def sends(self, action: str, **fields: object) -> str:
        """Fill in the form of this page whose address ends with `action`, and send it."""
        form = next(
            (one for one in html.fromstring(self.page).forms if self._is(one, action)), None
        )
        assert form is not None, f"{self.url} has no form {action}"
        data = self._filled(form, fields)
        answer = self.client.post(
            form.action or self.url,
            data=data,
            base_url=self.app.config["PUBLIC_BASE_URL"],
            headers={"Referer": self.app.config["PUBLIC_BASE_URL"] + self.url},
            follow_redirects=True,
        )
        self.url, self.page = answer.request.path, answer.get_data(as_text=True)
        assert answer.status_code == 200, f"{action}: {answer.status_code} {self.words()}"
        return self.page

    def sees(self, *parts: str) -> None:
        """Fail unless the page holds every part."""
        missing = [part for part in parts if part not in self.words()]
        assert missing == [], f"{self.url}: {missing} not in {self.words()}"

    def words(self) -> str:
        """Give the text of the page's main part."""
        main = html.fromstring(self.page).xpath("//main")
        return " ".join((main[0] if main else html.fromstring(self.page)).text_content().split())

    def link(self, part: str) -> str:
        """Give the first link of the page whose address holds `part`."""
        found = [a for a in html.fromstring(self.page).xpath("//a/@href") if part in a]
        assert found, f"{self.url} has no link with {part}"
        return str(found[0])

    def signs_in(self, *, username: str, password: str, totp_secret: str) -> None:
        """Sign in with password and code, as on any night."""
        self.opens(SIGN_IN)
        self.sends(SIGN_IN, username=username, password=password)
        self.sends("/second-factor", code=pyotp.TOTP(totp_secret).at(clock.real_now()))

    @staticmethod
    def _filled(form: html.FormElement, fields: dict[str, object]) -> dict[str, list[object]]:
        """Fill in the form's own fields; a prefix of the form may be left out of their names."""
        data: dict[str, list[object]] = {}
        empty = {one.name for one in form.xpath(".//input[@type='radio'][@value='']")}
        for name, value in form.form_values():
            # lxml gives "on" for a chosen radio button whose value is empty.
            data.setdefault(name, []).append("" if value == "on" and name in empty else value)
        known = set(form.inputs.keys())
        for name, value in fields.items():
            found = [one for one in known if one == name or one.endswith(f"-{name}")]
            assert len(found) == 1, f"{form.action} has no field {name} among {sorted(known)}"
            data[found[0]] = [value]
        return data

    def _is(self, form: html.FormElement, action: str) -> bool:
        return str(form.action or self.url).split("?")[0].endswith(action)
