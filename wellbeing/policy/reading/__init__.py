"""From TOML to shapes, one module per file in `config/`; `loader` puts them together."""
