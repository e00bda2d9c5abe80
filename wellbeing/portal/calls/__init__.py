"""Calls at the portal: the phone in the browser, live calls, and what is done during one."""
