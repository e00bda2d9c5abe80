"""The carrier's door: signed webhooks in, REST requests out; the only importer of `twilio`."""
