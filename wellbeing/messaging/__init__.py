"""The outbox of texts and calls, and what became of them; sole user of the telephony port."""
