"""Repeatable load benches; `benchmarks/README.md` says what each figure means."""
